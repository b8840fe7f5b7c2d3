/** The Pod is scaled away: leave in order, and never at the cost of the quorum. */
import { type EtcdId, quorumOf, votersOf } from '../model/member.ts';
import type { Self } from '../model/member-view.ts';
import { ordinalOfMember } from '../model/naming.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { type LeaveVerdict, type LeaveView, lookAgain } from './leave-verdict.ts';
import { findQuorum, type Quorum } from './quorum.ts';
import { voterToAsk } from './voter-to-ask.ts';

/**
 * How long a higher ordinal that also leaves goes first, in ms: two removals at once may drop one, and etcd
 * itself refuses removals until its connections are 5 s old.
 */
export const LEAVE_TURN_MAX_MS = 7_000;

/** The next step of a member that is to leave for good. */
export function decideDeparture(view: LeaveView, replicas: number, self: EtcdId): LeaveVerdict {
  const finding = findQuorum(view.voters);
  if (!finding.found) {
    return lookAgain('QuorumLost', `No quorum confirms the membership (${finding.wait.message}).`);
  }
  const { quorum } = finding;
  const listed = quorum.members.find((member) => member.id === self);
  if (listed === undefined) {
    return {
      kind: 'already-gone',
      reason: 'AlreadyGone',
      message: `Member ${self} is no longer listed.`,
      memberId: self,
    };
  }
  const risk = listed.isLearner ? undefined : riskOfLeaving(quorum, self);
  if (risk !== undefined) {
    // What is dead and scaled away is removed beside the leader, which has to be one that stays (F41).
    const passing = passLeadership(view, quorum, self, replicas);
    return passing?.kind === 'move-leader' ? passing : risk;
  }
  return (
    leaveTurn(view, quorum, replicas) ??
    passLeadership(view, quorum, self, replicas) ??
    leave(view, quorum, self, replicas)
  );
}

/** A removal that would cost quorum is refused and named; etcd's own check counts only connections. */
function riskOfLeaving(quorum: Quorum, self: EtcdId): LeaveVerdict | undefined {
  const staying = votersOf(quorum.members).filter((member) => member.id !== self);
  if (staying.length === 0) {
    return {
      kind: 'stay',
      reason: 'LastVoter',
      message: 'This is the last voter; a cluster is never emptied by scaling.',
    };
  }
  const healthy = staying.filter((member) => member.contact.kind === 'answers');
  const needed = quorumOf(staying.length);
  return healthy.length < needed
    ? lookAgain(
        'QuorumAtRisk',
        `Only ${healthy.length} of the ${staying.length} voters that stay answer and ${needed} must; staying until they do.`,
      )
    : undefined;
}

/** Highest ordinal first, one at a time: raft drops a change that follows another too closely. */
function leaveTurn(view: LeaveView, quorum: Quorum, replicas: number): LeaveVerdict | undefined {
  const ahead = quorum.members.filter((member) => {
    const ordinal = ordinalOf(view.self, member);
    return (
      ordinal !== undefined &&
      ordinal >= replicas &&
      ordinal > view.self.ordinal &&
      member.contact.kind === 'answers'
    );
  });
  return ahead.length > 0 && view.nowMs - view.calledAtMs < LEAVE_TURN_MAX_MS * ahead.length
    ? {
        kind: 'look-again',
        reason: 'LeaveTurn',
        message: `Member ${ahead.map((member) => member.id).join(', ')} leaves first.`,
      }
    : undefined;
}

/** Moving the leader first turns a write gap of 1–3.6 s into 0.02–0.1 s (measured). */
function passLeadership(
  view: LeaveView,
  quorum: Quorum,
  self: EtcdId,
  replicas: number,
): LeaveVerdict | undefined {
  if (quorum.leader.id !== self) {
    return undefined;
  }
  const target = successor(view, quorum, self, (ordinal) => ordinal < replicas);
  return target === undefined
    ? lookAgain('LeadingStill', 'This member leads and no voter that stays answers; staying until one does.')
    : {
        kind: 'move-leader',
        reason: 'LeadingStill',
        message: `Leading and scaled away; handing leadership to ${target.id} first.`,
        target: target.id,
        leaderUrl: quorum.leader.clientUrl,
      };
}

function leave(view: LeaveView, quorum: Quorum, self: EtcdId, replicas: number): LeaveVerdict {
  const stays = (member: ContactedMember): boolean => {
    const ordinal = ordinalOf(view.self, member);
    return member.id !== self && (ordinal === undefined || ordinal < replicas);
  };
  const { id, clientUrl, isPastLeader } = voterToAsk(
    quorum,
    view.nowMs - (view.leavingSinceMs ?? view.nowMs),
    stays,
  );
  const how = isPastLeader ? `, by way of ${id}: leader ${quorum.leader.id} has not done so in time` : '';
  return {
    kind: 'leave',
    reason: 'ScaledAway',
    message: `The cluster is scaled to ${replicas}; removing member ${self}${how}.`,
    memberId: self,
    voterUrl: clientUrl,
  };
}

/** The most caught-up voter that answers and stays; the lowest ordinal among equals. */
export function successor(
  view: LeaveView,
  quorum: Quorum,
  self: EtcdId,
  stays: (ordinal: number) => boolean,
): ContactedMember | undefined {
  const candidates = quorum.members.filter((member) => {
    const ordinal = ordinalOf(view.self, member);
    return (
      !member.isLearner &&
      member.id !== self &&
      member.contact.kind === 'answers' &&
      (ordinal === undefined || stays(ordinal))
    );
  });
  const progress = (member: ContactedMember): bigint => view.raftIndexes.get(member.id) ?? -1n;
  return candidates.toSorted((a, b) => {
    const ahead = progress(b) - progress(a);
    return ahead !== 0n
      ? Number(ahead > 0n) * 2 - 1
      : (ordinalOf(view.self, a) ?? 99) - (ordinalOf(view.self, b) ?? 99);
  })[0];
}

function ordinalOf(self: Self, member: ContactedMember): number | undefined {
  return ordinalOfMember(self.names, member);
}
