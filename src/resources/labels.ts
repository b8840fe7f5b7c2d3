/**
 * Two sets of labels: those by which Pods are found, which never change, and all that an object carries,
 * among them the version. Selectors and claim templates are immutable, so only the first may be there.
 */
import type { Labels } from '../api/kubernetes.ts';
import { type EtcdVersion, formatEtcdVersion } from '../model/etcd-version.ts';

/** `app.kubernetes.io/managed-by` of everything the operator makes. */
export const MANAGED_BY = 'quorate';

/** On every object of a cluster; its value is the cluster's name. */
export const CLUSTER_LABEL = 'etcd.etcd.io/cluster';

/** What an object is to the cluster. */
export type Component = 'database' | 'peer' | 'client';

/** What every member's Pod has and no other Pod may have, such as that of a backup; it never changes. */
export function selectorLabelsOf(cluster: string): Labels {
  return {
    'app.kubernetes.io/name': 'etcd',
    'app.kubernetes.io/instance': cluster,
    'app.kubernetes.io/component': 'database',
    [CLUSTER_LABEL]: cluster,
  };
}

/** The same as the text of a label selector, as the scale subresource wants it. */
export function selectorTextOf(cluster: string): string {
  return Object.entries(selectorLabelsOf(cluster))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** All labels of an object of a cluster, for mutable places only. */
export function labelsOf(
  cluster: { readonly name: string; readonly version: EtcdVersion; readonly isManaged: boolean },
  component: Component,
): Labels {
  return {
    ...selectorLabelsOf(cluster.name),
    'app.kubernetes.io/component': component,
    ...(cluster.isManaged ? { 'app.kubernetes.io/managed-by': MANAGED_BY } : {}),
    'app.kubernetes.io/version': formatEtcdVersion(cluster.version),
  };
}
