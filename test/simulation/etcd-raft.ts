/**
 * Raft as far as membership and acknowledged writes need it. One exchange between two members is atomic;
 * between exchanges anything may happen. Elections are pre-vote and vote in one (pre-vote is on since 3.5).
 */
import { type EtcdId, quorumOf } from '../../src/model/member.ts';
import { note, schedule } from './base-world.ts';
import { applyChange, type ConfChange, type Entry, type Evidence } from './etcd-log.ts';
import { exitEtcd } from './etcd-process.ts';
import {
  type EtcdProc,
  type EtcdWorld,
  exchange,
  indexAt,
  isVoter,
  procOf,
  truthOf,
} from './etcd-state.ts';
import { canDial } from './network.ts';

/** etcd's default election time-out, ms, and its random rest. */
const ELECTION_MS = 1_000;
/** A leader sends what is new at once; a heartbeat carries the rest. */
const REPLICATION_MS_MAX = 8;
const HEARTBEAT_MS = 100;
/** Farther behind than this many entries, a member is fed a snapshot. */
const SNAPSHOT_ENTRIES = 60;

type Answer = Entry['answer'];

/** Appends an entry at the leader; undefined when raft drops the change without a word. */
export function propose(
  world: EtcdWorld,
  leader: EtcdProc,
  change: ConfChange | null,
  evidence: Evidence | null,
  answer: Answer,
): Entry | undefined {
  const { dir } = leader;
  const isConf = change !== null && change.kind !== 'publish';
  if (isConf && leader.pendingChange > dir.commit) {
    // "ignoring conf change: possible unapplied conf change" (raft.go, MsgProp): an empty entry goes in.
    world.etcd.dropped += 1;
    append(world, leader, null, null, undefined);
    return undefined;
  }
  if (isConf) {
    leader.pendingChange = dir.log.length + 1;
  }
  return append(world, leader, change, evidence, answer);
}

function append(
  world: EtcdWorld,
  leader: EtcdProc,
  change: ConfChange | null,
  evidence: Evidence | null,
  answer: Answer,
): Entry {
  const { dir } = leader;
  const isWrite = change === null && answer !== undefined;
  const entry: Entry = {
    term: dir.term,
    index: indexAt(dir.log, dir.log.length) + (isWrite ? world.etcd.writeWeight : 1),
    change,
    isWrite,
    evidence,
    after: undefined,
    refusal: undefined,
    answer,
  };
  dir.log.push(entry);
  dir.durableCommit = dir.commit;
  armReplication(world, leader, world.random.between(1, REPLICATION_MS_MAX));
  return entry;
}

/** Lets the leader send what is new after `delayMs`, unless that is due already. */
export function armReplication(world: EtcdWorld, leader: EtcdProc, delayMs: number): void {
  if (leader.isReplicationArmed) {
    return;
  }
  leader.isReplicationArmed = true;
  schedule(world, delayMs, 'replicate', () => {
    leader.isReplicationArmed = false;
    if (leader.isAlive && leader.isLeader && !leader.isPaused) {
      replicate(world, leader);
    }
  });
}

function replicate(world: EtcdWorld, leader: EtcdProc): void {
  const { dir } = leader;
  const before = dir.commit;
  let isBehind = false;
  for (const member of dir.membership.members) {
    if (member.id === leader.id) {
      continue;
    }
    const follower = procOf(world, dir.clusterId, member.id);
    if (follower === undefined || !exchange(world, leader, follower)) {
      continue;
    }
    if (follower.dir.term > dir.term) {
      stepDown(world, leader, follower.dir.term);
      return;
    }
    isBehind = !feed(world, leader, follower) || isBehind;
  }
  advanceCommit(world, leader);
  if (isBehind || leader.dir.commit !== before) {
    armReplication(world, leader, isBehind ? world.random.between(10, 60) : HEARTBEAT_MS);
  }
}

/** One append with its answer; false while the follower is not yet where the leader is. */
export function feed(world: EtcdWorld, leader: EtcdProc, follower: EtcdProc): boolean {
  const { dir } = leader;
  const { dir: to } = follower;
  if (world.network.slow[follower.node] === 1 && world.random.chance(0.9)) {
    return false;
  }
  const known = leader.match.get(follower.id) ?? 0;
  if (to.log.length < known) {
    // The leader still counts entries that this member has lost: "tocommit is out of range" (L23).
    exitEtcd(world, follower, 2, 'panic: tocommit is out of range');
    return true;
  }
  if (dir.log.length - to.log.length > SNAPSHOT_ENTRIES && to.log.length === 0) {
    if (!canDial(world.network, leader.node, follower.node)) {
      return false;
    }
    follower.isSnapshotFed = true;
  }
  follow(world, follower, leader);
  const common = commonLength(dir.log, to.log);
  if (common < to.commit) {
    exitEtcd(world, follower, 2, 'panic: committed entries conflict');
    return true;
  }
  to.log.length = common;
  for (let position = common; position < dir.log.length; position++) {
    const entry = dir.log[position];
    if (entry !== undefined) {
      to.log.push(entry);
    }
  }
  const commit = Math.min(dir.commit, to.log.length);
  if (to.log.length > common) {
    to.durableCommit = Math.max(to.durableCommit, Math.min(commit, to.log.length));
  }
  leader.match.set(follower.id, to.log.length);
  applyUpTo(world, follower, commit);
  return to.commit === dir.commit;
}

function follow(world: EtcdWorld, follower: EtcdProc, leader: EtcdProc): void {
  const { dir } = follower;
  if (dir.term < leader.dir.term) {
    dir.term = leader.dir.term;
    dir.votedFor = null;
  }
  if (follower.isLeader) {
    note(world, () => `m${follower.ordinal} (${follower.id}) steps down for ${leader.id}`);
    follower.isLeader = false;
  }
  follower.leaderId = leader.id;
}

function commonLength(a: readonly Entry[], b: readonly Entry[]): number {
  let length = Math.min(a.length, b.length);
  while (length > 0 && a[length - 1] !== b[length - 1]) {
    length--;
  }
  return length;
}

function advanceCommit(world: EtcdWorld, leader: EtcdProc): void {
  const { dir } = leader;
  const held = dir.membership.voterIds
    .map((id) => (id === leader.id ? dir.log.length : (leader.match.get(id) ?? 0)))
    .sort((a, b) => b - a);
  const agreed = held[quorumOf(held.length) - 1] ?? 0;
  if (agreed > dir.commit && dir.log[agreed - 1]?.term === dir.term) {
    dir.durableCommit = dir.commit;
    applyUpTo(world, leader, agreed);
  }
}

/** Applies what is committed; the first to apply an entry writes the truth. */
export function applyUpTo(world: EtcdWorld, proc: EtcdProc, commit: number): void {
  const { dir } = proc;
  const truth = truthOf(world, dir.clusterId);
  let isRemoved = false;
  for (; dir.commit < commit; dir.commit++) {
    const entry = dir.log[dir.commit];
    if (entry === undefined) {
      return;
    }
    const known = truth.committed[dir.commit];
    if (known === undefined) {
      truth.committed.push(entry);
      truth.quorumSeenMs = world.nowMs;
    } else if (known !== entry) {
      world.judge({ kind: 'applied-elsewhere', proc, position: dir.commit });
    }
    isRemoved = applyEntry(world, proc, entry, known === undefined) || isRemoved;
  }
  if (isRemoved) {
    leaveCluster(world, proc);
  }
}

function applyEntry(world: EtcdWorld, proc: EtcdProc, entry: Entry, isFirst: boolean): boolean {
  const { dir } = proc;
  if (entry.change !== null) {
    const before = dir.membership;
    const after = entry.after ?? outcomeOf(entry, applyChange(before, entry.change, proc.maxLearners), before);
    entry.after = after;
    dir.membership = after;
    if (isFirst && entry.refusal === undefined) {
      publishTruth(world, proc, entry, before, after);
    }
  }
  if (entry.answer !== undefined && entry.answer.at === proc.key) {
    const { tell } = entry.answer;
    entry.answer = undefined;
    tell(entry.refusal);
  }
  return entry.change?.kind === 'remove' && entry.change.id === proc.id && entry.refusal === undefined;
}

function outcomeOf(entry: Entry, outcome: ReturnType<typeof applyChange>, before: Entry['after']): Entry['after'] & {} {
  if (typeof outcome === 'string') {
    entry.refusal = outcome;
    return before ?? { members: [], voterIds: [], removed: new Set() };
  }
  return outcome;
}

function publishTruth(
  world: EtcdWorld,
  leader: EtcdProc,
  entry: Entry,
  before: EtcdProc['dir']['membership'],
  after: EtcdProc['dir']['membership'],
): void {
  const { change, evidence } = entry;
  const cluster = truthOf(world, leader.dir.clusterId);
  cluster.membership = after;
  if (change !== null && change.kind !== 'publish') {
    note(world, () => `    membership ${describe(before)} -> ${describe(after)}`);
    disturb(world);
    world.judge({ kind: 'changed', cluster, change, before, after, evidence, leader });
  }
}

/** Short words for a membership: ordinals, `L` for learners, `?` while unstarted. */
export function describe(membership: EtcdProc['dir']['membership']): string {
  const words = membership.members.map(
    (member) =>
      `${/m([0-9]+)/.exec(member.peerUrls[0] ?? '')?.[1] ?? '-'}:${member.id.slice(0, 4)}${member.isLearner ? 'L' : ''}${member.name === '' ? '?' : ''}`,
  );
  return `{${words.sort().join(' ')}}`;
}

/** A removed member stops a second later (`stopWithDelay`, server.go). */
function leaveCluster(world: EtcdWorld, proc: EtcdProc): void {
  proc.isLeader = false;
  proc.leaderId = null;
  if (!proc.isLeaving) {
    proc.isLeaving = true;
    schedule(world, 1_000, 'removed member stops', () => exitEtcd(world, proc, 0, 'removed from the cluster'));
  }
}

/** Something happened to leaders, members or links: everybody's election timer runs again. */
export function disturb(world: EtcdWorld): void {
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

/** The leader that `proc` hears from: in its cluster, not of an older term, and knowing it. */
export function leaderHeardBy(world: EtcdWorld, proc: EtcdProc): EtcdProc | undefined {
  return world.etcd.procs.find(
    (leader) =>
      leader.isLeader &&
      leader.dir.clusterId === proc.dir.clusterId &&
      leader.dir.term >= proc.dir.term &&
      leader.dir.membership.members.some((member) => member.id === proc.id) &&
      (leader === proc || exchange(world, leader, proc)),
  );
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
  const reached = peers.filter((peer) => peer === proc || (peer !== undefined && exchange(world, proc, peer)));
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
  const isFree = voter.dir.term < term || (voter.dir.term === term && (voter.dir.votedFor ?? candidate.id) === candidate.id);
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
  append(world, proc, null, null, undefined);
  disturb(world);
}

function stepDown(world: EtcdWorld, proc: EtcdProc, term: number): void {
  proc.isLeader = false;
  proc.leaderId = null;
  if (term > proc.dir.term) {
    proc.dir.term = term;
    proc.dir.votedFor = null;
  }
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
