import { formationOf } from './formation.ts';
import { freshStatus, isHealthyVoter } from './member-health.ts';
import { type ListedMember, mayVote, membershipOf } from './membership.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { gapAt, nameGaps, ordinalsOf } from './wholeness.ts';

/** How many Pods the StatefulSet shall have, and why not as many as are wanted. */
export type SizePlan = {
  readonly replicas: number;
  readonly held?: { readonly reason: HeldReason; readonly message: string };
};

export type HeldReason = 'ScaleInUnsafe' | 'UpgradeUnderWay' | 'ResumingMembers';

/** The size of a cluster whose spec says nothing. */
export const SIZE_DEFAULT = 3;

/** The size that is asked for. */
export function wantedSize({ cluster }: Pick<ObservedCluster, 'cluster'>): number {
  return cluster.spec.size ?? SIZE_DEFAULT;
}

/**
 * The size goes straight to what is wanted: the agents serialise themselves. Three things wait:
 * - shrinking, while a voter that stays is not healthy, since each that leaves then costs one of those that
 *   quorum needs; and while one that leaves could linger and keep its vote;
 * - any change, while members of two versions run; but not where the rollout itself waits for one that leaves;
 * - coming back smaller than before from hibernation: first all members resume, then the surplus leaves.
 *
 * Zero is hibernation: nobody leaves, so there is nothing to be unsafe.
 */
export function planSize(observed: ObservedCluster, isVersionRolling: boolean): SizePlan {
  const wanted = wantedSize(observed);
  const current = observed.statefulSet?.replicas ?? 0;
  if (wanted === 0 || wanted === current) {
    return { replicas: wanted };
  }
  if (current === 0) {
    return planStart(observed, wanted);
  }
  const waits = wanted < current ? whyNotShrink(observed, wanted) : undefined;
  if (waits !== undefined) {
    return held(current, 'ScaleInUnsafe', `Not going from ${current} to ${wanted}: ${waits}`);
  }
  const mixes = isVersionRolling && formationOf(observed) === 'Formed';
  return mixes && !freesRollout(observed, wanted)
    ? held(
        current,
        'UpgradeUnderWay',
        `Going from ${current} to ${wanted} once all members run the same version.`,
      )
    : { replicas: wanted };
}

/** A first start, or the end of hibernation, where fewer Pods than voters would never find a quorum. */
function planStart(observed: ObservedCluster, wanted: number): SizePlan {
  const before = formationOf(observed) === 'Formed' ? sizeBefore(observed) : 0;
  return before > wanted
    ? held(
        before,
        'ResumingMembers',
        `The cluster has members up to ${observed.cluster.metadata.name}-${before - 1}: all of them resume, then it shrinks to ${wanted}.`,
      )
    : { replicas: wanted };
}

/** The size that every voter has its Pod in; by the volumes where no list is left. */
function sizeBefore(observed: ObservedCluster): number {
  const { members, source } = membershipOf(observed);
  const { uid } = observed.cluster.metadata;
  const ordinals =
    source === 'nobody'
      ? observed.claims
          .filter((claim) => !claim.deleting && (claim.clusterUid ?? uid) === uid)
          .map(({ ordinal }) => ordinal)
      : members.filter(mayVote).map(({ ordinal }) => ordinal ?? -1);
  return Math.max(-1, ...ordinals) + 1;
}

/** Why a smaller size is not safe now, in a sentence. */
function whyNotShrink(observed: ObservedCluster, wanted: number): string | undefined {
  const { record } = observed;
  if (record.kind === 'present' && record.record.phase === 'Unformed') {
    return undefined;
  }
  if (record.kind === 'present' && record.record.phase === 'Forming') {
    const { ordinal } = record.record.seed;
    return ordinal < wanted
      ? undefined
      : `${observed.cluster.metadata.name}-${ordinal} would leave, and it is just forming the cluster.`;
  }
  const { members, source } = membershipOf(observed);
  const leaving = members.filter((member) => mayVote(member) && (member.ordinal ?? wanted) >= wanted);
  if (source === 'voter' && leaving.length === 0 && !anyVoterFrom(observed, wanted)) {
    return undefined;
  }
  const sick = ordinalsOf(wanted).flatMap((ordinal) => gapAt(observed, ordinal));
  if (sick.length > 0) {
    return `of those that stay, ${nameGaps(sick)} ${sick.length === 1 ? 'is' : 'are'} not a healthy voter.`;
  }
  const lingering = leaving.filter((member) => mayLinger(observed, member)).map(({ name }) => name);
  return lingering.length < wanted
    ? undefined
    : `${lingering.join(', ')} would keep a vote, since nobody there answers, and the ${wanted} that stay would be no quorum; once its node is certainly off, delete its Pod by force.`;
}

/** Whether a Pod at this ordinal or above says that its etcd votes. */
function anyVoterFrom(observed: ObservedCluster, ordinal: number): boolean {
  return observed.pods.some((pod) => {
    const etcd = freshStatus(observed, pod)?.etcd;
    return pod.ordinal >= ordinal && etcd?.state === 'running' && !etcd.isLearner;
  });
}

/**
 * A voter that is down is removed by the leader's agent once its Pod is gone. A Pod on a node that is lost
 * may never go; where no agent answers, that has to be assumed. A member of another name is nobody's to remove.
 */
function mayLinger(observed: ObservedCluster, member: ListedMember): boolean {
  const pod = observed.pods.find((each) => each.ordinal === member.ordinal);
  return pod === undefined
    ? member.ordinal === undefined
    : pod.nodeName !== undefined && freshStatus(observed, pod) === undefined;
}

/** Whether the rollout waits for a member that leaves. */
function freesRollout(observed: ObservedCluster, wanted: number): boolean {
  const current = observed.statefulSet?.replicas ?? 0;
  return ordinalsOf(current)
    .slice(wanted)
    .some((ordinal) => {
      const pod = observed.pods.find((each) => each.ordinal === ordinal);
      return pod === undefined || !isHealthyVoter(observed, pod);
    });
}

function held(replicas: number, reason: HeldReason, message: string): SizePlan {
  return { replicas, held: { reason, message } };
}
