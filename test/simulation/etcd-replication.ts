/**
 * Replication as far as membership and acknowledged writes need it. One exchange between two members is
 * atomic; between exchanges anything may happen.
 */
import { quorumOf } from '../../src/model/member.ts';
import { note, schedule } from './base-world.ts';
import { exitEtcd } from './etcd-exit.ts';
import { applyChange, type ConfChange, type Entry, type Evidence, type Membership } from './etcd-log.ts';
import { disturb, type EtcdProc, type EtcdWorld, exchange, indexAt, procOf, truthOf } from './etcd-state.ts';
import { canDial } from './network.ts';

/** A leader sends what is new at once, and so what it newly knows to be committed. */
const REPLICATION_MS_MAX = 8;
/** A follower that did not take everything is fed again within this. */
const CATCHING_UP_MS_MAX = 120;
/** So many entries a slow member takes at a time. */
const SLOW_ENTRIES = 2;
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
  if (leader.isLeaving) {
    // A leader that was removed drops proposals (raft.go, MsgProp).
    return undefined;
  }
  const isConf = change !== null && change.kind !== 'publish';
  if (isConf && leader.pendingChange > dir.commit) {
    // "ignoring conf change: possible unapplied conf change" (raft.go, MsgProp): an empty entry goes in.
    world.etcd.dropped += 1;
    appendEmpty(world, leader);
    return undefined;
  }
  if (isConf) {
    leader.pendingChange = dir.log.length + 1;
  }
  return append(world, leader, change, evidence, answer);
}

/** What a new leader begins its term with. */
export function appendEmpty(world: EtcdWorld, leader: EtcdProc): void {
  append(world, leader, null, null, undefined);
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
    armReplication(
      world,
      leader,
      world.random.between(1, isBehind ? CATCHING_UP_MS_MAX : REPLICATION_MS_MAX),
    );
  }
}

/** One append with its answer; false while the follower is not yet where the leader is. */
export function feed(world: EtcdWorld, leader: EtcdProc, follower: EtcdProc): boolean {
  const { dir } = leader;
  const { dir: to } = follower;
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
  const isSlow = world.network.slow[follower.node] === 1;
  const end = isSlow ? Math.min(dir.log.length, common + SLOW_ENTRIES) : dir.log.length;
  for (let position = common; position < end; position++) {
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
    const after = entry.after ?? outcomeOf(entry, entry.change, before, proc.maxLearners);
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

function outcomeOf(entry: Entry, change: ConfChange, before: Membership, maxLearners: number): Membership {
  const outcome = applyChange(before, change, maxLearners);
  if (typeof outcome === 'string') {
    entry.refusal = outcome;
    return before;
  }
  return outcome;
}

function publishTruth(
  world: EtcdWorld,
  leader: EtcdProc,
  entry: Entry,
  before: Membership,
  after: Membership,
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
export function describe(membership: Membership): string {
  const words = membership.members.map(
    (member) =>
      `${/m([0-9]+)/.exec(member.peerUrls[0] ?? '')?.[1] ?? '-'}:${member.id.slice(0, 4)}${member.isLearner ? 'L' : ''}${member.name === '' ? '?' : ''}`,
  );
  return `{${words.sort().join(' ')}}`;
}

/** A removed member stops a second later (`stopWithDelay`, server.go); a leader tells the others meanwhile. */
function leaveCluster(world: EtcdWorld, proc: EtcdProc): void {
  if (!proc.isLeaving) {
    proc.isLeaving = true;
    schedule(world, 1_000, 'removed member stops', () =>
      exitEtcd(world, proc, 0, 'removed from the cluster'),
    );
  }
}

/** The leader gives up; `term` is the highest it has heard of. */
export function stepDown(world: EtcdWorld, proc: EtcdProc, term: number): void {
  proc.isLeader = false;
  proc.leaderId = null;
  if (term > proc.dir.term) {
    proc.dir.term = term;
    proc.dir.votedFor = null;
  }
  disturb(world);
}
