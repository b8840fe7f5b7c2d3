/**
 * Kind EtcdCluster of etcd.etcd.io/v1alpha1. These types are the one source of the CRD, of `docs/api.md`
 * and of what users import: doc comments become descriptions, tags become validation.
 */
import type {
  Annotations,
  Condition,
  EnvironmentVariable,
  LabelSelector,
  Labels,
  LocalReference,
  ObjectMeta,
  PassThrough,
  Quantity,
  ResourceRequirements,
  TemplateMetadata,
} from './kubernetes.ts';
import type { CronLine, TimeSpan } from './times.ts';

/**
 * An etcd cluster that forms, scales and heals by itself.
 * @kind etcdclusters etcd
 * @column Phase string .status.phase
 * @column Size integer .spec.size
 * @column Ready integer .status.readyReplicas
 * @column Leader string .status.leader
 * @column Version string .status.version
 * @column Age date .metadata.creationTimestamp
 * @wideColumn Endpoints string .status.clientEndpoints[0]
 * @wideColumn Message string .status.message
 * @scale .spec.size .status.readyReplicas .status.selector
 */
export interface EtcdCluster {
  readonly apiVersion: 'etcd.etcd.io/v1alpha1';
  readonly kind: 'EtcdCluster';
  readonly metadata: ObjectMeta;
  /**
   * What the cluster should be. Every field has a default.
   * @default {}
   */
  readonly spec: EtcdClusterSpec;
  /** What the cluster is. */
  readonly status?: EtcdClusterStatus;
}

/** What an etcd cluster should be. */
export interface EtcdClusterSpec {
  /**
   * How many members. Odd, because an even number survives no more failures than one less. 0 hibernates the
   * cluster: no Pods, all data and the whole membership kept.
   * @default 3
   * @format int32
   * @minimum 0
   * @maximum 9
   */
  readonly size?: number;
  /**
   * etcd's version, with or without a leading `v`. 3.5, 3.6 and 3.7 are supported, one minor up at a time.
   * @default "v3.6.16"
   * @pattern ^v?3\.[0-9]+\.[0-9]+$
   * @maxLength 16
   */
  readonly version?: string;
  /**
   * Image repository of etcd, without a tag: `version` says which.
   * @default "quay.io/coreos/etcd"
   * @pattern ^[A-Za-z0-9][A-Za-z0-9._:/@-]*$
   * @maxLength 255
   */
  readonly repository?: string;
  /** Where members keep their data. */
  readonly storage?: StorageSpec;
  /** TLS, etcd's own authentication, and who may reach the cluster. */
  readonly security?: SecuritySpec;
  /**
   * Compute resources of the etcd containers.
   * @assumed requests of 100m and 128Mi, limits of 1000m and 1Gi
   */
  readonly resources?: ResourceRequirements;
  /** How etcd itself is tuned. */
  readonly etcd?: EtcdOptionsSpec;
  /** What the members' Pods get beside what the operator sets. */
  readonly podTemplate?: PodTemplateSpec;
  /** The Service that clients use. */
  readonly clientService?: ClientServiceSpec;
  /** Regular upkeep. */
  readonly maintenance?: MaintenanceSpec;
  /** The one explicit way out of a lost quorum. Nothing else ever recovers by itself. */
  readonly recovery?: RecoverySpec;
  /**
   * Leaves everything as it is until false again: the operator only observes.
   * @default false
   */
  readonly pause?: boolean;
}

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

/** TLS, authentication, reachability. */
export interface SecuritySpec {
  /** Encryption. Absent: plain text, which a condition says aloud. */
  readonly tls?: TlsSpec;
  /** etcd's own users and roles. */
  readonly auth?: AuthSpec;
  /**
   * Renders NetworkPolicies: peers only among members, agents only from members and operator.
   * @default false
   */
  readonly networkPolicy?: boolean;
}

/** Encryption between clients, peers, agents and operator. */
export interface TlsSpec {
  /**
   * Whether traffic is encrypted and both ends are authenticated.
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * Encrypts the client side.
   * @assumed what `enabled` says
   */
  readonly clientTLSEnabled?: boolean;
  /**
   * Encrypts the peer side.
   * @assumed what `enabled` says
   */
  readonly peerTLSEnabled?: boolean;
  /**
   * The operator issues and renews all certificates.
   * @assumed true unless `certificateSecret` or `issuerRef` is given
   */
  readonly autoTLS?: boolean;
  /**
   * A Secret with `tls.crt` and `tls.key` of the members, in place of `autoTLS`; `caSecret` belongs to it.
   * @minLength 1
   * @maxLength 253
   */
  readonly certificateSecret?: string;
  /**
   * A Secret with `ca.crt`, and with `tls.key` when the operator shall issue from it.
   * @minLength 1
   * @maxLength 253
   */
  readonly caSecret?: string;
  /** A cert-manager issuer that signs, in place of `autoTLS`. */
  readonly issuerRef?: IssuerReference;
  /**
   * Renews certificates that the operator or an issuer made before they expire.
   * @default true
   */
  readonly autoRotate?: boolean;
  /**
   * How often certificates are renewed, such as `720h`.
   * @assumed two thirds of their life
   */
  readonly rotationPeriod?: TimeSpan;
}

/** Names a cert-manager issuer. */
export interface IssuerReference {
  /**
   * Name of the issuer.
   * @minLength 1
   * @maxLength 253
   */
  readonly name: string;
  /**
   * Kind of the issuer.
   * @default "Issuer"
   */
  readonly kind?: 'Issuer' | 'ClusterIssuer';
}

/** etcd's own authentication. */
export interface AuthSpec {
  /**
   * Whether etcd asks clients who they are.
   * @default false
   */
  readonly enabled?: boolean;
  /** Secret with the key `password` for etcd's root user; made up by the operator when absent. */
  readonly rootPasswordSecret?: LocalReference;
  /**
   * Users beside root.
   * @listMapKey name
   * @maxItems 64
   */
  readonly users?: readonly AuthUser[];
  /**
   * Roles that users have.
   * @listMapKey name
   * @maxItems 64
   */
  readonly roles?: readonly AuthRole[];
}

/** One user of etcd. */
export interface AuthUser {
  /**
   * Name, which is also the common name of the user's client certificate.
   * @minLength 1
   * @maxLength 64
   */
  readonly name: string;
  /** Secret with the key `password`; without it the user authenticates by certificate alone, which needs TLS. */
  readonly passwordSecret?: LocalReference;
  /**
   * Roles the user has: those of `roles`, and etcd's own `root`.
   * @listSet
   * @maxItems 16
   */
  readonly roles?: readonly RoleName[];
}

/**
 * Name of a role of etcd.
 * @minLength 1
 * @maxLength 64
 */
export type RoleName = string;

/** One role of etcd. */
export interface AuthRole {
  /** Name of the role. */
  readonly name: RoleName;
  /**
   * What the role may do.
   * @maxItems 64
   */
  readonly permissions?: readonly AuthPermission[];
}

/** What a role may do with one range of keys. */
export interface AuthPermission {
  /** Read, write, or both. */
  readonly access: 'Read' | 'Write' | 'ReadWrite';
  /**
   * The key, or the first key of the range.
   * @maxLength 1024
   */
  readonly key: string;
  /**
   * Whether all keys with this prefix are meant.
   * @default false
   */
  readonly prefix?: boolean;
}

/** How etcd itself is tuned. What is left out is etcd's own default. */
export interface EtcdOptionsSpec {
  /**
   * Size of the database at which etcd refuses writes, such as `4Gi`. It has to fit into the volume; etcd
   * advises against more than 8Gi.
   * @assumed 2Gi
   */
  readonly quotaBackendBytes?: Quantity;
  /**
   * How history is compacted by itself.
   * @assumed periodic
   */
  readonly autoCompactionMode?: 'periodic' | 'revision';
  /**
   * How much history stays: a duration such as `30m` for `periodic`, a number for `revision`. All of it when
   * absent.
   * @maxLength 32
   */
  readonly autoCompactionRetention?: string;
  /**
   * Committed entries between two snapshots of the raft log.
   * @assumed 100000 in etcd 3.5, 10000 since 3.6
   * @format int64
   * @minimum 1
   */
  readonly snapshotCount?: number;
  /**
   * Milliseconds between two heartbeats of the leader.
   * @assumed 100
   * @format int32
   * @minimum 10
   * @maximum 5000
   */
  readonly heartbeatIntervalMs?: number;
  /**
   * Milliseconds without a heartbeat until a follower stands for election; at least five heartbeats.
   * @assumed 1000
   * @format int32
   * @minimum 50
   * @maximum 50000
   */
  readonly electionTimeoutMs?: number;
  /**
   * Further options by etcd's own names, such as `max-request-bytes`. What the agent owns is refused by name.
   * @maxProperties 64
   */
  readonly extraArgs?: Readonly<Record<string, OptionText>>;
}

/**
 * The value of an option, as on etcd's command line.
 * @maxLength 1000
 */
export type OptionText = string;

/** What the members' Pods get beside what the operator sets. */
export interface PodTemplateSpec {
  /** Labels and annotations of the Pods. */
  readonly metadata?: TemplateMetadata;
  /** Nodes the Pods may run on. */
  readonly nodeSelector?: Labels;
  /**
   * Affinity of the Pods.
   * @assumed apart from each other by node, if possible
   */
  readonly affinity?: PassThrough;
  /**
   * Taints the Pods tolerate.
   * @maxItems 64
   */
  readonly tolerations?: readonly PassThrough[];
  /**
   * How the Pods are spread.
   * @assumed over zones, if possible
   * @maxItems 16
   */
  readonly topologySpreadConstraints?: readonly PassThrough[];
  /**
   * PriorityClass of the Pods.
   * @maxLength 253
   */
  readonly priorityClassName?: string;
  /**
   * Secrets to pull images with.
   * @maxItems 16
   */
  readonly imagePullSecrets?: readonly LocalReference[];
  /**
   * Security context of the Pods, laid over the assumed one.
   * @assumed what Pod Security's `restricted` wants
   */
  readonly securityContext?: PassThrough;
  /**
   * Seconds a Pod has to stop; half of them may be spent on leaving.
   * @default 60
   * @format int64
   * @minimum 20
   * @maximum 3600
   */
  readonly terminationGracePeriodSeconds?: number;
  /**
   * Environment of the etcd containers; `ETCD_*` is refused, since `etcd` above is the place for options.
   * @listMapKey name
   * @maxItems 64
   */
  readonly env?: readonly EnvironmentVariable[];
}

/** The Service that clients use. */
export interface ClientServiceSpec {
  /**
   * Type of the Service.
   * @default "ClusterIP"
   */
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  /** Annotations of the Service. */
  readonly annotations?: Annotations;
}

/** Regular upkeep. */
export interface MaintenanceSpec {
  /** Gives back space that compaction freed. */
  readonly defrag?: DefragSpec;
}

/** Regular defragmentation: followers first, the leader last and only after it has handed over. */
export interface DefragSpec {
  /**
   * When, as a cron line of five fields in UTC, or a word such as `@weekly`.
   * @assumed only when etcd has run out of space
   */
  readonly schedule?: CronLine;
  /**
   * Share of a database that must be free before it is worth the stand-still.
   * @default 0.3
   * @minimum 0.01
   * @maximum 0.99
   */
  readonly freeRatio?: number;
}

/** A human's decision to give up what a lost quorum still held. */
export interface RecoverySpec {
  /**
   * One more than `status.generation`; anything else does nothing. It only grows.
   * @format int32
   * @minimum 2
   */
  readonly generation: number;
  /** Where the new generation's data comes from. */
  readonly from: 'Survivor' | 'Snapshot';
}

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
   * What holds and what does not: Available, Ready, Progressing, Degraded, QuorumLost, TLSReady, BackupReady,
   * UpgradeBlocked, DataLost.
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
