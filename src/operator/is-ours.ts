import type { LiveObject } from '../kube/kube-object.ts';
import { CLUSTER_LABEL, MANAGED_BY } from '../resources/labels.ts';
import { ETCD_CLUSTER } from './kinds.ts';

/** Whether an object that exists was made for the cluster of this name, by this operator or one before it. */
export function isOurs(
  { metadata: { labels = {} } }: Pick<LiveObject, 'metadata'>,
  cluster: string,
): boolean {
  return labels[CLUSTER_LABEL] === cluster && labels['app.kubernetes.io/managed-by'] === MANAGED_BY;
}

/** UID of the EtcdCluster that an object goes with; undefined where it goes with none. */
export function ownerUidOf({ metadata }: Pick<LiveObject, 'metadata'>): string | undefined {
  return metadata.ownerReferences?.find(({ kind }) => kind === ETCD_CLUSTER.kind)?.uid;
}

/** Whether what goes with `ownerUid` goes with another cluster than that of `uid`, such as one that had its name before. */
export function isOfAnother(ownerUid: string | undefined, uid: string): boolean {
  return ownerUid !== undefined && ownerUid !== uid;
}
