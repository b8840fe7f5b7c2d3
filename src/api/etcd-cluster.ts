/**
 * Kind EtcdCluster of etcd.etcd.io/v1alpha1. These types are the one source of the CRD, of `docs/api.md`
 * and of what users import: doc comments become descriptions, tags become validation.
 */
import type { EtcdClusterStatus } from './cluster-status.ts';
import type {
  Annotations,
  EnvironmentVariable,
  Labels,
  LocalReference,
  ObjectMeta,
  PassThrough,
  Quantity,
  ResourceRequirements,
  TemplateMetadata,
} from './kubernetes.ts';
import type { SecuritySpec } from './security-spec.ts';
import type { StorageSpec } from './storage-spec.ts';
import type { CronLine } from './times.ts';

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

/**
 * The name of an EtcdCluster, after which its Services are named.
 * @pattern ^[a-z]([-a-z0-9]*[a-z0-9])?$
 * @maxLength 52
 */
export type ClusterName = string;

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
