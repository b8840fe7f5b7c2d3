/** Kind EtcdRestore of etcd.etcd.io/v1alpha1; see etcd-cluster.ts for how these types are used. */
import type { BackupEncryption, BackupStore } from './backup-store.ts';
import type { ClusterName, EtcdClusterSpec } from './etcd-cluster.ts';
import type { Condition, ObjectMeta, SubdomainName } from './kubernetes.ts';

/**
 * Brings the data of a backup into a cluster, as a new generation. It runs once and cannot be changed.
 * @kind etcdrestores etcdrestore
 * @column Phase string .status.phase
 * @column Backup string .spec.backupName
 * @column Cluster string .spec.clusterName
 * @column Type string .spec.restoreType
 * @column Age date .metadata.creationTimestamp
 * @wideColumn Revision integer .status.restoredRevision
 */
export interface EtcdRestore {
  readonly apiVersion: 'etcd.etcd.io/v1alpha1';
  readonly kind: 'EtcdRestore';
  readonly metadata: ObjectMeta;
  /** Which backup goes where. */
  readonly spec: EtcdRestoreSpec;
  /** How it went. */
  readonly status?: EtcdRestoreStatus;
}

/** Which backup goes where. */
export interface EtcdRestoreSpec {
  /** Name of the EtcdBackup; or use `source`. */
  readonly backupName?: SubdomainName;
  /**
   * Accepted for compatibility; must be the namespace of this object, since references never leave it.
   * @maxLength 63
   */
  readonly backupNamespace?: string;
  /** A backup that has no object, by where it is stored. */
  readonly source?: RestoreSource;
  /** Name of the EtcdCluster that is replaced, or made. */
  readonly clusterName: ClusterName;
  /**
   * `Replace` gives an existing cluster the backup's data; `New` makes a cluster of it.
   * @default "New"
   */
  readonly restoreType?: 'Replace' | 'New';
  /** Spec of the cluster that `New` makes; every field's default when absent. */
  readonly clusterTemplate?: EtcdClusterSpec;
  /** Picks the newest backup of a schedule that is not past this point. */
  readonly pointInTime?: PointInTime;
  /**
   * Raises the revision and marks the history compacted, so that no client sees time go backwards.
   * @default true
   */
  readonly bumpRevision?: boolean;
  /**
   * Accepts a snapshot without an integrity hash, such as a copied database file.
   * @default false
   */
  readonly skipHashCheck?: boolean;
  /**
   * Known from older manifests and refused: the agent chooses where data lies.
   * @maxLength 1024
   */
  readonly dataDir?: string;
  /**
   * Known from older manifests and refused: the agent chooses where the log lies.
   * @maxLength 1024
   */
  readonly walDir?: string;
}

/** Where a backup without an object is stored. */
export interface RestoreSource extends BackupStore {
  /**
   * Name of the stored backup, below the path of the store; with `pointInTime` the prefix of several.
   * @minLength 1
   * @maxLength 1024
   */
  readonly path: string;
  /** How it was encrypted; absent for one that was not. */
  readonly encryption?: BackupEncryption;
}

/** A point in the history of a cluster, as a time or as a revision. */
export interface PointInTime {
  /**
   * At this time or before.
   * @dateTime
   */
  readonly time?: string;
  /**
   * At this revision or before.
   * @format int64
   * @minimum 1
   */
  readonly revision?: number;
}

/** Where a restore stands. */
export type RestorePhase =
  | 'Pending'
  | 'Downloading'
  | 'Verifying'
  | 'Restoring'
  | 'Joining'
  | 'Completed'
  | 'Failed';

/** How a restore went. */
export interface EtcdRestoreStatus {
  /** Where the restore stands. */
  readonly phase?: RestorePhase;
  /**
   * What holds and what does not.
   * @listMapKey type
   */
  readonly conditions?: readonly Condition[];
  /** Name of the cluster that now has the data. */
  readonly restoredCluster?: string;
  /**
   * Revision it now has.
   * @format int64
   */
  readonly restoredRevision?: number;
  /**
   * Bytes restored.
   * @format int64
   */
  readonly restoredSize?: number;
  /**
   * When it began.
   * @dateTime
   */
  readonly startTime?: string;
  /**
   * When all members had joined.
   * @dateTime
   */
  readonly completionTime?: string;
  /**
   * The generation of the object this status is about.
   * @format int64
   */
  readonly observedGeneration?: number;
}
