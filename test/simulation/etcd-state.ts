/** What runs and what is true of the modelled etcds. */
import type { EtcdVersion } from '../../src/model/etcd-version.ts';
import type { EtcdId } from '../../src/model/member.ts';
import type { BaseWorld } from './base-world.ts';
import type { ConfChange, DataDir, Entry, Evidence, Membership } from './etcd-log.ts';
import { NO_MEMBERS } from './etcd-log.ts';
import { canTalk } from './network.ts';

/** The place a data directory lies in: `data/` of a volume. */
export type Disk = { data: DataDir | null };

/** An etcd process that takes part in raft. */
export type EtcdProc = {
  readonly key: number;
  readonly ordinal: number;
  /** Unlike the ordinal, never shared by two Pods. */
  readonly address: number;
  readonly node: number;
  readonly dir: DataDir;
  readonly id: EtcdId;
  readonly maxLearners: number;
  /** Since when its links can be up: it serves, and was not stopped. */
  linkedSinceMs: number;
  /** When each peer, by its process, was last marked inactive; a link that is younger makes it active again. */
  readonly inactiveSinceMs: Map<number, number>;
  isAlive: boolean;
  isPaused: boolean;
  /** The client port opens once the member has published its name through raft. */
  isClientOpen: boolean;
  isLeader: boolean;
  leaderId: EtcdId | null;
  /** How many entries each member is known to hold; kept by a leader. */
  readonly match: Map<EtcdId, number>;
  /** No change of the membership is proposed before this many entries are applied. */
  pendingChange: number;
  /** Position of the leader's first entry of its term. */
  termStart: number;
  isTimerArmed: boolean;
  isReplicationArmed: boolean;
  /** Its data came as a snapshot, after which the client port may stay shut for 7 s (measured). */
  isSnapshotFed: boolean;
  /** It applied its own removal and stops soon. */
  isLeaving: boolean;
  readonly onExit: (code: number, why: string) => void;
};

/** An etcd process before it serves its peer port: it accepts and says nothing. */
export type EtcdBoot = {
  readonly address: number;
  readonly node: number;
  isAlive: boolean;
  isPaused: boolean;
};

/** The truth about one cluster ID, known to nobody in the world. */
export type ClusterTruth = {
  readonly id: EtcdId;
  readonly token: string;
  /** Every entry that ever counted as committed, in order. */
  readonly committed: Entry[];
  membership: Membership;
  /** Which data directory each member ID first ran on. */
  readonly ranOn: Map<EtcdId, number>;
  readonly lastAliveMs: Map<EtcdId, number>;
  quorumSeenMs: number;
  acknowledged: number;
};

/** Something that happened in a step and that the invariants judge. */
export type EtcdFact =
  | { readonly kind: 'elected'; readonly proc: EtcdProc }
  | { readonly kind: 'applied-elsewhere'; readonly proc: EtcdProc; readonly position: number }
  | {
      readonly kind: 'changed';
      readonly cluster: ClusterTruth;
      readonly change: ConfChange;
      readonly before: Membership;
      readonly after: Membership;
      readonly evidence: Evidence | null;
      readonly leader: EtcdProc;
    };

export type EtcdModel = {
  readonly procs: EtcdProc[];
  readonly boots: EtcdBoot[];
  readonly clusters: Map<EtcdId, ClusterTruth>;
  readonly minor: number;
  /** MemberUpdate lists a learner as a voter: before 3.5.31 and 3.6.12 (L26, etcd-io/etcd#21736). */
  readonly updatePromotes: boolean;
  /** Raft entries that one client write stands for. */
  readonly writeWeight: number;
  nextKey: number;
  /** Changes that raft dropped without a word. */
  dropped: number;
  /** Leaders, members or links changed in this step: every election timer is to run again. */
  isDisturbed: boolean;
};

export type EtcdWorld = BaseWorld & {
  readonly etcd: EtcdModel;
  /** The address that `ordinal`'s peer and client URLs lead to, as seen from `node`. */
  readonly addressOf: (node: number, ordinal: number) => number | undefined;
  readonly judge: (fact: EtcdFact) => void;
};

export function createEtcdModel({ minor, patch }: EtcdVersion, writeWeight: number): EtcdModel {
  return {
    procs: [],
    boots: [],
    clusters: new Map(),
    minor,
    updatePromotes: (minor === 5 && patch < 31) || (minor === 6 && patch < 12),
    writeWeight,
    nextKey: 1,
    dropped: 0,
    isDisturbed: false,
  };
}

/** An empty data directory's content once its member has an ID. */
export function createDataDir(world: EtcdWorld, clusterId: EtcdId, memberId: EtcdId): DataDir {
  return {
    key: world.etcd.nextKey++,
    clusterId,
    memberId,
    log: [],
    term: 0,
    votedFor: null,
    commit: 0,
    durableCommit: 0,
    membership: NO_MEMBERS,
    damage: 'none',
  };
}

export function truthOf(world: EtcdWorld, clusterId: EtcdId, token = ''): ClusterTruth {
  const known = world.etcd.clusters.get(clusterId);
  if (known !== undefined) {
    return known;
  }
  const cluster: ClusterTruth = {
    id: clusterId,
    token,
    committed: [],
    membership: NO_MEMBERS,
    ranOn: new Map(),
    lastAliveMs: new Map(),
    quorumSeenMs: 0,
    acknowledged: 0,
  };
  world.etcd.clusters.set(clusterId, cluster);
  return cluster;
}

/** The running process of a member, the youngest when there are two. */
export function procOf(world: EtcdWorld, clusterId: EtcdId, id: EtcdId): EtcdProc | undefined {
  const { procs } = world.etcd;
  for (let position = procs.length - 1; position >= 0; position--) {
    const proc = procs[position];
    if (proc !== undefined && proc.id === id && proc.dir.clusterId === clusterId) {
      return proc;
    }
  }
  return undefined;
}

/** The process that listens at `address`. */
export function procAt(world: EtcdWorld, address: number): EtcdProc | undefined {
  return world.etcd.procs.find((proc) => proc.address === address);
}

/** Whether raft messages pass between two live processes. */
export function exchange(world: EtcdWorld, a: EtcdProc, b: EtcdProc): boolean {
  return !a.isPaused && !b.isPaused && canTalk(world.network, a.node, b.node);
}

export function isVoter(membership: Membership, id: EtcdId): boolean {
  return membership.voterIds.includes(id);
}

/** The raft index of the entry before position `count`. */
export function indexAt(log: readonly Entry[], count: number): number {
  return count === 0 ? 0 : (log[count - 1]?.index ?? 0);
}

/** Notes that an election may be due; the timers are armed after the step. */
export function disturb(world: EtcdWorld): void {
  world.etcd.isDisturbed = true;
}
