/** etcd's replicated log and the membership it spells out: pure rules, from etcd 3.5–3.7 `membership`. */
import type { Refusal } from '../../src/etcd/member-api.ts';
import { type EtcdId, etcdIdOfHex, type Member } from '../../src/model/member.ts';

/** A change of the member list, as one log entry carries it. */
export type ConfChange =
  | { readonly kind: 'add'; readonly member: Member }
  | { readonly kind: 'promote'; readonly id: EtcdId }
  | { readonly kind: 'remove'; readonly id: EtcdId }
  /** `promotes`: etcds that have the bug list a learner as a voter from then on. */
  | {
      readonly kind: 'update-url';
      readonly id: EtcdId;
      readonly peerUrl: string;
      readonly promotes: boolean;
    }
  | { readonly kind: 'publish'; readonly id: EtcdId; readonly name: string; readonly clientUrl: string };

/** On what grounds somebody acted: since when those grounds were looked at. */
export type Evidence = {
  readonly who: string;
  readonly ordinal: number;
  readonly podUid: string;
  readonly sinceMs: number;
  /** Which of its looks that was. */
  readonly look: number;
  readonly reason: string;
  /** How far behind the leader the acting member was, in raft entries, when it looked. */
  readonly lag: number;
};

/** The members and everybody who ever was one. */
export type Membership = {
  /** Ordered by ID, as etcd lists them. */
  readonly members: readonly Member[];
  readonly voterIds: readonly EtcdId[];
  /** Listed as voters by a bug (L26), while raft goes on without their vote. */
  readonly phantoms: ReadonlySet<EtcdId>;
  readonly removed: ReadonlySet<EtcdId>;
};

export type Entry = {
  readonly term: number;
  /** The raft index; a write may stand for many entries, so positions and indexes differ. */
  readonly index: number;
  readonly change: ConfChange | null;
  readonly isWrite: boolean;
  readonly evidence: Evidence | null;
  /** The membership once this entry is applied; set by whoever applies it first. */
  after: Membership | undefined;
  /** Why applying the change did nothing. */
  refusal: Refusal | undefined;
  /** Told once the member that took the request has applied the entry. */
  answer: { readonly at: number; readonly tell: (refusal: Refusal | undefined) => void } | undefined;
};

/** What lies in one data directory; appended entries are durable, what is committed is known lazily. */
export type DataDir = {
  readonly key: number;
  readonly clusterId: EtcdId;
  readonly memberId: EtcdId;
  readonly log: Entry[];
  term: number;
  votedFor: EtcdId | null;
  /** How many entries are known committed, and applied. */
  commit: number;
  /** The part of that which survives a kill. */
  durableCommit: number;
  membership: Membership;
  /** Why etcd cannot run on it: torn records, or a log that 3.5 wrote, for 3.7. */
  damage: 'none' | 'etcd-fails' | 'unreadable' | 'too-old';
};

export const NO_MEMBERS: Membership = {
  members: [],
  voterIds: [],
  phantoms: new Set(),
  removed: new Set(),
};

/** Made of the URL and token at bootstrap, of the URL and the second on an add (`computeMemberID`). */
export function memberIdOf(peerUrl: string, salt: string): EtcdId {
  return idOf(`${peerUrl}|${salt}`);
}

/** Made of the first members' IDs, hence of URL and token (`RaftCluster.genID`). */
export function clusterIdOf(memberId: EtcdId): EtcdId {
  return idOf(`cluster|${memberId}`);
}

/** The membership after `change`, or why etcd drops it when it applies it (`ValidateConfigurationChange`). */
export function applyChange(
  before: Membership,
  change: ConfChange,
  maxLearners: number,
): Membership | Refusal {
  switch (change.kind) {
    case 'publish':
      return publish(before, change);
    case 'add':
      return add(before, change.member, maxLearners);
    case 'promote':
      return promote(before, change.id);
    case 'remove':
      return remove(before, change.id);
    case 'update-url':
      return updateUrl(before, change);
  }
}

export function memberOf(membership: Membership, id: EtcdId): Member | undefined {
  return membership.members.find((member) => member.id === id);
}

function publish(before: Membership, change: Extract<ConfChange, { kind: 'publish' }>): Membership {
  return withMembers(
    before,
    before.members.map((member) =>
      member.id === change.id ? { ...member, name: change.name, clientUrls: [change.clientUrl] } : member,
    ),
  );
}

function add(before: Membership, member: Member, maxLearners: number): Membership | Refusal {
  if (before.removed.has(member.id)) {
    return 'not-found';
  }
  if (before.members.some((other) => other.id === member.id || other.peerUrls[0] === member.peerUrls[0])) {
    return 'already-listed';
  }
  const learners = before.members.length - before.voterIds.length;
  if (member.isLearner && learners + 1 > maxLearners) {
    return 'too-many-learners';
  }
  return withMembers(before, [...before.members, member]);
}

function promote(before: Membership, id: EtcdId): Membership | Refusal {
  const member = memberOf(before, id);
  if (member === undefined) {
    return 'not-found';
  }
  if (!member.isLearner) {
    return 'not-a-learner';
  }
  return withMembers(
    before,
    before.members.map((other) => (other.id === id ? { ...other, isLearner: false } : other)),
  );
}

function updateUrl(
  before: Membership,
  { id, peerUrl, promotes }: Extract<ConfChange, { kind: 'update-url' }>,
): Membership | Refusal {
  const self = memberOf(before, id);
  if (self === undefined) {
    return 'not-found';
  }
  if (before.members.some((other) => other.id !== id && other.peerUrls.includes(peerUrl))) {
    return 'already-listed';
  }
  const isLearner = self.isLearner && !promotes;
  const phantoms = isLearner === self.isLearner ? before.phantoms : new Set([...before.phantoms, id]);
  return withMembers(
    { ...before, phantoms },
    before.members.map((member) =>
      member.id === id ? { ...member, peerUrls: [peerUrl], isLearner } : member,
    ),
  );
}

function remove(before: Membership, id: EtcdId): Membership | Refusal {
  if (memberOf(before, id) === undefined) {
    return 'not-found';
  }
  const rest = before.members.filter((member) => member.id !== id);
  return withMembers({ ...before, removed: new Set([...before.removed, id]) }, rest);
}

function withMembers(before: Membership, members: readonly Member[]): Membership {
  const ordered = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    members: ordered,
    voterIds: ordered
      .filter((member) => !member.isLearner && !before.phantoms.has(member.id))
      .map((member) => member.id),
    phantoms: before.phantoms,
    removed: before.removed,
  };
}

/** Sixteen hexadecimal digits, the first never zero, so that IDs sort as text as they do as numbers. */
function idOf(text: string): EtcdId {
  const high = ((fnv1a(text, 0x811c9dc5) >>> 0) % 0xf0000000) + 0x10000000;
  const low = fnv1a(text, 0x2f0b4a5d) >>> 0;
  const id = etcdIdOfHex(`${high.toString(16)}${low.toString(16).padStart(8, '0')}`);
  if (id === undefined) {
    throw new Error(`no ID of ${text}`);
  }
  return id;
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let position = 0; position < text.length; position++) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  }
  return hash;
}
