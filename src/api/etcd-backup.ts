/** Kind EtcdBackup of etcd.etcd.io/v1alpha1; see etcd-cluster.ts for how these types are used. */
import type { Condition, LocalReference } from './kubernetes.ts';

/** A backup of an EtcdCluster in the same namespace: one now, or one at each time of a schedule. */
export interface EtcdBackupSpec {
  /**
   * Name of the EtcdCluster.
   * @minLength 1
   * @maxLength 52
   */
  readonly clusterName: string;
  /**
   * Accepted for compatibility; must be the namespace of this object, since references never leave it.
   * @maxLength 63
   */
  readonly clusterNamespace?: string;
  /** Where the backup goes. `Local` is a volume in the same namespace. */
  readonly storageType: 'S3' | 'GCS' | 'Azure' | 'Local';
  /**
   * When backups are made, as a cron line in UTC; one backup at once when absent.
   * @maxLength 64
   */
  readonly schedule?: string;
  /**
   * Makes no further scheduled backups until false again.
   * @default false
   */
  readonly suspend?: boolean;
  /** The bucket, for `S3`. */
  readonly s3?: S3Target;
  /** The bucket, for `GCS`. */
  readonly gcs?: GcsTarget;
  /** The container, for `Azure`. */
  readonly azure?: AzureTarget;
  /** The volume, for `Local`. */
  readonly local?: LocalTarget;
  /** Which backups of a schedule are kept. */
  readonly retentionPolicy?: BackupRetentionPolicy;
  /**
   * Compresses the snapshot with zstd.
   * @default false
   */
  readonly compression?: boolean;
  /** Encrypts the snapshot before it leaves the cluster. */
  readonly encryption?: BackupEncryption;
  /**
   * Deletes this object this long after it completed, such as `72h`. The stored backup stays.
   * @pattern ^[0-9]+(s|m|h|d)$
   * @maxLength 16
   */
  readonly ttl?: string;
}

/** A bucket that speaks the S3 protocol. */
export interface S3Target {
  /**
   * Name of the bucket.
   * @minLength 3
   * @maxLength 63
   */
  readonly bucket: string;
  /**
   * Region of the bucket.
   * @maxLength 63
   */
  readonly region?: string;
  /**
   * URL of a store other than AWS.
   * @maxLength 2048
   */
  readonly endpoint?: string;
  /**
   * Prefix of the objects' names.
   * @maxLength 512
   */
  readonly path?: string;
  /**
   * Addresses the bucket in the path rather than in the host name.
   * @default false
   */
  readonly forcePathStyle?: boolean;
  /** Secret with `accessKey` and `secretKey`. */
  readonly credentialsSecret?: LocalReference;
  /**
   * Secret with the key `accessKey`; `credentialsSecret` is the shorter way.
   * @maxLength 253
   */
  readonly accessKeySecret?: string;
  /**
   * Secret with the key `secretKey`; `credentialsSecret` is the shorter way.
   * @maxLength 253
   */
  readonly secretKeySecret?: string;
  /** Secret with `ca.crt` of a store with its own authority. */
  readonly caSecret?: LocalReference;
}

/** A bucket of Google Cloud Storage. */
export interface GcsTarget {
  /**
   * Name of the bucket.
   * @minLength 3
   * @maxLength 222
   */
  readonly bucket: string;
  /**
   * Prefix of the objects' names.
   * @maxLength 512
   */
  readonly path?: string;
  /** Secret with the key `serviceAccount`; the Pod's identity when absent. */
  readonly credentialsSecret?: LocalReference;
}

/** A container of Azure Blob Storage. */
export interface AzureTarget {
  /**
   * Storage account.
   * @minLength 3
   * @maxLength 24
   */
  readonly account: string;
  /**
   * Name of the container.
   * @minLength 3
   * @maxLength 63
   */
  readonly container: string;
  /**
   * Prefix of the blobs' names.
   * @maxLength 512
   */
  readonly path?: string;
  /** Secret with the key `accountKey`; the Pod's identity when absent. */
  readonly credentialsSecret?: LocalReference;
}

/** A volume in the same namespace. */
export interface LocalTarget {
  /**
   * Name of the PersistentVolumeClaim.
   * @minLength 1
   * @maxLength 253
   */
  readonly claimName: string;
  /**
   * Folder on the volume.
   * @maxLength 512
   */
  readonly path?: string;
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
  /**
   * At most this old, such as `30d`.
   * @pattern ^[0-9]+(m|h|d|w)$
   * @maxLength 16
   */
  readonly maxAge?: string;
}

/** Encryption of snapshots. */
export interface BackupEncryption {
  /** Secret with the key `key`: 32 bytes, base64. */
  readonly keySecret: LocalReference;
}

/** How a backup went. */
export interface EtcdBackupStatus {
  /** Where the backup stands. */
  readonly phase?: 'Pending' | 'Running' | 'Completed' | 'Failed';
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
   * The generation of the spec this status is about.
   * @format int64
   */
  readonly observedGeneration?: number;
}
