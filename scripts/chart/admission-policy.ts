/** What a ValidatingAdmissionPolicy (Kubernetes 1.30) says of our kinds: all that a schema cannot. */
import { ifGiven } from '../../src/api/cel.ts';
import { LIMITS, SIZE_DEFAULT } from '../../src/api/cluster-request-rules.ts';
import { KIND_RULES } from '../../src/api/kind-rules.ts';
import { celVolumeSize } from '../../src/api/storage-rules.ts';

/** The `spec` of a policy, as far as it is made of the rules. */
export type PolicySpec = {
  /** In-process and without a network: nothing but a mistake of ours makes it fail. */
  readonly failurePolicy: 'Fail';
  readonly paramKind?: { readonly apiVersion: 'v1'; readonly kind: 'ConfigMap' };
  readonly matchConstraints: { readonly resourceRules: readonly ResourceRule[] };
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly Validation[];
};

type ResourceRule = {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
};

type Validation = { readonly expression: string; readonly message: string; readonly reason: 'Invalid' };

/** Nothing may keep the finalizers of an object from going. */
const NOT_LEAVING = {
  name: 'not-leaving',
  expression: 'oldObject == null || !has(oldObject.metadata.deletionTimestamp)',
};

/** The rules that need nothing but the request. */
export function requestPolicy(): PolicySpec {
  const guarded = (['EtcdCluster', 'EtcdBackup', 'EtcdRestore'] as const).flatMap((kind) => {
    const { rules, requests } = KIND_RULES[kind];
    const beyondSchema = rules.flatMap(({ policyCel, message }) =>
      policyCel === undefined ? [] : [{ expression: `object == null || ${policyCel}`, message }],
    );
    const others = requests
      .filter(({ isAboutLimits }) => !isAboutLimits)
      .map(({ policyCel, message }) => ({ expression: policyCel, message }));
    return [...beyondSchema, ...others].map(({ expression, message }) => ({
      expression: `request.kind.kind != '${kind}' || ${expression}`,
      message,
      reason: 'Invalid' as const,
    }));
  });
  return {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        matching(['etcdclusters'], ['CREATE', 'UPDATE', 'DELETE']),
        matching(['etcdbackups', 'etcdrestores'], ['CREATE', 'UPDATE']),
      ],
    },
    matchConditions: [NOT_LEAVING],
    validations: guarded,
  };
}

/** The rules that compare with limits, which a ConfigMap holds. `kubectl scale` goes by the subresource. */
export function limitsPolicy(): PolicySpec {
  return {
    failurePolicy: 'Fail',
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: {
      resourceRules: [matching(['etcdclusters', 'etcdclusters/scale'], ['CREATE', 'UPDATE'])],
    },
    matchConditions: [NOT_LEAVING],
    variables: [
      // A request about the object itself has no such field (Kubernetes 1.34).
      { name: 'isScale', expression: "has(request.subResource) && request.subResource == 'scale'" },
      { name: 'maxSize', expression: limit(LIMITS.size) },
      { name: 'maxVolumeSize', expression: limit(LIMITS.volumeSize) },
      { name: 'size', expression: size('object') },
      { name: 'oldSize', expression: size('oldObject') },
      { name: 'volumeSize', expression: volumeSize('object') },
      { name: 'oldVolumeSize', expression: volumeSize('oldObject') },
    ],
    validations: KIND_RULES.EtcdCluster.requests
      .filter(({ isAboutLimits }) => isAboutLimits)
      .map(({ policyCel, message }) => ({ expression: policyCel, message, reason: 'Invalid' })),
  };
}

function matching(
  resources: readonly string[],
  operations: ResourceRule['operations'],
): PolicySpec['matchConstraints']['resourceRules'][number] {
  return { apiGroups: ['etcd.etcd.io'], apiVersions: ['*'], resources, operations };
}

/** Empty where there is none. */
function limit(name: string): string {
  const own = `request.namespace + '.${name}'`;
  return `!has(params.data) ? '' : ${own} in params.data ? params.data[${own}] : '${name}' in params.data ? params.data['${name}'] : ''`;
}

/** A Scale leaves out a size of 0. */
function size(root: 'object' | 'oldObject'): string {
  const [replicas, own] = [`${root}.spec.replicas`, `${root}.spec.size`];
  return `variables.isScale ? ${ifGiven(replicas, replicas, '0')} : ${ifGiven(own, own, String(SIZE_DEFAULT))}`;
}

/** A Scale has no volumes, and so never larger ones than before. */
function volumeSize(root: 'object' | 'oldObject'): string {
  return `variables.isScale ? 0.0 : ${celVolumeSize(`${root}.spec`)}`;
}
