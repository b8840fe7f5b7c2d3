/** Kind EtcdRestore of etcd.etcd.io/v1alpha1; see etcd-cluster.ts for how these types are used. */
import type { S3Target } from './etcd-backup.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';
import type { Condition } from './kubernetes.ts';

/** Brings the data of a backup into a cluster, as a new generation. */
export interface EtcdRestoreSpec {
  /**
   * Name of the EtcdBackup; or use `source`.
   * @maxLength 253
   */
  readonly backupName?: string;
  /**
   * Accepted for compatibility; must be the namespace of this object, since references never leave it.
   * @maxLength 63
   */
  readonly backupNamespace?: string;
  /** A backup that has no object, by where it is stored. */
  readonly source?: RestoreSource;
  /**
   * Name of the EtcdCluster that is replaced, or made.
   * @minLength 1
   * @maxLength 52
   */
  readonly clusterName: string;
  /**
   * `Replace` gives an existing cluster the backup's data; `New` makes a cluster of it.
   * @default "New"
   */
  readonly restoreType?: 'Replace' | 'New';
  /** Spec of the cluster that `New` makes. */
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
   * Accepted for compatibility; the operator chooses where data lies.
   * @maxLength 1024
   */
  readonly dataDir?: string;
  /**
   * Accepted for compatibility; the operator chooses where the log lies.
   * @maxLength 1024
   */
  readonly walDir?: string;
}

/** Where a backup without an object is stored. */
export interface RestoreSource {
  /** Which store. */
  readonly storageType: 'S3' | 'GCS' | 'Azure' | 'Local';
  /**
   * Path of the backup in the store.
   * @minLength 1
   * @maxLength 1024
   */
  readonly path: string;
  /** The bucket, for `S3`. */
  readonly s3?: S3Target;
}

/** A point in the history of a cluster. */
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

/** How a restore went. */
export interface EtcdRestoreStatus {
  /** Where the restore stands. */
  readonly phase?: 'Pending' | 'Downloading' | 'Verifying' | 'Restoring' | 'Joining' | 'Completed' | 'Failed';
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
   * The generation of the spec this status is about.
   * @format int64
   */
  readonly observedGeneration?: number;
}
