/** Kind EtcdBackup of etcd.etcd.io/v1alpha1; see etcd-cluster.ts for how these types are used. */
import type { BackupEncryption, BackupStore } from './backup-store.ts';
import type { ClusterName } from './etcd-cluster.ts';
import type { Condition, ObjectMeta } from './kubernetes.ts';
import type { CronLine, TimeSpan } from './times.ts';

/**
 * A backup of an EtcdCluster in the same namespace: one now, or one at each time of a schedule.
 * @kind etcdbackups etcdbackup
 * @column Phase string .status.phase
 * @column Cluster string .spec.clusterName
 * @column Storage string .spec.storageType
 * @column Size integer .status.backupSize
 * @column Age date .metadata.creationTimestamp
 * @wideColumn Revision integer .status.etcdRevision
 * @wideColumn Path string .status.storagePath
 */
export interface EtcdBackup {
  readonly apiVersion: 'etcd.etcd.io/v1alpha1';
  readonly kind: 'EtcdBackup';
  readonly metadata: ObjectMeta;
  /** What is backed up, when, and where it is stored. */
  readonly spec: EtcdBackupSpec;
  /** How it went. */
  readonly status?: EtcdBackupStatus;
}

/** What is backed up, when, and where it is stored. */
export interface EtcdBackupSpec extends BackupStore {
  /** Name of the EtcdCluster. */
  readonly clusterName: ClusterName;
  /**
   * Accepted for compatibility; must be the namespace of this object, since references never leave it.
   * @maxLength 63
   */
  readonly clusterNamespace?: string;
  /**
   * When backups are made, as a cron line of five fields in UTC, or a word such as `@daily`; one backup at
   * once when absent.
   */
  readonly schedule?: CronLine;
  /**
   * Makes no further scheduled backups until false again.
   * @default false
   */
  readonly suspend?: boolean;
  /** Which backups of a schedule are kept; all of them when absent. */
  readonly retentionPolicy?: BackupRetentionPolicy;
  /**
   * Compresses the snapshot with zstd.
   * @default false
   */
  readonly compression?: boolean;
  /** Encrypts the snapshot before it leaves the cluster. */
  readonly encryption?: BackupEncryption;
  /**
   * Deletes the object of a backup this long after it completed, such as `72h`; of a schedule, the objects of
   * its runs. The stored backup stays.
   */
  readonly ttl?: TimeSpan;
}

/** Which backups of a schedule are kept; the newest completed one always is. */
export interface BackupRetentionPolicy {
  /**
   * At most this many.
   * @format int32
   * @minimum 1
   * @maximum 10000
   */
  readonly maxBackups?: number;
  /** At most this old, such as `30d`. */
  readonly maxAge?: TimeSpan;
}

/** Where a backup stands. */
export type BackupPhase = 'Pending' | 'Running' | 'Completed' | 'Failed';

/** How a backup went. */
export interface EtcdBackupStatus {
  /** Where the backup stands. */
  readonly phase?: BackupPhase;
  /**
   * What holds and what does not.
   * @listMapKey type
   */
  readonly conditions?: readonly Condition[];
  /**
   * Bytes stored.
   * @format int64
   */
  readonly backupSize?: number;
  /**
   * Bytes of the snapshot before compression and encryption.
   * @format int64
   */
  readonly snapshotSize?: number;
  /**
   * Bytes done so far.
   * @format int64
   */
  readonly progressBytes?: number;
  /** SHA-256 of what is stored, in hexadecimal. */
  readonly sha256?: string;
  /** Where it is stored. */
  readonly storagePath?: string;
  /** Version of the etcd it was taken from. */
  readonly etcdVersion?: string;
  /**
   * Revision it holds.
   * @format int64
   */
  readonly etcdRevision?: number;
  /** Member it was taken from, in hexadecimal. */
  readonly memberID?: string;
  /**
   * When it began.
   * @dateTime
   */
  readonly startTime?: string;
  /**
   * When it was stored and verified.
   * @dateTime
   */
  readonly completionTime?: string;
  /**
   * When a backup of this schedule last completed.
   * @dateTime
   */
  readonly lastSuccessfulTime?: string;
  /**
   * The generation of the object this status is about.
   * @format int64
   */
  readonly observedGeneration?: number;
}
