import type { AgentStatus } from '../../model/agent-status.ts';
import { quorumOf } from '../../model/member.ts';
import { missesQuorum } from './attention.ts';
import { type ConditionReason, quoted } from './condition-reasons.ts';
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
  const isGoing = observed.cluster.metadata.deletionTimestamp !== undefined;
  if (formationOf(observed) !== 'Formed' || wantedSize(observed) === 0 || isGoing) {
    return answer('False', 'NoQuorumWanted', 'No quorum is needed yet, or any more.');
  }
  const words = observed.pods.flatMap((pod) => freshStatus(observed, pod) ?? []);
  // One that is ready has just read with a quorum.
  if (
    observed.pods.some((pod) => servesClients(observed, pod)) ||
    words.some((word) => saysItServes(observed, word))
  ) {
    return answer('False', 'QuorumServes', 'A quorum of the voters answers.');
  }
  const complaint = words.find((word) => missesQuorum(word.decision.reason) && !isStarting(observed, word));
  if (complaint !== undefined) {
    const { reason, message } = complaint.decision;
    const remedy = 'Nothing is changed until a quorum is back: bring its Pods and volumes back.';
    return answer('True', quoted(reason), `${message} ${remedy}`);
  }
  return words.length === 0
    ? answer('Unknown', 'NobodyHeard', 'No member serves, and no agent answers.')
    : answer('False', 'MembersStarting', 'No member serves yet, and none has missed the others for long.');
}

/** While nobody serves yet, who misses a quorum may only wait for those that are starting, too. */
function isStarting(observed: ObservedCluster, { etcd, decision }: AgentStatus): boolean {
  const before = observed.cluster.status?.conditions?.find(({ type }) => type === 'QuorumLost');
  const served = before?.status === 'True' || before?.reason === ('QuorumServes' satisfies ConditionReason);
  const isStart = etcd.state !== 'running' || !served;
  const sinceMs = observed.nowMs - Date.parse(decision.since);
  const { members, source } = membershipOf(observed);
  const coming = observed.pods.filter((pod) => mayCome(observed, pod)).map(({ name }) => name);
  // Who waits with nothing is no voter of a cluster that was formed a moment ago, which the record alone says.
  const voters = source === 'nobody' ? coming : members.filter(mayVote).map(({ name }) => name);
  return (
    isStart &&
    sinceMs <= START_MS_MAX &&
    voters.filter((name) => coming.includes(name)).length >= quorumOf(voters.length)
  );
}

/** Whether the voter in this Pod may be about to serve: it has data, or has not said yet that there is none. */
function mayCome(observed: ObservedCluster, pod: ObservedPod): boolean {
  if (pod.deleting) {
    return false;
  }
  const status = freshStatus(observed, pod);
  return status === undefined
    ? !isStuck(observed, pod) && !isSilent(observed, pod)
    : status.etcd.state !== 'at-gate' || status.hasData || status.data !== null;
}

/** A warning about a Pod that is just being made, such as a mount that a busy kubelet tries again, is no end of it. */
function isStuck({ nowMs }: ObservedCluster, { trouble, createdAtMs }: ObservedPod): boolean {
  return trouble !== undefined && (trouble.warned !== true || nowMs - createdAtMs > START_MS_MAX);
}

function answer(status: Finding['status'], reason: Finding['reason'], message: string): Finding {
  return { type: 'QuorumLost', status, reason, message };
}
