import type { Annotations } from '../api/kubernetes.ts';
import type { AppliedMetadata, OwnerReference } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { type Component, labelsOf } from './labels.ts';

/** The metadata of the object called `name`: labels, namespace, owner. */
export function objectMetadata(
  blueprint: Blueprint,
  name: string,
  component: Component = 'database',
  annotations?: Annotations,
): AppliedMetadata {
  const { names, namespace, ownerUid, version } = blueprint;
  const isManaged = ownerUid !== undefined;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: labelsOf({ name: names.cluster, version, isManaged }, component),
    ...(annotations === undefined ? {} : { annotations }),
    ...(isManaged ? { ownerReferences: [ownerReferenceOf(names.cluster, ownerUid)] } : {}),
  };
}

/**
 * Ties an object to the EtcdCluster of that name and UID. To block the owner's deletion one must be allowed
 * to update its finalizers (admission plugin OwnerReferencesPermissionEnforcement).
 */
export function ownerReferenceOf(name: string, uid: string): OwnerReference {
  return {
    apiVersion: 'etcd.etcd.io/v1alpha1',
    kind: 'EtcdCluster',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
