/** What the API server asks of a webhook (admission.k8s.io/v1 AdmissionReview), and what it is told. Pure. */
import * as v from 'valibot';
import { KIND_RULES, type KindName } from '../../api/kind-rules.ts';
import {
  type Asked,
  type KindRules,
  type Refusal,
  refusalOf,
  refusalOfScale,
} from '../../api/request-rule.ts';
import type { Judged } from '../../api/rule.ts';
import { errorText } from '../../runtime/error-text.ts';

export type Review = {
  readonly uid: string;
  /** Undefined for what is none of our kinds, which may pass. */
  readonly kind: KindName | undefined;
  /** Whether nothing but the size is said, by the subresource `scale`. */
  readonly isScale: boolean;
  readonly next: Judged<unknown> | undefined;
  readonly before: Judged<unknown> | undefined;
  /** Whether the object is on its way out already; nothing may keep its finalizers from going. */
  readonly isLeaving: boolean;
};

export type ReviewReading =
  | { readonly kind: 'read'; readonly review: Review }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The answer's `status.code`, as for an object that breaks its schema. */
const UNPROCESSABLE = 422;

const KINDS: ReadonlyMap<string, KindName> = new Map([
  ['etcdclusters', 'EtcdCluster'],
  ['etcdbackups', 'EtcdBackup'],
  ['etcdrestores', 'EtcdRestore'],
]);

const objectSchema = v.object({
  metadata: v.object({
    name: v.optional(v.string(), ''),
    namespace: v.optional(v.string()),
    annotations: v.optional(v.record(v.string(), v.string())),
    deletionTimestamp: v.optional(v.string()),
  }),
  spec: v.optional(v.looseObject({ replicas: v.optional(v.unknown()) }), {}),
});
type ReviewedObject = v.InferOutput<typeof objectSchema>;

const reviewSchema = v.object({
  apiVersion: v.literal('admission.k8s.io/v1'),
  kind: v.literal('AdmissionReview'),
  request: v.object({
    uid: v.pipe(v.string(), v.nonEmpty()),
    resource: v.object({ group: v.string(), resource: v.string() }),
    subResource: v.optional(v.string(), ''),
    namespace: v.optional(v.string()),
    object: v.nullish(objectSchema),
    oldObject: v.nullish(objectSchema),
  }),
});

/** Reads the body of a request. Never throws. */
export function readReview(text: string): ReviewReading {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), reviewSchema), text);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    return { kind: 'unreadable', why: `no AdmissionReview of v1: ${path ?? 'body'}: ${issue.message}` };
  }
  const { uid, resource, subResource, namespace, object, oldObject } = parsed.output.request;
  const isScale = subResource === 'scale';
  const judged = (each: ReviewedObject | null | undefined): Judged<unknown> | undefined =>
    each === null || each === undefined ? undefined : judgedOf(each, namespace, isScale);
  const isKnown = resource.group === 'etcd.etcd.io' && (subResource === '' || isScale);
  return {
    kind: 'read',
    review: {
      uid,
      kind: isKnown ? KINDS.get(resource.resource) : undefined,
      isScale,
      next: judged(object),
      before: judged(oldObject),
      isLeaving: oldObject?.metadata.deletionTimestamp !== undefined,
    },
  };
}

/** Whether limits have to be known for an answer. */
export function takesLimits({ kind, next, isLeaving }: Review): boolean {
  return kind !== undefined && next !== undefined && !isLeaving && rulesOf(kind).requests.some(isAboutLimits);
}

export type ReviewAnswer =
  | { readonly kind: 'answered'; readonly body: object; readonly refusal: Refusal | undefined }
  | { readonly kind: 'unreadable'; readonly why: string };

/** What the API server is told. Never throws: a spec that its schema refuses is unreadable. */
export function answerTo(review: Review, limits: Asked<unknown>['limits']): ReviewAnswer {
  try {
    const refusal = review.isLeaving ? undefined : refusalIn(review, limits);
    return { kind: 'answered', body: bodyOf(review.uid, refusal), refusal };
  } catch (error) {
    return {
      kind: 'unreadable',
      why: `the object does not keep the schema of its kind: ${errorText(error)}`,
    };
  }
}

function refusalIn(
  { kind, isScale, next, before }: Review,
  limits: Asked<unknown>['limits'],
): Refusal | undefined {
  if (kind === undefined) {
    return undefined;
  }
  const asked = { next, before, limits };
  return isScale ? refusalOfScale(rulesOf(kind), asked) : refusalOf(rulesOf(kind), asked);
}

/** Whatever reaches a webhook has passed its schema, and so has the type that its rules take. */
function rulesOf(kind: KindName): KindRules<unknown> {
  return KIND_RULES[kind] as KindRules<unknown>;
}

function isAboutLimits(rule: { readonly isAboutLimits: boolean }): boolean {
  return rule.isAboutLimits;
}

/** A Scale leaves out a size of 0. */
function judgedOf(
  { metadata, spec }: ReviewedObject,
  namespace: string | undefined,
  isScale: boolean,
): Judged<unknown> {
  const { deletionTimestamp: _, ...rest } = metadata;
  return {
    metadata: { ...rest, namespace: rest.namespace ?? namespace },
    spec: isScale ? { size: spec.replicas ?? 0 } : spec,
  };
}

function bodyOf(uid: string, refusal: Refusal | undefined): object {
  const verdict = refusal === undefined ? { allowed: true } : { allowed: false, status: statusOf(refusal) };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...verdict } };
}

function statusOf({ field, message }: Refusal): object {
  return {
    status: 'Failure',
    message,
    reason: 'Invalid',
    code: UNPROCESSABLE,
    details: { causes: [{ reason: 'FieldValueInvalid', field, message }] },
  };
}
