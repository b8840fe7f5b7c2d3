/**
 * Elections and what leadership proves. Pre-vote and vote are one atomic exchange (pre-vote is on since
 * etcd 3.5), so a campaign that fails changes no term.
 */
import { type EtcdId, quorumOf } from '../../src/model/member.ts';
import { note, schedule } from './base-world.ts';
import { exitEtcd } from './etcd-exit.ts';
import type { Entry } from './etcd-log.ts';
import { appendEmpty, armReplication, feed, stepDown } from './etcd-replication.ts';
import { disturb, type EtcdProc, type EtcdWorld, exchange, isVoter, procOf } from './etcd-state.ts';

/** etcd's default election time-out, ms; its random rest is as long again. */
const ELECTION_MS = 1_000;

/** After a step that disturbed something: everybody's election timer runs again. */
export function armTimers(world: EtcdWorld): void {
  world.etcd.isDisturbed = false;
  for (const proc of world.etcd.procs) {
    armTimer(world, proc);
  }
}

function armTimer(world: EtcdWorld, proc: EtcdProc): void {
  if (proc.isTimerArmed) {
    return;
  }
  proc.isTimerArmed = true;
  const delayMs = world.random.between(ELECTION_MS, 2 * ELECTION_MS);
  schedule(world, delayMs, `timer m${proc.ordinal}`, () => {
    proc.isTimerArmed = false;
    if (proc.isAlive && !proc.isPaused) {
      onTimer(world, proc);
    }
  });
}

/** A fresh seed has its first ticks fast-forwarded: it leads within a tenth of a second or so. */
export function startSoon(world: EtcdWorld, proc: EtcdProc): void {
  proc.isTimerArmed = true;
  schedule(world, world.random.between(100, 900), `timer m${proc.ordinal}`, () => {
    proc.isTimerArmed = false;
    if (proc.isAlive && !proc.isPaused) {
      onTimer(world, proc);
    }
  });
}

function onTimer(world: EtcdWorld, proc: EtcdProc): void {
  if (isToldRemoved(world, proc)) {
    exitEtcd(world, proc, 0, 'told by a peer that it is removed');
    return;
  }
  if (proc.isLeader) {
    if (confirmsLeadership(world, proc)) {
      armReplication(world, proc, 1);
    } else {
      note(world, () => `m${proc.ordinal} leads no majority any more`);
      stepDown(world, proc, proc.dir.term);
    }
    return;
  }
  const leader = leaderHeardBy(world, proc);
  if (leader !== undefined) {
    proc.leaderId = leader.id;
    armReplication(world, leader, 1);
    return;
  }
  proc.leaderId = null;
  if (!isVoter(proc.dir.membership, proc.id) || !campaign(world, proc, false)) {
    armTimer(world, proc);
  }
}

/** Peers answer a removed member's streams with 410 Gone (rafthttp). */
function isToldRemoved(world: EtcdWorld, proc: EtcdProc): boolean {
  return world.etcd.procs.some(
    (peer) =>
      peer.dir.clusterId === proc.dir.clusterId &&
      peer.dir.membership.removed.has(proc.id) &&
      exchange(world, proc, peer),
  );
}

/** The latest leader that `proc` hears from: in its cluster, not of an older term, and knowing it. */
export function leaderHeardBy(world: EtcdWorld, proc: EtcdProc): EtcdProc | undefined {
  let latest: EtcdProc | undefined;
  for (const leader of world.etcd.procs) {
    if (
      leader.isLeader &&
      leader.dir.clusterId === proc.dir.clusterId &&
      leader.dir.term >= Math.max(proc.dir.term, latest?.dir.term ?? 0) &&
      (leader === proc ||
        (exchange(world, leader, proc) &&
          leader.dir.membership.members.some((member) => member.id === proc.id)))
    ) {
      latest = leader;
    }
  }
  return latest;
}

/** Whether a majority of the voters still follows this leader: what ReadIndex and check-quorum ask. */
export function confirmsLeadership(world: EtcdWorld, leader: EtcdProc): boolean {
  const { voterIds } = leader.dir.membership;
  let votes = 0;
  for (const id of voterIds) {
    const voter = id === leader.id ? leader : procOf(world, leader.dir.clusterId, id);
    if (
      voter !== undefined &&
      (voter === leader || exchange(world, leader, voter)) &&
      voter.dir.term <= leader.dir.term
    ) {
      votes += 1;
    }
  }
  return votes >= quorumOf(voterIds.length);
}

/** Asks for votes; true when it leads now. `isTransfer` overrides the others' loyalty to their leader. */
export function campaign(world: EtcdWorld, proc: EtcdProc, isTransfer: boolean): boolean {
  const { dir } = proc;
  const { voterIds } = dir.membership;
  const peers = voterIds.map((id) => (id === proc.id ? proc : procOf(world, dir.clusterId, id)));
  const reached = peers.filter(
    (peer) => peer === proc || (peer !== undefined && exchange(world, proc, peer)),
  );
  const term = dir.term + 1;
  const granting = reached.filter(
    (voter): voter is EtcdProc => voter !== undefined && grants(world, voter, proc, term, isTransfer),
  );
  if (granting.length < quorumOf(voterIds.length)) {
    const highest = Math.max(...reached.map((peer) => peer?.dir.term ?? 0));
    if (highest > dir.term) {
      dir.term = highest;
      dir.votedFor = null;
    }
    return false;
  }
  for (const voter of granting) {
    voter.dir.term = term;
    voter.dir.votedFor = proc.id;
    voter.isLeader = false;
  }
  lead(world, proc);
  return true;
}

function grants(
  world: EtcdWorld,
  voter: EtcdProc,
  candidate: EtcdProc,
  term: number,
  isTransfer: boolean,
): boolean {
  const isFree =
    voter.dir.term < term ||
    (voter.dir.term === term && (voter.dir.votedFor ?? candidate.id) === candidate.id);
  const isLoyal = !isTransfer && voter !== candidate && leaderHeardBy(world, voter) !== undefined;
  return isFree && !isLoyal && isUpToDate(candidate.dir.log, voter.dir.log);
}

function isUpToDate(candidate: readonly Entry[], voter: readonly Entry[]): boolean {
  const mine = candidate[candidate.length - 1]?.term ?? 0;
  const other = voter[voter.length - 1]?.term ?? 0;
  return mine > other || (mine === other && candidate.length >= voter.length);
}

function lead(world: EtcdWorld, proc: EtcdProc): void {
  note(world, () => `m${proc.ordinal} (${proc.id}) leads term ${proc.dir.term}`);
  proc.isLeader = true;
  proc.leaderId = proc.id;
  proc.match.clear();
  proc.pendingChange = proc.dir.log.length;
  proc.termStart = proc.dir.log.length + 1;
  world.judge({ kind: 'elected', proc });
  appendEmpty(world, proc);
  disturb(world);
}

/** Hands leadership to a voter that holds everything; false when it cannot be done now. */
export function transferLeadership(world: EtcdWorld, leader: EtcdProc, target: EtcdId): boolean {
  const proc = procOf(world, leader.dir.clusterId, target);
  if (proc === undefined || !isVoter(leader.dir.membership, target) || !exchange(world, leader, proc)) {
    return false;
  }
  feed(world, leader, proc);
  return proc.isAlive && proc.dir.log.length === leader.dir.log.length && campaign(world, proc, true);
}
