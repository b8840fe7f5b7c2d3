import { needsHuman, saysDataDiffers } from './attention.ts';
import { quoted } from './condition-reasons.ts';
import type { Finding } from './conditions.ts';
import { recordRemedy } from './failure.ts';
import { formationOf } from './formation.ts';
import { freshStatus, isSilent, saysItServes, servesClients, whyUnhealthy } from './member-health.ts';
import { mayVote, membershipOf } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { wantedSize } from './plan-size.ts';
import { whatItSays } from './what-it-says.ts';

type Part = Pick<Finding, 'reason' | 'message'>;

/** Whether a formed cluster has less than it should: the worst first, and everything in one message. */
export function degraded(observed: ObservedCluster): Finding {
  if (formationOf(observed) !== 'Formed' || wantedSize(observed) === 0) {
    return answer('False', {
      reason: 'NotRunning',
      message: 'No member has to be healthy yet, or any more.',
    });
  }
  const parts = [
    ...complaints(observed, saysDataDiffers),
    ...recordGone(observed),
    ...votersUnhealthy(observed),
    ...complaints(observed, (reason) => needsHuman(reason) && !saysDataDiffers(reason)),
    ...silent(observed),
  ];
  const [worst] = parts;
  if (worst !== undefined) {
    const message = parts.map((part) => part.message).join(' ');
    return answer('True', { reason: worst.reason, message });
  }
  return membershipOf(observed).source === 'nobody'
    ? answer('Unknown', { reason: 'MembersUnknown', message: 'No agent has said yet who is a member.' })
    : answer('False', { reason: 'AllVotersServe', message: 'Every voter that is listed serves.' });
}

function answer(status: Finding['status'], part: Part): Finding {
  return { type: 'Degraded', status, ...part };
}

function complaints(observed: ObservedCluster, matters: (reason: string) => boolean): readonly Part[] {
  return observed.pods.flatMap((pod) => {
    const reason = freshStatus(observed, pod)?.decision.reason;
    const message = whatItSays(observed, pod);
    return reason !== undefined && message !== undefined && matters(reason)
      ? [{ reason: quoted(reason), message }]
      : [];
  });
}

/** With the record gone members resume and serve, but none can join or heal. */
function recordGone(observed: ObservedCluster): readonly Part[] {
  return observed.record.kind === 'present'
    ? []
    : [{ reason: 'FormationUnknown', message: recordRemedy(observed) }];
}

/**
 * Voters that stay and do not serve. Where its kubelet sees none of that, the leader's agent may: it sees a
 * member fail sooner, and partitions that no kubelet sees.
 */
function votersUnhealthy(observed: ObservedCluster): readonly Part[] {
  const size = wantedSize(observed);
  const voters = membershipOf(observed).members.filter(
    (member) => mayVote(member) && (member.ordinal ?? 0) < size,
  );
  const sick = voters.flatMap(({ name }) => {
    const pod = observed.pods.find((each) => each.name === name);
    return pod !== undefined && serves(observed, pod) ? [] : [whyDown(observed, name, pod)];
  });
  return sick.length === 0
    ? complaints(observed, (reason) => reason === 'MemberUnhealthy')
    : [
        {
          reason: 'VotersUnhealthy',
          message: `${sick.length} of ${voters.length} voters ${sick.length === 1 ? 'does' : 'do'} not serve: ${sick.join(', ')}.`,
        },
      ];
}

/** By its kubelet, or by its agent, which is the sooner one after a start. */
function serves(observed: ObservedCluster, pod: ObservedPod): boolean {
  const status = freshStatus(observed, pod);
  return (
    servesClients(observed, pod) || (!pod.deleting && status !== undefined && saysItServes(observed, status))
  );
}

function whyDown(observed: ObservedCluster, name: string, pod: ObservedPod | undefined): string {
  return `${name} (${pod === undefined ? 'it has no Pod' : whyUnhealthy(observed, pod)})`;
}

/** etcd serves without its agent; it only cannot restart, join or leave. */
function silent(observed: ObservedCluster): readonly Part[] {
  const names = observed.pods
    .filter((pod) => servesClients(observed, pod) && isSilent(observed, pod))
    .map(({ name }) => name);
  return names.length === 0
    ? []
    : [
        {
          reason: 'AgentsSilent',
          message: `The agent${names.length === 1 ? '' : 's'} of ${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} not answer; etcd there serves all the same.`,
        },
      ];
}
