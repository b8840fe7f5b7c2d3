/** Where backups are stored: shared by EtcdBackup, which writes there, and EtcdRestore, which reads. */
import type { LocalReference, SubdomainName } from './kubernetes.ts';

/** A place for backups. Exactly the part that `storageType` names is given. */
export interface BackupStore {
  /** Which kind of place. `Local` is a volume in the same namespace. */
  readonly storageType: 'S3' | 'GCS' | 'Azure' | 'Local';
  /** The bucket, for `S3`. */
  readonly s3?: S3Store;
  /** The bucket, for `GCS`. */
  readonly gcs?: GcsStore;
  /** The container, for `Azure`. */
  readonly azure?: AzureStore;
  /** The volume, for `Local`. */
  readonly local?: LocalStore;
}

/** A bucket that speaks the S3 protocol. */
export interface S3Store {
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
   * URL of a store other than AWS, such as `https://minio.storage:9000`.
   * @pattern ^https?://
   * @maxLength 2048
   */
  readonly endpoint?: string;
  /**
   * Prefix of the objects' names.
   * @maxLength 512
   */
  readonly path?: string;
  /**
   * Addresses the bucket in the path rather than in the host name, as most stores other than AWS want it.
   * @default false
   */
  readonly forcePathStyle?: boolean;
  /** Secret with `accessKey` and `secretKey`. Without any Secret the Pod's own identity is used. */
  readonly credentialsSecret?: LocalReference;
  /** Secret with the key `accessKey`, together with `secretKeySecret`; `credentialsSecret` is the shorter way. */
  readonly accessKeySecret?: SubdomainName;
  /** Secret with the key `secretKey`, together with `accessKeySecret`. */
  readonly secretKeySecret?: SubdomainName;
  /** Secret with `ca.crt` of a store with its own authority. */
  readonly caSecret?: LocalReference;
}

/** A bucket of Google Cloud Storage. */
export interface GcsStore {
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
export interface AzureStore {
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
export interface LocalStore {
  /** Name of the PersistentVolumeClaim. */
  readonly claimName: SubdomainName;
  /**
   * Folder on the volume.
   * @maxLength 512
   */
  readonly path?: string;
}

/** Encryption of snapshots. */
export interface BackupEncryption {
  /** Secret with the key `key`: 32 bytes, base64. */
  readonly keySecret: LocalReference;
}
