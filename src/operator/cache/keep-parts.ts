/** What is kept in memory of each kind of object: a thousand clusters have some twenty thousand of them. */
import type { PassThrough } from '../../api/kubernetes.ts';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { ResourceType } from '../../kube/resource-type.ts';
import { ETCD_CONTAINER } from '../../resources/etcd-container.ts';
import { DATA_VOLUME, objectNamesOf } from '../../resources/names.ts';
import { ownerUidOf } from '../is-ours.ts';
import { CLAIM, CONFIG_MAP, POD, STATEFUL_SET } from '../kinds.ts';
import type { ObservedClaim, ObservedRecord, ObservedStatefulSet } from '../plan/observed-cluster.ts';
import { type PodFacts, readClaim, readPod, readRecord, readStatefulSet } from '../plan/read-observed.ts';

/** The set, with what has to be repeated when it is applied again. */
export type KeptSet = {
  readonly set: ObservedStatefulSet;
  readonly claimTemplates: readonly PassThrough[] | undefined;
};

/** What is kept of one child, by its kind; `mark` where only its being as applied matters. */
export type KeptPart =
  | { readonly kind: 'set'; readonly value: KeptSet }
  | { readonly kind: 'pod'; readonly value: PodFacts }
  | { readonly kind: 'claim'; readonly value: ObservedClaim; readonly createdAtMs: number }
  | { readonly kind: 'record'; readonly value: ObservedRecord; readonly ownerUid: string | undefined }
  | { readonly kind: 'mark' };

const MARK: KeptPart = { kind: 'mark' };

/** Keeps what is read of `object`, which belongs to the cluster called `cluster`. */
export function keepPart(type: ResourceType, cluster: string, object: LiveObject): KeptPart {
  const parts = { cluster, claims: `${DATA_VOLUME}-${cluster}`, etcdContainer: ETCD_CONTAINER };
  switch (type) {
    case STATEFUL_SET: {
      const set = readStatefulSet(object);
      return set === undefined
        ? MARK
        : { kind: 'set', value: { set, claimTemplates: claimTemplatesIn(object) } };
    }
    case POD: {
      const value = readPod(object, parts);
      return value === undefined ? MARK : { kind: 'pod', value };
    }
    case CLAIM: {
      const value = readClaim(object, parts);
      const createdAtMs = Date.parse(object.metadata.creationTimestamp ?? '');
      return value === undefined ? MARK : { kind: 'claim', value, createdAtMs };
    }
    case CONFIG_MAP:
      return object.metadata.name === objectNamesOf(cluster).formation
        ? { kind: 'record', value: readRecord(object), ownerUid: ownerUidOf(object) }
        : MARK;
    default:
      return MARK;
  }
}

function claimTemplatesIn({ spec }: LiveObject): readonly PassThrough[] | undefined {
  const templates = isRecord(spec) ? spec['volumeClaimTemplates'] : undefined;
  return Array.isArray(templates) ? templates.filter(isRecord) : undefined;
}

function isRecord(value: unknown): value is PassThrough {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
