import type { AgentStatus } from '../../model/agent-status.ts';
import { quorumOf } from '../../model/member.ts';
import { missesQuorum } from './attention.ts';
import { quoted } from './condition-reasons.ts';
import type { Finding } from './conditions.ts';
import { formationOf } from './formation.ts';
import { freshStatus, isSilent, saysItServes, servesClients } from './member-health.ts';
import { mayVote, membershipOf } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { wantedSize } from './plan-size.ts';

/** Voters that start find each other within seconds; longer than this is no start any more. */
const START_MS_MAX = 30_000;

/** Whether a cluster that had a quorum has none. An election of a second is no loss, nor is a start. */
export function quorumLost(observed: ObservedCluster): Finding {
  if (formationOf(observed) !== 'Formed' || wantedSize(observed) === 0) {
    return answer('False', 'NoQuorumWanted', 'No quorum is needed yet, or any more.');
  }
  const words = observed.pods.flatMap((pod) => {
    const word = freshStatus(observed, pod);
    return word === undefined ? [] : [{ pod, word }];
  });
  // One that is ready has just read with a quorum.
  if (
    observed.pods.some((pod) => servesClients(observed, pod)) ||
    words.some(({ word }) => saysItServes(observed, word))
  ) {
    return answer('False', 'QuorumServes', 'A quorum of the voters answers.');
  }
  const complaint = words.find(
    ({ pod, word }) => missesQuorum(word.decision.reason) && !isStarting(observed, pod, word),
  );
  if (complaint !== undefined) {
    const { reason, message } = complaint.word.decision;
    const remedy = 'Nothing is changed until a quorum is back: bring its Pods and volumes back.';
    return answer('True', quoted(reason), `${message} ${remedy}`);
  }
  return words.length === 0
    ? answer('Unknown', 'NobodyHeard', 'No member serves, and no agent answers.')
    : answer('False', 'MembersStarting', 'No member serves yet, and none has missed the others for long.');
}

/** Who has just started, or did not serve yet, misses a quorum of which enough may just be starting, too. */
function isStarting(observed: ObservedCluster, pod: ObservedPod, { etcd, decision }: AgentStatus): boolean {
  const { nowMs } = observed;
  const isNew = nowMs - pod.createdAtMs <= START_MS_MAX;
  const sinceMs = nowMs - Date.parse(decision.since);
  const voters = membershipOf(observed).members.filter(mayVote);
  const coming = voters.filter(({ name }) =>
    observed.pods.some((each) => each.name === name && mayCome(observed, each)),
  );
  return (
    (isNew || etcd.state !== 'running') && sinceMs <= START_MS_MAX && coming.length >= quorumOf(voters.length)
  );
}

/** Whether the voter in this Pod may be about to serve: it has its data, or has not spoken yet. */
function mayCome(observed: ObservedCluster, pod: ObservedPod): boolean {
  if (pod.deleting || pod.trouble !== undefined) {
    return false;
  }
  return freshStatus(observed, pod)?.hasData ?? !isSilent(observed, pod);
}

function answer(status: Finding['status'], reason: Finding['reason'], message: string): Finding {
  return { type: 'QuorumLost', status, reason, message };
}
