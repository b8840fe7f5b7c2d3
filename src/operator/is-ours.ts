import type { LiveObject } from '../kube/kube-object.ts';
import { CLUSTER_LABEL, MANAGED_BY } from '../resources/labels.ts';

/** Whether an object that exists was made for the cluster of this name, by this operator or one before it. */
export function isOurs(
  { metadata: { labels = {} } }: Pick<LiveObject, 'metadata'>,
  cluster: string,
): boolean {
  return labels[CLUSTER_LABEL] === cluster && labels['app.kubernetes.io/managed-by'] === MANAGED_BY;
}
