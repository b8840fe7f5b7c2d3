/** What an EtcdCluster says of its storage; see etcd-cluster.ts for how these types are used. */
import type { LabelSelector, Quantity, ResourceRequirements, TemplateMetadata } from './kubernetes.ts';

/** Where members keep their data. */
export interface StorageSpec {
  /**
   * Size of each member's volume. Growing it expands the volumes; shrinking is refused. For `Ephemeral` it is
   * the limit of the emptyDir.
   * @assumed what `volumeClaimTemplate` requests, else 10Gi
   */
  readonly size?: Quantity;
  /**
   * StorageClass of the volumes. It cannot change.
   * @assumed what `volumeClaimTemplate` names, else the default of the Kubernetes cluster
   * @maxLength 253
   */
  readonly storageClassName?: string;
  /**
   * `Persistent` volumes survive their Pod; `Ephemeral` data lives in an emptyDir and goes with it, so that a
   * member that is rescheduled joins anew. It cannot change.
   * @default "Persistent"
   */
  readonly medium?: 'Persistent' | 'Ephemeral';
  /** What becomes of the volumes of members that are gone. Hibernation never deletes any. */
  readonly retentionPolicy?: VolumeRetentionPolicy;
  /** A whole claim template, for what `size` and `storageClassName` cannot say; those win where both speak. */
  readonly volumeClaimTemplate?: VolumeClaimTemplate;
}

/** What becomes of volumes, through the StatefulSet's own field. */
export interface VolumeRetentionPolicy {
  /**
   * When the EtcdCluster is deleted.
   * @default "Retain"
   */
  readonly whenDeleted?: 'Retain' | 'Delete';
  /**
   * When a member is scaled away.
   * @default "Retain"
   */
  readonly whenScaled?: 'Retain' | 'Delete';
}

/** A PersistentVolumeClaim template. */
export interface VolumeClaimTemplate {
  /** Labels and annotations of the claims. */
  readonly metadata?: TemplateMetadata;
  /** Spec of the claims. Beside the size it cannot change. */
  readonly spec: VolumeClaimSpec;
}

/** Spec of a PersistentVolumeClaim: what makes sense for several volumes of files that start empty. */
export interface VolumeClaimSpec {
  /**
   * How a volume may be mounted.
   * @assumed ["ReadWriteOnce"]
   * @maxItems 4
   */
  readonly accessModes?: readonly ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  /** `requests.storage` is the size. */
  readonly resources?: ResourceRequirements;
  /**
   * StorageClass of the volumes.
   * @maxLength 253
   */
  readonly storageClassName?: string;
  /** etcd needs a file system. */
  readonly volumeMode?: 'Filesystem';
  /** Which existing volumes may be taken. */
  readonly selector?: LabelSelector;
  /**
   * VolumeAttributesClass of the volumes.
   * @maxLength 253
   */
  readonly volumeAttributesClassName?: string;
}
