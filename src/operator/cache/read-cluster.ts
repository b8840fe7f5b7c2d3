import type { EtcdCluster } from '../../api/etcd-cluster.ts';
import { ETCD_CLUSTER_SCHEMA } from '../../api/etcd-cluster-schema.ts';
import { fittingFields } from '../../api/object-schema.ts';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { TypedCluster } from '../plan/observed-cluster.ts';

/**
 * An EtcdCluster as the API server has it. Whoever reads it may rely on its types, also where no schema has checked
 * them: what does not fit is left out, and of a spec it is told. What fits and makes no sense all the same is refused
 * by the rules, which are applied before anything is built. Managed fields are dropped: they are as large as the rest,
 * and nobody reads them.
 */
export function readCluster({ metadata, spec = {}, status }: LiveObject): TypedCluster {
  const { managedFields: _, ...known } = metadata as typeof metadata & { managedFields?: unknown };
  const wanted = fittingFields(ETCD_CLUSTER_SCHEMA, 'spec', spec);
  const told = fittingFields(ETCD_CLUSTER_SCHEMA, 'status', status);
  return {
    apiVersion: 'etcd.etcd.io/v1alpha1',
    kind: 'EtcdCluster',
    metadata: known,
    spec: wanted.fields as EtcdCluster['spec'],
    ...(status === undefined ? {} : { status: told.fields as NonNullable<EtcdCluster['status']> }),
    ...(wanted.fault === undefined ? {} : { fault: wanted.fault }),
  };
}
