import type { EtcdCluster } from '../../api/etcd-cluster.ts';
import type { LiveObject } from '../../kube/kube-object.ts';

/**
 * An EtcdCluster as the API server has it. Its schema has checked the spec; what an object without one would
 * have otherwise is refused by the rules, which are applied before anything is built. Managed fields are
 * dropped: they are as large as the rest, and nobody reads them.
 */
export function readCluster({ metadata, spec, status }: LiveObject): EtcdCluster {
  const { managedFields: _, ...known } = metadata as typeof metadata & { managedFields?: unknown };
  return {
    apiVersion: 'etcd.etcd.io/v1alpha1',
    kind: 'EtcdCluster',
    metadata: known,
    spec: (spec ?? {}) as EtcdCluster['spec'],
    ...(status === undefined ? {} : { status: status as NonNullable<EtcdCluster['status']> }),
  };
}
