/** What an EtcdCluster is; see etcd-cluster.ts for how these types are used. */
import type { Condition } from './kubernetes.ts';

/** What an etcd cluster is. Nothing here is guessed: what could not be asked says when it last could. */
export interface EtcdClusterStatus {
  /** Where the cluster stands, derived from what is observed in each pass. */
  readonly phase?: ClusterPhase;
  /**
   * Size that was asked for.
   * @format int32
   */
  readonly size?: number;
  /**
   * Pods that exist.
   * @format int32
   */
  readonly currentReplicas?: number;
  /**
   * Members that serve clients.
   * @format int32
   */
  readonly readyReplicas?: number;
  /** Member ID of the leader, in hexadecimal. */
  readonly leaderID?: string;
  /** Name of the leader's Pod. */
  readonly leader?: string;
  /** etcd's cluster ID, in hexadecimal. */
  readonly clusterID?: string;
  /** Where clients connect. */
  readonly clientEndpoints?: readonly string[];
  /**
   * The members, by what they and the leader say.
   * @listMapKey name
   */
  readonly members?: readonly MemberStatus[];
  /**
   * What holds and what does not: Available, Ready, Progressing, Degraded, QuorumLost, TLSReady, AuthReady,
   * BackupReady, UpgradeBlocked, DataLost.
   * @listMapKey type
   */
  readonly conditions?: readonly Condition[];
  /** The message of the worst condition, for one line of `kubectl get -o wide`. */
  readonly message?: string;
  /** The lowest version any member runs. */
  readonly version?: string;
  /** The version being rolled out. */
  readonly targetVersion?: string;
  /**
   * Incarnation of the data: 1, and one more for each restore or declared recovery.
   * @format int32
   */
  readonly generation?: number;
  /** Label selector of the members' Pods, for the scale subresource. */
  readonly selector?: string;
  /**
   * When a backup last completed.
   * @dateTime
   */
  readonly lastBackupTime?: string;
  /**
   * When this status last changed.
   * @dateTime
   */
  readonly lastUpdateTime?: string;
  /**
   * The generation of the object this status is about.
   * @format int64
   */
  readonly observedGeneration?: number;
}

/** Where a cluster stands. `Failed` is left by itself once its cause is gone. */
export type ClusterPhase =
  | 'Creating'
  | 'Running'
  | 'Scaling'
  | 'Upgrading'
  | 'Recovering'
  | 'Restoring'
  | 'Failed'
  | 'Deleting'
  | 'Stopped';

/** The conditions of a cluster; the schema leaves their types open, as Kubernetes does. */
export type ClusterConditionType =
  | 'Available'
  | 'Ready'
  | 'Progressing'
  | 'Degraded'
  | 'QuorumLost'
  | 'TLSReady'
  | 'AuthReady'
  | 'BackupReady'
  | 'UpgradeBlocked'
  | 'DataLost';

/** What a member is to its cluster. */
export type MemberRole = 'Leader' | 'Voter' | 'Learner' | 'Unstarted';

/** One member, as last heard of. */
export interface MemberStatus {
  /** Name of the Pod and of the member. */
  readonly name: string;
  /** Member ID in hexadecimal; empty before it is registered. */
  readonly id?: string;
  /** The URL other members use. */
  readonly peerURL?: string;
  /** The URL clients use. */
  readonly clientURL?: string;
  /** What the member is to the cluster. */
  readonly role?: MemberRole;
  /** Whether it serves clients. */
  readonly ready?: boolean;
  /** etcd's version. */
  readonly version?: string;
  /**
   * Size of its database in bytes.
   * @format int64
   */
  readonly dbSizeBytes?: number;
  /** Its raft index. */
  readonly raftIndex?: string;
  /**
   * Raft entries it is behind the leader.
   * @format int64
   */
  readonly lagEntries?: number;
  /** Why its agent does what it does, in one word. */
  readonly reason?: string;
  /** Why its agent does what it does, in a sentence. */
  readonly message?: string;
  /**
   * When it was last heard of.
   * @dateTime
   */
  readonly observedAt?: string;
}
