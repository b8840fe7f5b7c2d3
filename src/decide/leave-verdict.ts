/** What a preStop hook may know, and what it may conclude. */
import type { Known } from '../model/known.ts';
import type { LocalEtcd } from '../model/local-etcd.ts';
import type { EtcdId } from '../model/member.ts';
import type { Intent, Self } from '../model/member-view.ts';
import type { VotersWord } from '../model/voters-word.ts';

/** What a preStop hook has asked of etcd so far. */
export type LeaveAsked = {
  /** Whether it has asked to move the leader already. */
  readonly handedOver: boolean;
  /** When it first asked for its member to be removed; null before that. */
  readonly leavingSinceMs: number | null;
};

/** Everything a leave decision may know; the intent and the list are read anew for each one. */
export type LeaveView = LeaveAsked & {
  readonly nowMs: number;
  /** When the hook was called. */
  readonly calledAtMs: number;
  /** The hook must have answered by then: half the grace period, so that etcd can still stop in order. */
  readonly deadlineMs: number;
  readonly self: Self;
  readonly intent: Known<Intent>;
  readonly etcd: LocalEtcd;
  readonly voters: VotersWord;
  /** How far each voter has come, as far as it answered; for choosing the next leader. */
  readonly raftIndexes: ReadonlyMap<EtcdId, bigint>;
};

/** The closed list of what a preStop hook may conclude. */
export const LEAVE_REASONS = [
  'EtcdNotRunning',
  'EtcdUnresponsive',
  'IntentUnknown',
  'PodNotDeleted',
  'SetDeleted',
  'Hibernation',
  'StillWanted',
  'AlreadyGone',
  'QuorumLost',
  'QuorumAtRisk',
  'LastVoter',
  'LeaveTurn',
  'LeadingStill',
  'ScaledAway',
  'DeadlineReached',
] as const;

export type LeaveReason = (typeof LEAVE_REASONS)[number];

/** Why a verdict is as it is. */
export type LeaveBecause = { readonly reason: LeaveReason; readonly message: string };

export type LeaveVerdict = LeaveBecause &
  (
    | { readonly kind: 'stay' }
    | { readonly kind: 'already-gone'; readonly memberId: EtcdId }
    /** Look again shortly; the hook is still within its time. */
    | { readonly kind: 'look-again' }
    /** Hand over leadership, then look again. */
    | { readonly kind: 'move-leader'; readonly target: EtcdId; readonly leaderUrl: string }
    /** `voterUrl`: the client URL of the voter that is asked; see `voterToAsk`. */
    | { readonly kind: 'leave'; readonly memberId: EtcdId; readonly voterUrl: string }
  );

/**
 * A Pod that is scaled away ends whatever its hook concludes, and what it leaves behind may cost the quorum;
 * so nothing that may pass ends the hook before its time is up.
 */
export function lookAgain(reason: LeaveReason, message: string): LeaveVerdict {
  return { kind: 'look-again', reason, message };
}
