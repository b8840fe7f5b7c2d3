/** Kubernetes as far as the set, its Pods, its volumes and three API calls go. */
import type { FormationRecord } from '../../src/model/formation-record.ts';
import type { Marker } from '../../src/model/marker.ts';
import type { EtcdId } from '../../src/model/member.ts';
import { ORDINAL_MAX } from '../../src/model/naming.ts';
import type { Agent } from './agent-state.ts';
import type { DataDir } from './etcd-log.ts';
import type { EtcdBoot, EtcdProc } from './etcd-state.ts';

/** A persistent volume: the marker, `data/`, and what was set aside. */
export type Volume = {
  readonly key: number;
  readonly ordinal: number;
  data: DataDir | null;
  /** Where a plain etcd left the data; undefined when it lies in `data/`. */
  place: string | undefined;
  marker: Marker | null;
  isMarkerDamaged: boolean;
  isReadable: boolean;
  readonly quarantine: DataDir[];
};

/** The etcd container of a Pod. */
export type Container =
  | { readonly kind: 'down' }
  | { readonly kind: 'at-gate'; readonly sinceMs: number }
  | { readonly kind: 'booting'; readonly boot: EtcdBoot }
  | { readonly kind: 'serving'; readonly proc: EtcdProc };

/** A Pod as its kubelet runs it, which may outlive the object in the API. */
export type Pod = {
  readonly uid: string;
  /** The cluster its template was made for. */
  readonly clusterUid: string;
  readonly ordinal: number;
  readonly address: number;
  readonly node: number;
  readonly volume: Volume;
  stage: 'pending' | 'running' | 'hook' | 'stopping' | 'gone';
  agent: Agent | undefined;
  etcd: Container;
  agentStarts: number;
  etcdStarts: number;
  /** Called once nothing of it runs any more. */
  onGone: (() => void) | undefined;
};

/** What the API says of a Pod. */
export type ApiPod = {
  readonly uid: string;
  readonly address: number;
  readonly isRunning: boolean;
  readonly isDeleting: boolean;
};

/** Everything the API server holds, at one instant. */
export type ApiState = {
  readonly atMs: number;
  readonly setUid: string;
  readonly replicas: number;
  readonly isSetDeleting: boolean;
  /** Null when the ConfigMap is gone. */
  readonly record: FormationRecord | null;
  readonly recordVersion: number;
  /** By ordinal. */
  readonly pods: readonly (ApiPod | null)[];
};

export type KubeModel = {
  api: ApiState;
  /** Every state the API ever had, oldest first; the last is `api`. */
  readonly past: ApiState[];
  /** Pods that some kubelet still runs. */
  readonly pods: Pod[];
  readonly volumes: (Volume | undefined)[];
  nextKey: number;
  isSyncArmed: boolean;
  /** A forced deletion lets the new Pod start beside the old one on the same volume. */
  isVolumeShared: boolean;
  isApiDown: boolean;
  /** Nodes that cannot reach the API. */
  readonly apiCutFrom: Set<number>;
  /** How likely the answer to a write is lost although it was carried out. */
  lostAnswers: number;
  /** Reads may be this old, in ms. */
  staleMs: number;
  /** Calls the agents made. */
  calls: number;
  /** Writes to the record that took effect. */
  writes: number;
  /** The set is being deleted, and is made again. */
  isRecreating: boolean;
  /** What was formed under this name before. */
  formedBefore: EtcdId | undefined;
};

/** A set of `replicas` that was never formed, without Pods yet. */
export function createKubeModel(replicas: number, record: FormationRecord): KubeModel {
  const api: ApiState = {
    atMs: 0,
    setUid: record.clusterUid,
    replicas,
    isSetDeleting: false,
    record,
    recordVersion: 1,
    pods: Array.from({ length: ORDINAL_MAX + 1 }, () => null),
  };
  return {
    api,
    past: [api],
    pods: [],
    volumes: [],
    nextKey: 1,
    isSyncArmed: false,
    isVolumeShared: false,
    isApiDown: false,
    apiCutFrom: new Set(),
    lostAnswers: 0,
    staleMs: 0,
    calls: 0,
    writes: 0,
    isRecreating: false,
    formedBefore: undefined,
  };
}
