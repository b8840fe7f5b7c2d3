/**
 * What the preStop hook of the etcd container does. Kubernetes gives no reason for a stop, so only one
 * combination of facts means "leave for good", and everything else means "stay a member":
 *
 *     the Pod is being deleted  and  its ordinal ≥ the wanted size, freshly read
 *     and  the wanted size > 0  and  the StatefulSet is not being deleted
 */
import { isAlive, type LocalEtcd } from '../model/local-etcd.ts';
import type { EtcdId } from '../model/member.ts';
import type { Intent, Self } from '../model/member-view.ts';
import { decideDeparture, successor } from './departure.ts';
import { type LeaveBecause, type LeaveVerdict, type LeaveView, lookAgain } from './leave-verdict.ts';
import { findQuorum } from './quorum.ts';

/** How long what does not answer is waited out, in ms, before the member stays: it may be a restart. */
export const LEAVE_UNKNOWN_MAX_MS = 3_000;
/** The next step of the preStop hook. */
export function decideLeave(view: LeaveView): LeaveVerdict {
  // First, because past the deadline nobody is asked any more, and a running etcd looks like none.
  if (view.nowMs >= view.deadlineMs) {
    return {
      kind: 'stay',
      reason: 'DeadlineReached',
      message: 'Half the grace period is over; the janitor beside the leader finishes this.',
    };
  }
  if (view.etcd.kind !== 'running') {
    return decideWithoutEtcd(view, view.etcd);
  }
  if (!view.intent.known) {
    const message = `The API does not say whether this member is still wanted (${view.intent.why}); staying.`;
    return view.nowMs - view.calledAtMs < LEAVE_UNKNOWN_MAX_MS
      ? lookAgain('IntentUnknown', message)
      : { kind: 'stay', reason: 'IntentUnknown', message };
  }
  const wanted = whyStillWanted(view.self, view.intent.value);
  if (wanted !== undefined) {
    const { replicas } = view.intent.value;
    return wanted.hands
      ? handOver(view, view.etcd.status.memberId, wanted, replicas)
      : { kind: 'stay', reason: wanted.reason, message: wanted.message };
  }
  return decideDeparture(view, view.intent.value.replicas, view.etcd.status.memberId);
}

/**
 * etcd does not answer. Where it waits at the gate, or nobody is to leave, there is nothing to wait for; but a Pod
 * that is scaled away ends whatever is said here, so an etcd that is only slow is asked until the time is up.
 */
function decideWithoutEtcd(view: LeaveView, etcd: Exclude<LocalEtcd, { kind: 'running' }>): LeaveVerdict {
  const { intent, self } = view;
  const lives = isAlive(etcd);
  const because: LeaveBecause = lives
    ? { reason: 'EtcdUnresponsive', message: 'etcd lives and does not answer.' }
    : { reason: 'EtcdNotRunning', message: 'etcd does not run; there is nothing to leave with.' };
  const isStopped = etcd.kind === 'at-gate' || etcd.kind === 'gate-unusable';
  if (isStopped || (intent.known && whyStillWanted(self, intent.value) !== undefined)) {
    return { kind: 'stay', ...because };
  }
  const isPatient = view.nowMs - view.calledAtMs < LEAVE_UNKNOWN_MAX_MS;
  return (lives && intent.known) || isPatient
    ? lookAgain(because.reason, because.message)
    : { kind: 'stay', ...because };
}

type Wanted = LeaveBecause & { readonly hands: boolean };

/** Why this is not a scale-in; undefined when it is one. */
function whyStillWanted(self: Self, intent: Intent): Wanted | undefined {
  if (intent.statefulSetDeleting) {
    return {
      hands: false,
      reason: 'SetDeleted',
      message: 'The whole set is being deleted; its members keep their places.',
    };
  }
  if (intent.replicas === 0) {
    return {
      hands: false,
      reason: 'Hibernation',
      message: 'Size 0 is hibernation; its members keep their places.',
    };
  }
  if (self.ordinal < intent.replicas) {
    return {
      hands: true,
      reason: 'StillWanted',
      message: `Ordinal ${self.ordinal} is below the wanted ${intent.replicas}; this is a restart.`,
    };
  }
  if (intent.ownPod === null || intent.ownPod.uid !== self.podUid || !intent.ownPod.deleting) {
    return {
      hands: true,
      reason: 'PodNotDeleted',
      message: 'The API does not say that this Pod is being deleted; staying.',
    };
  }
  return undefined;
}

/**
 * A restart: the leader hands over first, because a stop may be sudden; everybody stays a member. Once is
 * enough: two Pods that stop at the same time would hand leadership to and fro until their time is up.
 */
function handOver(view: LeaveView, self: EtcdId, because: Wanted, replicas: number): LeaveVerdict {
  const stay: LeaveVerdict = { kind: 'stay', reason: because.reason, message: because.message };
  const finding = findQuorum(view.voters);
  if (view.handedOver || !finding.found || finding.quorum.leader.id !== self) {
    return stay;
  }
  const target = successor(view, finding.quorum, self, (ordinal) => ordinal < replicas);
  return target === undefined
    ? stay
    : {
        kind: 'move-leader',
        reason: because.reason,
        message: `${because.message} Handing leadership to ${target.id} first.`,
        target: target.id,
        leaderUrl: finding.quorum.leader.clientUrl,
      };
}
