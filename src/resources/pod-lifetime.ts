import type { EtcdClusterSpec } from '../api/etcd-cluster.ts';

/** The default in the schema: half for leaving, and half for an etcd with much to write to stop in order. */
const GRACE_SECONDS_DEFAULT = 60;

/** Seconds a Pod has to stop. */
export function gracePeriodSecondsOf(spec: EtcdClusterSpec): number {
  return spec.podTemplate?.terminationGracePeriodSeconds ?? GRACE_SECONDS_DEFAULT;
}
