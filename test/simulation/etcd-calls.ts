/** What clients ask of etcd: lists, status, writes, and changes of the membership with their refusals. */
import type { ChangeOutcome, Refusal } from '../../src/etcd/member-api.ts';
import { type EtcdId, isStarted, type Member } from '../../src/model/member.ts';
import { schedule } from './base-world.ts';
import { confirmsLeadership, leaderHeardBy, transferLeadership } from './etcd-election.ts';
import { type ConfChange, type Evidence, memberIdOf, memberOf } from './etcd-log.ts';
import { feed, propose } from './etcd-replication.ts';
import { type EtcdProc, type EtcdWorld, exchange, indexAt, isVoter, procOf, truthOf } from './etcd-state.ts';
import { linkAgeStartMs } from './network.ts';

/** etcd's `HealthInterval`: links younger than this do not count when members are added or removed. */
const HEALTH_MS = 5_000;
/** etcd's `readyPercentThreshold`. */
const IN_SYNC = 0.9;

export type MembershipCall =
  | { readonly kind: 'add-learner'; readonly peerUrl: string }
  | { readonly kind: 'add-voter'; readonly peerUrl: string }
  | { readonly kind: 'promote'; readonly id: EtcdId }
  | { readonly kind: 'remove'; readonly id: EtcdId }
  | { readonly kind: 'update-url'; readonly id: EtcdId; readonly peerUrl: string }
  | { readonly kind: 'move-leader'; readonly target: EtcdId };

/** A linearizable member list as `proc` would give it; undefined when no quorum confirms one. */
export function linearizableList(world: EtcdWorld, proc: EtcdProc): readonly Member[] | undefined {
  if (!isServing(proc) || !isVoter(proc.dir.membership, proc.id)) {
    return undefined;
  }
  const leader = leaderHeardBy(world, proc);
  if (leader === undefined || leader.dir.commit < leader.termStart || !confirmsLeadership(world, leader)) {
    return undefined;
  }
  if (proc !== leader && !feed(world, leader, proc)) {
    // It would wait until it has applied what the leader had committed when it was asked (ReadIndex).
    return undefined;
  }
  truthOf(world, leader.dir.clusterId).quorumSeenMs = world.nowMs;
  return leader.dir.membership.members;
}

/** Whether the client port answers. */
export function isServing(proc: EtcdProc): boolean {
  return proc.isAlive && !proc.isPaused && proc.isClientOpen;
}

/**
 * Makes a change through `proc`. `done` is called once; never when raft dropped the change or its leader
 * is gone, so callers bring their own deadline.
 */
export function changeMembership(
  world: EtcdWorld,
  proc: EtcdProc,
  call: MembershipCall,
  evidence: Evidence | null,
  done: (outcome: ChangeOutcome) => void,
): void {
  const refusal = refusalOf(world, proc, call);
  if (refusal !== undefined) {
    done({ kind: 'refused', refusal, text: refusal });
    return;
  }
  if (call.kind === 'move-leader') {
    if (transferLeadership(world, proc, call.target)) {
      schedule(world, 100, 'leader moved', () => done({ kind: 'done' }));
    }
    return;
  }
  const leader = leaderHeardBy(world, proc);
  if (leader === undefined) {
    return;
  }
  const tell = (why: Refusal | undefined): void =>
    done(why === undefined ? { kind: 'done' } : { kind: 'refused', refusal: why, text: why });
  propose(world, leader, changeOf(world, call), evidence, { at: proc.key, tell });
}

/** A client's write through `proc`; `done` is its acknowledgement. */
export function write(world: EtcdWorld, proc: EtcdProc, done: () => void): void {
  const leader = isServing(proc) ? leaderHeardBy(world, proc) : undefined;
  if (leader !== undefined) {
    propose(world, leader, null, null, { at: proc.key, tell: done });
  }
}

function changeOf(world: EtcdWorld, call: Exclude<MembershipCall, { kind: 'move-leader' }>): ConfChange {
  switch (call.kind) {
    case 'add-learner':
    case 'add-voter': {
      const id = memberIdOf(call.peerUrl, String(Math.floor(world.nowMs / 1_000)));
      const isLearner = call.kind === 'add-learner';
      return { kind: 'add', member: { id, name: '', peerUrls: [call.peerUrl], clientUrls: [], isLearner } };
    }
    case 'promote':
      return { kind: 'promote', id: call.id };
    case 'remove':
      return { kind: 'remove', id: call.id };
    case 'update-url': {
      const { id, peerUrl } = call;
      return { kind: 'update-url', id, peerUrl, promotes: world.etcd.updatePromotes };
    }
  }
}

function refusalOf(world: EtcdWorld, proc: EtcdProc, call: MembershipCall): Refusal | undefined {
  if (memberOf(proc.dir.membership, proc.id)?.isLearner === true) {
    return 'learner-cannot';
  }
  switch (call.kind) {
    case 'add-learner':
    case 'add-voter':
      return refusalToAdd(world, proc, call.kind === 'add-learner');
    case 'promote':
      return refusalToPromote(world, proc, call.id);
    case 'remove':
      return refusalToRemove(world, proc, call.id);
    case 'update-url':
      // Nothing is asked of the quorum's health: `UpdateMember` looks at it when it is applied alone.
      return undefined;
    case 'move-leader':
      if (!proc.isLeader) {
        return 'not-leader';
      }
      return isVoter(proc.dir.membership, call.target) ? undefined : 'bad-transferee';
  }
}

/** `mayAddMember`, strict-reconfig-check on (3.5.30, 3.6.11 and later). */
function refusalToAdd(world: EtcdWorld, proc: EtcdProc, isLearner: boolean): Refusal | undefined {
  const { membership } = proc.dir;
  const voters = membership.voterIds.length;
  if (!isLearner) {
    const started = startedVoters(proc, undefined);
    const isFirstGrowth = started === 1 && voters + 1 === 2;
    if (!isFirstGrowth && started < quorumOfSize(voters + 1)) {
      return 'not-enough-started';
    }
  }
  return voters > 1 && connectedVoters(world, proc) < quorumOfSize(voters + 1)
    ? 'unhealthy-cluster'
    : undefined;
}

/** `mayPromoteMember`: a ratio of log indexes and no look at whether the learner lives. */
function refusalToPromote(world: EtcdWorld, proc: EtcdProc, id: EtcdId): Refusal | undefined {
  const leader = leaderHeardBy(world, proc);
  if (leader === undefined) {
    return undefined;
  }
  const { dir } = leader;
  if (memberOf(dir.membership, id) === undefined) {
    return 'not-found';
  }
  const match = indexAt(dir.log, leader.match.get(id) ?? 0);
  const own = indexAt(dir.log, dir.log.length);
  if (id !== leader.id && match / own < IN_SYNC) {
    return 'learner-not-ready';
  }
  const voters = dir.membership.voterIds.length;
  return startedVoters(leader, undefined) + 1 < quorumOfSize(voters + 1) ? 'not-enough-started' : undefined;
}

/** `mayRemoveMember`. */
function refusalToRemove(world: EtcdWorld, proc: EtcdProc, id: EtcdId): Refusal | undefined {
  const { membership } = proc.dir;
  if (memberOf(membership, id)?.isLearner === true) {
    return undefined;
  }
  const others = membership.voterIds.filter((voter) => voter !== id).length;
  if (startedVoters(proc, id) < quorumOfSize(others)) {
    return 'not-enough-started';
  }
  if (id !== proc.id && connectedSinceMs(world, proc, id) === undefined) {
    return undefined;
  }
  const active = connectedVoters(world, proc);
  return active - 1 < 1 + Math.floor((membership.voterIds.length - 1) / 2) ? 'unhealthy-cluster' : undefined;
}

function quorumOfSize(size: number): number {
  return Math.floor(size / 2) + 1;
}

function startedVoters(proc: EtcdProc, without: EtcdId | undefined): number {
  return proc.dir.membership.members.filter(
    (member) => !member.isLearner && member.id !== without && isStarted(member),
  ).length;
}

/** Voters linked to this member for the health interval, itself included (`numConnectedSince`). */
function connectedVoters(world: EtcdWorld, proc: EtcdProc): number {
  return proc.dir.membership.voterIds.filter((id) => {
    const sinceMs = id === proc.id ? 0 : connectedSinceMs(world, proc, id);
    return sinceMs !== undefined && (id === proc.id || world.nowMs - sinceMs > HEALTH_MS);
  }).length;
}

/** Since when two members are linked; undefined while they are not. */
function connectedSinceMs(world: EtcdWorld, proc: EtcdProc, id: EtcdId): number | undefined {
  const peer = procOf(world, proc.dir.clusterId, id);
  if (peer === undefined || !exchange(world, proc, peer)) {
    return undefined;
  }
  const linkMs = linkAgeStartMs(world.network, proc.node, peer.node);
  const sinceMs = Math.max(proc.linkedSinceMs, peer.linkedSinceMs, linkMs);
  return sinceMs > (proc.inactiveSinceMs.get(peer.key) ?? 0) ? sinceMs : undefined;
}
