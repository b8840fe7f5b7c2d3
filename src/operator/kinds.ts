/** The kinds of objects the operator reads and writes. */
import type { ResourceType } from '../kube/resource-type.ts';
import type { AppliedObject } from '../resources/applied-object.ts';
import { objectNamesOf } from '../resources/names.ts';

export const ETCD_CLUSTER: ResourceType = {
  apiVersion: 'etcd.etcd.io/v1alpha1',
  kind: 'EtcdCluster',
  plural: 'etcdclusters',
};
export const ETCD_BACKUP: ResourceType = {
  apiVersion: 'etcd.etcd.io/v1alpha1',
  kind: 'EtcdBackup',
  plural: 'etcdbackups',
};
export const ETCD_RESTORE: ResourceType = {
  apiVersion: 'etcd.etcd.io/v1alpha1',
  kind: 'EtcdRestore',
  plural: 'etcdrestores',
};
export const STATEFUL_SET: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
};
export const POD: ResourceType = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };
export const CLAIM: ResourceType = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
};
export const SECRET: ResourceType = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' };
export const CONFIG_MAP: ResourceType = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };

/** Objects that are applied and of which nothing but their being as applied matters. */
export const APPLIED_KINDS: readonly ResourceType[] = [
  CONFIG_MAP,
  STATEFUL_SET,
  { apiVersion: 'v1', kind: 'Service', plural: 'services' },
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', plural: 'rolebindings' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
];

/** Which object of a cluster. */
export type ObjectKey = Pick<AppliedObject, 'apiVersion' | 'kind'> & {
  readonly metadata: { readonly name: string };
};

/** The StatefulSet of the cluster called `name`. */
export function keyOfSet(name: string): ObjectKey {
  return { apiVersion: STATEFUL_SET.apiVersion, kind: STATEFUL_SET.kind, metadata: { name } };
}

/** The formation record of the cluster called `name`. */
export function keyOfRecord(name: string): ObjectKey {
  return {
    apiVersion: CONFIG_MAP.apiVersion,
    kind: CONFIG_MAP.kind,
    metadata: { name: objectNamesOf(name).formation },
  };
}

/** The type of an object that names its kind. @throws TypeError for a kind the operator does not apply */
export function appliedKindOf(object: { readonly apiVersion: string; readonly kind: string }): ResourceType {
  const type = APPLIED_KINDS.find(
    ({ kind, apiVersion }) => kind === object.kind && apiVersion === object.apiVersion,
  );
  if (type === undefined) {
    throw new TypeError(`the operator does not apply ${object.apiVersion} ${object.kind}`);
  }
  return type;
}
