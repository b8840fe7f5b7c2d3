import { quorumOf } from '../../model/member.ts';
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

export type HeldReason =
  | 'ScaleInUnsafe'
  | 'ScalingInSteps'
  | 'UpgradeUnderWay'
  | 'ResumingMembers'
  | 'SurveyingVolumes';

/** A kubelet that is done with a Pod sets the end of its time to now, in whole seconds, and then removes it. */
const LAST_MOMENTS_MS = 5_000;

/** The size of a cluster whose spec says nothing. */
export const SIZE_DEFAULT = 3;

/** The size that is asked for. */
export function wantedSize({ cluster }: Pick<ObservedCluster, 'cluster'>): number {
  return cluster.spec.size ?? SIZE_DEFAULT;
}

/**
 * The size goes straight to what is wanted: the agents serialise themselves. Some things wait:
 * - shrinking, while a voter that stays is not healthy, since each that leaves then costs one of those that
 *   quorum needs; and while one that leaves could linger and keep its vote;
 * - shrinking beyond a quorum of those that are listed: a Pod ends whatever its hook could do, and if none could
 *   leave, those that stay must be able to remove them;
 * - any change, while members of two versions run; but not where the rollout itself waits for one that leaves;
 * - coming back smaller than before from hibernation: first all members resume, then the surplus leaves;
 * - everything, while a human has yet to say what becomes of old data: all of it is looked at.
 *
 * Zero is hibernation: nobody leaves, so there is nothing to be unsafe.
 */
export function planSize(observed: ObservedCluster, isVersionRolling: boolean): SizePlan {
  const wanted = wantedSize(observed);
  const current = observed.statefulSet?.replicas ?? 0;
  if (wanted > 0 && formationOf(observed) === 'Blocked') {
    return planSurvey(observed, wanted);
  }
  if (wanted === 0 || wanted === current) {
    return { replicas: wanted };
  }
  if (current === 0) {
    return planStart(observed, wanted);
  }
  const shrunk = wanted < current ? planShrink(observed, current, wanted) : { replicas: wanted };
  if (shrunk.held?.reason === 'ScaleInUnsafe') {
    return shrunk;
  }
  const mixes = isVersionRolling && formationOf(observed) === 'Formed';
  if (mixes && !freesRollout(observed, wanted)) {
    return held(
      current,
      'UpgradeUnderWay',
      `Going from ${current} to ${wanted} once all members run the same version.`,
    );
  }
  return shrunk;
}

/**
 * Down to a quorum of those that are listed, and on from there. Where that step would keep one that is sick, all
 * go at once that shall go, as long as there is a quorum for their hooks to leave by.
 */
function planShrink(observed: ObservedCluster, current: number, wanted: number): SizePlan {
  const next = stepTo(observed, current, wanted);
  const unsafe = whyNotShrink(observed, wanted);
  const unsafeStep = next === wanted || next === current ? unsafe : whyNotShrink(observed, next);
  if (unsafeStep === undefined) {
    return next === wanted
      ? { replicas: wanted }
      : held(next, 'ScalingInSteps', whyStep(current, next, wanted));
  }
  return unsafe === undefined && hasQuorum(observed)
    ? { replicas: wanted }
    : held(current, 'ScaleInUnsafe', `Not going from ${current} to ${wanted}: ${unsafe ?? unsafeStep}`);
}

/** Whether enough voters are healthy now for any member to leave. */
function hasQuorum(observed: ObservedCluster): boolean {
  const voters = membershipOf(observed).members.filter(mayVote).length;
  return observed.pods.filter((pod) => isHealthyVoter(observed, pod)).length >= quorumOf(voters);
}

/** As small as leaves a quorum of the voters that are listed. Of two, each is needed, so that has no step. */
function stepTo(observed: ObservedCluster, current: number, wanted: number): number {
  const ordinals = membershipOf(observed)
    .members.filter(mayVote)
    .map(({ ordinal }) => ordinal ?? Number.POSITIVE_INFINITY);
  const needed = ordinals.length <= 2 ? 0 : quorumOf(ordinals.length);
  const isEnough = (size: number): boolean => ordinals.filter((ordinal) => ordinal < size).length >= needed;
  return ordinalsOf(current).slice(wanted).find(isEnough) ?? current;
}

function whyStep(current: number, next: number, wanted: number): string {
  return next < current
    ? `Going from ${current} to ${wanted} by way of ${next}: those that stay are to be a quorum of those that are listed.`
    : `Going from ${current} to ${wanted} once those that have left are no longer listed.`;
}

/** Who is to say what becomes of old data must know what all of it is, and only a Pod can look. */
function planSurvey(observed: ObservedCluster, wanted: number): SizePlan {
  const claimed = sizeOfClaims(observed);
  return claimed > wanted
    ? held(
        claimed,
        'SurveyingVolumes',
        `There are volumes up to that of ${observed.cluster.metadata.name}-${claimed - 1}: each gets a Pod that looks at it, and starts nothing.`,
      )
    : { replicas: wanted };
}

function sizeOfClaims({ claims }: ObservedCluster): number {
  return Math.max(-1, ...claims.filter(({ deleting }) => !deleting).map(({ ordinal }) => ordinal)) + 1;
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
  return source === 'nobody'
    ? sizeOfClaims(observed)
    : Math.max(-1, ...members.filter(mayVote).map(({ ordinal }) => ordinal ?? -1)) + 1;
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
 * may never go; where no agent answers, that has to be assumed, once its grace period is over: its agent ends
 * before its Pod does. A member of another name is nobody's to remove.
 */
function mayLinger(observed: ObservedCluster, member: ListedMember): boolean {
  const pod = observed.pods.find((each) => each.ordinal === member.ordinal);
  if (pod === undefined) {
    return member.ordinal === undefined;
  }
  const isJustEnding = (pod.endsByMs ?? 0) + LAST_MOMENTS_MS >= observed.nowMs;
  return pod.nodeName !== undefined && freshStatus(observed, pod) === undefined && !isJustEnding;
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
