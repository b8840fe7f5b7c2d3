/** What the operator knows of one cluster at one instant; its planners are pure functions of this. */
import type { EtcdCluster } from '../../api/etcd-cluster.ts';
import type { SchemaFault } from '../../api/object-schema.ts';
import type { AgentStatus } from '../../model/agent-status.ts';
import type { EtcdVersion } from '../../model/etcd-version.ts';
import type { FormationRecord } from '../../model/formation-record.ts';
import type { TlsMode } from '../../resources/tls-mode.ts';

/** An EtcdCluster, as far as it is what its types say. */
export type TypedCluster = EtcdCluster & {
  /** What of its spec is not: that field is left out. No API server lets it pass that has our schema. */
  readonly fault?: SchemaFault;
};

export type ObservedCluster = {
  /** Of the wall clock, in milliseconds since 1970: it goes into status. */
  readonly nowMs: number;
  /** Its `status` is the one written last: what nobody says any more is remembered from there. */
  readonly cluster: TypedCluster;
  /** Undefined: there is none. */
  readonly statefulSet: ObservedStatefulSet | undefined;
  /** By ordinal, ascending. */
  readonly pods: readonly ObservedPod[];
  /** Volumes of this name, of Pods that exist and of Pods that are gone, by ordinal. */
  readonly claims: readonly ObservedClaim[];
  readonly record: ObservedRecord;
};

export type ObservedStatefulSet = {
  readonly name: string;
  readonly uid: string;
  readonly replicas: number;
  /** Revision of the template as it is now; null while its controller has not seen the last change. */
  readonly updateRevision: string | null;
  /** The version of etcd in the template as it is now, by its label. */
  readonly templateVersion: EtcdVersion | undefined;
  /** How members of the template speak, by its annotation. */
  readonly tls: TlsMode;
  readonly deleting: boolean;
  /** Why its controller cannot make Pods, such as a quota, as Kubernetes warned of late. */
  readonly trouble?: PodTrouble;
};

export type ObservedPod = {
  readonly name: string;
  readonly ordinal: number;
  readonly uid: string;
  /** Of the wall clock, in milliseconds since 1970. */
  readonly createdAtMs: number;
  readonly deleting: boolean;
  /** Until when its kubelet gives it time to end, on the clock of `nowMs`; undefined while it may stay. */
  readonly endsByMs?: number;
  /** Whether etcd's container is ready: it serves clients. */
  readonly ready: boolean;
  /** Whether etcd's container has a process, be it one that waits at the gate. */
  readonly etcdRuns: boolean;
  /** Revision of the template it was made of. */
  readonly revision: string | undefined;
  /** The version of etcd it was made for, by its label. */
  readonly version: EtcdVersion | undefined;
  /** How it was made to speak, by its annotation. */
  readonly tls: TlsMode;
  readonly nodeName: string | undefined;
  readonly podIP: string | undefined;
  /** Why Kubernetes cannot run it, in its own words, such as an image that does not exist. */
  readonly trouble: PodTrouble | undefined;
  readonly agent: HeardAgent;
};

export type PodTrouble = {
  readonly reason: string;
  readonly message: string;
  /** Only an Event says so, which may be over: it is looked up for as long as the object does not get on. */
  readonly warned?: true;
};

/** The last word of the agent in a Pod. Times are on the clock of `nowMs`. */
export type HeardAgent =
  | {
      readonly kind: 'heard';
      readonly status: AgentStatus;
      /** When it was last said or confirmed. */
      readonly heardAtMs: number;
      readonly reachable: boolean;
    }
  /** Nothing yet; `askedSinceMs` is when the operator began to ask, undefined before that. */
  | { readonly kind: 'never'; readonly askedSinceMs?: number };

export type ObservedClaim = {
  readonly name: string;
  readonly ordinal: number;
  readonly uid: string;
  readonly deleting: boolean;
  readonly requestedBytes: number | undefined;
  readonly capacityBytes: number | undefined;
};

/** The formation record; `absent` is never taken for "nothing was formed". */
export type ObservedRecord =
  | { readonly kind: 'present'; readonly record: FormationRecord; readonly resourceVersion: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string };
