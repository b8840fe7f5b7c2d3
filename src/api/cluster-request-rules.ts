/** Rules about requests for an EtcdCluster. */
import { ADOPT_ANNOTATION, DISCARD_ANNOTATION, PROTECTION_ANNOTATION } from './annotations.ts';
import { matches } from './cel.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';
import { celNumberOf, numberOf, QUANTITY_PATTERN } from './quantity.ts';
import type { Asked, RequestRule } from './request-rule.ts';
import type { Judged } from './rule.ts';
import { volumeSizeOf } from './storage-rules.ts';

/** What an administrator may limit; `NAMESPACE.` before one of them is for that namespace alone. */
export const LIMITS = { size: 'max-size', volumeSize: 'max-volume-size' } as const;

/** What the API server writes into a spec without a size. */
export const SIZE_DEFAULT = 3;

const WHOLE = /^[0-9]{1,3}$/;
const QUANTITY = new RegExp(QUANTITY_PATTERN);

export const CLUSTER_REQUEST_RULES: readonly RequestRule<EtcdClusterSpec>[] = [
  {
    name: 'adopt-or-discard',
    field: 'metadata.annotations',
    policyCel: `object == null || !(${contradicted('object')}) || (oldObject != null && ${contradicted('oldObject')})`,
    isAboutLimits: false,
    // One that had both before can be changed otherwise: the operator itself writes finalizers.
    isKept: ({ next, before }) => !isContradicted(next) || isContradicted(before),
    message: `the annotations ${ADOPT_ANNOTATION} and ${DISCARD_ANNOTATION} contradict each other: data is either taken up or set aside; remove one of them`,
  },
  {
    name: 'delete-protection',
    field: 'metadata.annotations',
    policyCel: `object != null || !(${annotated('oldObject', PROTECTION_ANNOTATION)} && oldObject.metadata.annotations['${PROTECTION_ANNOTATION}'] == 'true')`,
    isAboutLimits: false,
    isKept: ({ next, before }) =>
      next !== undefined || before?.metadata.annotations?.[PROTECTION_ANNOTATION] !== 'true',
    message: `the annotation ${PROTECTION_ANNOTATION} keeps this cluster from being deleted: remove the annotation first, if you mean it`,
  },
  {
    name: 'size-within-limit',
    field: 'spec.size',
    policyCel: `variables.maxSize == '' || (oldObject != null && variables.size <= variables.oldSize) || (${matches('variables.maxSize', WHOLE)} && variables.size <= int(variables.maxSize))`,
    isAboutLimits: true,
    isKept: (asked) =>
      isWithin(asked, LIMITS.size, sizeOf, (limit) => (WHOLE.test(limit) ? Number(limit) : undefined)),
    message: `size must not grow beyond the limit that an administrator has set for this namespace (${LIMITS.size}, a whole number): choose a smaller size, or ask for a higher limit`,
  },
  {
    name: 'volume-size-within-limit',
    field: 'spec.storage',
    policyCel: `variables.maxVolumeSize == '' || (oldObject != null && variables.volumeSize <= variables.oldVolumeSize) || (${matches('variables.maxVolumeSize', QUANTITY)} && variables.volumeSize <= ${celNumberOf('variables.maxVolumeSize')})`,
    isAboutLimits: true,
    isKept: (asked) =>
      isWithin(asked, LIMITS.volumeSize, ({ storage }) => numberOf(volumeSizeOf(storage)), numberOf),
    message: `storage.size (10Gi when absent) must not grow beyond the limit that an administrator has set for this namespace (${LIMITS.volumeSize}, a quantity): choose smaller volumes, or ask for a higher limit`,
  },
];

function sizeOf({ size = SIZE_DEFAULT }: EtcdClusterSpec): number {
  return size;
}

/** A limit that was lowered refuses no other change; one that cannot be read refuses whatever grows. */
function isWithin(
  { next, before, limits }: Asked<EtcdClusterSpec>,
  name: string,
  amountOf: (spec: EtcdClusterSpec) => number | undefined,
  read: (limit: string) => number | undefined,
): boolean {
  const limit = next === undefined ? '' : limitIn(limits, next.metadata.namespace, name);
  if (limit === '' || next === undefined) {
    return true;
  }
  const amount = amountOf(next.spec) ?? Number.NaN;
  const known = before === undefined ? undefined : amountOf(before.spec);
  return (known !== undefined && amount <= known) || amount <= (read(limit) ?? Number.NaN);
}

/** Empty where there is none. */
function limitIn(
  limits: Asked<EtcdClusterSpec>['limits'],
  namespace: string | undefined,
  name: string,
): string {
  return limits[`${namespace}.${name}`] ?? limits[name] ?? '';
}

function isContradicted(object: Judged<EtcdClusterSpec> | undefined): boolean {
  const annotations = object?.metadata.annotations;
  return annotations?.[ADOPT_ANNOTATION] !== undefined && annotations[DISCARD_ANNOTATION] !== undefined;
}

function contradicted(root: 'object' | 'oldObject'): string {
  return `${annotated(root, ADOPT_ANNOTATION)} && ${annotated(root, DISCARD_ANNOTATION)}`;
}

function annotated(root: 'object' | 'oldObject', name: string): string {
  return `has(${root}.metadata.annotations) && '${name}' in ${root}.metadata.annotations`;
}
