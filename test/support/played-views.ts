/** What the played controllers see of the API server, by watches, as the real ones do. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { LiveObject } from '../../src/kube/kube-object.ts';
import type { ObjectReader } from '../../src/kube/object-api.ts';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { type FormationRecord, parseFormationRecord } from '../../src/model/formation-record.ts';
import { ordinalOfPodName } from '../../src/model/naming.ts';
import type { Change, Kept } from '../../src/operator/cache/object-store.ts';
import { createReflector, type Reflector } from '../../src/operator/cache/reflector.ts';
import { CLAIM, CONFIG_MAP, ETCD_CLUSTER, POD, STATEFUL_SET } from '../../src/operator/kinds.ts';
import { CLUSTER_LABEL } from '../../src/resources/labels.ts';
import { claimNameOf, objectNamesOf, podNameOf } from '../../src/resources/names.ts';
import { systemClock } from '../../src/runtime/clock.ts';

const metadataSchema = v.looseObject({
  name: v.string(),
  namespace: v.string(),
  uid: v.string(),
  generation: v.optional(v.number(), 0),
  deletionTimestamp: v.optional(v.string()),
  finalizers: v.optional(v.array(v.string()), []),
  labels: v.optional(v.record(v.string(), v.string()), {}),
  ownerReferences: v.optional(v.array(v.looseObject({ uid: v.string() })), []),
});
const templateSchema = v.looseObject({
  metadata: v.looseObject({ labels: v.record(v.string(), v.string()) }),
  spec: v.looseObject({
    containers: v.array(v.looseObject({ name: v.string(), image: v.string() })),
    initContainers: v.optional(v.array(v.looseObject({ name: v.string(), image: v.string() })), []),
  }),
});
const setSchema = v.object({
  metadata: metadataSchema,
  spec: v.looseObject({
    replicas: v.number(),
    template: templateSchema,
    volumeClaimTemplates: v.optional(
      v.array(v.looseObject({ metadata: v.looseObject({ name: v.string() }), spec: v.looseObject({}) })),
      [],
    ),
  }),
});
const volumeSchema = v.looseObject({
  persistentVolumeClaim: v.optional(v.looseObject({ claimName: v.string() })),
});
const podSchema = v.object({
  metadata: metadataSchema,
  spec: v.looseObject({ volumes: v.optional(v.array(volumeSchema), []) }),
});
const quantities = v.optional(v.looseObject({ storage: v.optional(v.string()) }));
const claimSchema = v.object({
  metadata: metadataSchema,
  spec: v.looseObject({ resources: v.looseObject({ requests: quantities }) }),
  status: v.optional(v.looseObject({ capacity: quantities })),
});
const recordSchema = v.looseObject({ metadata: metadataSchema, data: v.looseObject({ record: v.string() }) });

export type SeenSet = {
  readonly metadata: v.InferOutput<typeof metadataSchema>;
  readonly spec: v.InferOutput<typeof setSchema>['spec'];
  /** Name of the revision of its template. */
  readonly revision: string;
};
export type SeenPod = {
  readonly metadata: v.InferOutput<typeof metadataSchema>;
  readonly ordinal: number;
  /** Version of etcd, by its label. */
  readonly version: string;
  /** Whether its volume is a claim's; otherwise it goes with the Pod. */
  readonly hasClaim: boolean;
  /** Of all containers, those that run first included. */
  readonly containers: { readonly init: readonly Image[]; readonly main: readonly Image[] };
};
export type Image = { readonly name: string; readonly image: string };
export type SeenClaim = {
  readonly metadata: v.InferOutput<typeof metadataSchema>;
  readonly requested: string | undefined;
  readonly capacity: string | undefined;
};
export type SeenRecord = {
  /** The whole ConfigMap, to be written back. */
  readonly object: v.InferOutput<typeof recordSchema>;
  readonly record: FormationRecord;
};

export type PlayedViews = {
  run(signal: AbortSignal): Promise<void>;
  set(key: string): SeenSet | undefined;
  pods(key: string): readonly SeenPod[];
  claim(key: string, ordinal: number): SeenClaim | undefined;
  record(key: string): SeenRecord | undefined;
};

export type PlayedViewsOptions = {
  readonly reader: ObjectReader;
  /** Something of this cluster, `NAMESPACE/NAME`, has changed. */
  readonly onChange: (key: string) => void;
  /** An EtcdCluster is gone. */
  readonly onOwnerGone: (owner: Kept<unknown>) => void;
};

export function createPlayedViews({ reader, onChange, onOwnerGone }: PlayedViewsOptions): PlayedViews {
  const follow = <T>(type: ResourceType, read: (object: LiveObject, name: string) => T): Reflector<Seen<T>> =>
    createReflector<Seen<T>>({
      reader,
      type,
      labelSelector: CLUSTER_LABEL,
      keep: (object) => {
        const name = object.metadata.labels?.[CLUSTER_LABEL] ?? '';
        return { cluster: `${object.metadata.namespace}/${name}`, value: read(object, name) };
      },
      onChange: (change) => onChange(('now' in change ? change.now : change.old).value.cluster),
      clock: systemClock,
      random: Math.random,
    });
  const sets = follow(STATEFUL_SET, readSet);
  const pods = follow(POD, readPod);
  const claims = follow(CLAIM, readClaim);
  const records = follow(CONFIG_MAP, readRecord);
  const owners = createReflector({
    reader,
    type: ETCD_CLUSTER,
    keep: () => null,
    onChange: (change: Change<null>) => {
      if (change.kind === 'removed') {
        onOwnerGone(change.old);
      }
    },
    clock: systemClock,
    random: Math.random,
  });
  return {
    run: async (signal) => {
      await Promise.all([sets, pods, claims, records, owners].map((each) => each.run(signal)));
    },
    set: (key) => sets.get(...split(key))?.value.value,
    pods: (key) => {
      const [namespace, name] = split(key);
      return ORDINALS.flatMap((ordinal) => pods.get(namespace, podNameOf(name, ordinal))?.value.value ?? []);
    },
    claim: (key, ordinal) => {
      const [namespace, name] = split(key);
      return claims.get(namespace, claimNameOf(name, ordinal))?.value.value;
    },
    record: (key) => {
      const [namespace, name] = split(key);
      return records.get(namespace, objectNamesOf(name).formation)?.value.value;
    },
  };
}

type Seen<T> = { readonly cluster: string; readonly value: T };

const ORDINALS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

function split(key: string): [namespace: string, name: string] {
  const [namespace = '', name = ''] = key.split('/');
  return [namespace, name];
}

function readSet(object: LiveObject, name: string): SeenSet {
  const { metadata, spec } = v.parse(setSchema, object);
  const hash = createHash('sha256').update(JSON.stringify(spec.template)).digest('hex').slice(0, 10);
  return { metadata, spec, revision: `${name}-${hash}` };
}

function readPod(object: LiveObject, name: string): SeenPod {
  const { metadata, spec } = v.parse(podSchema, object);
  const { containers, initContainers } = v.parse(templateSchema.entries.spec, spec);
  const images = (list: readonly Image[]): readonly Image[] =>
    list.map((each) => ({ name: each.name, image: each.image }));
  return {
    metadata,
    ordinal: ordinalOfPodName(name, metadata.name) ?? -1,
    version: metadata.labels['app.kubernetes.io/version'] ?? '',
    hasClaim: spec.volumes.some((volume) => volume.persistentVolumeClaim !== undefined),
    containers: { init: images(initContainers), main: images(containers) },
  };
}

function readClaim(object: LiveObject): SeenClaim {
  const { metadata, spec, status } = v.parse(claimSchema, object);
  return { metadata, requested: spec.resources.requests?.storage, capacity: status?.capacity?.storage };
}

/** Undefined for the other ConfigMaps, and for one that makes no sense. */
function readRecord(object: LiveObject): SeenRecord | undefined {
  const parsed = v.safeParse(recordSchema, object);
  const record = parsed.success ? parseFormationRecord(parsed.output.data.record) : undefined;
  return !parsed.success || record === undefined || 'invalid' in record
    ? undefined
    : { object: parsed.output, record };
}
