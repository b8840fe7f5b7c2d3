import * as v from 'valibot';

/** Who owns an object (meta/v1 OwnerReference); the garbage collector removes it after its owners. */
export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

/** The part of meta/v1 ObjectMeta that our code reads or writes; whatever else came with it is kept. */
export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
};

/** A Kubernetes object as plain JSON, as somebody wants it to be. */
export type KubeObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
};

/** An object as the API server has it: it has a UID and a resourceVersion. Items of lists carry no kind. */
export type LiveObject = KubeObject & {
  readonly metadata: ObjectMeta & { readonly uid: string; readonly resourceVersion: string };
};

const texts = v.record(v.string(), v.string());
const ownerSchema = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  name: v.string(),
  uid: v.string(),
  controller: v.exactOptional(v.boolean()),
  blockOwnerDeletion: v.exactOptional(v.boolean()),
});
const liveObjectSchema = v.looseObject({
  apiVersion: v.exactOptional(v.string()),
  kind: v.exactOptional(v.string()),
  metadata: v.looseObject({
    name: v.string(),
    uid: v.pipe(v.string(), v.nonEmpty()),
    resourceVersion: v.pipe(v.string(), v.nonEmpty()),
    namespace: v.exactOptional(v.string()),
    generation: v.exactOptional(v.number()),
    labels: v.exactOptional(texts),
    annotations: v.exactOptional(texts),
    finalizers: v.exactOptional(v.array(v.string())),
    ownerReferences: v.exactOptional(v.array(ownerSchema)),
    creationTimestamp: v.exactOptional(v.nullable(v.string())),
    deletionTimestamp: v.exactOptional(v.string()),
  }),
});

/** Whether this is an object of the API server, by its metadata; the rest is for its reader to judge. */
export function isLiveObject(value: unknown): value is LiveObject {
  return v.is(liveObjectSchema, value);
}
