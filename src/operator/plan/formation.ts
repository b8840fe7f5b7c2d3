import type { FormationRecord } from '../../model/formation-record.ts';
import type { ObservedCluster } from './observed-cluster.ts';

/**
 * How far the forming of a cluster has come. A record that cannot be read says nothing, so then the last
 * status counts, and `unknown` is what neither tells.
 */
export type Formation = FormationRecord['phase'] | 'unknown';

export function formationOf({ record, cluster }: ObservedCluster): Formation {
  if (record.kind === 'present') {
    return record.record.phase;
  }
  return cluster.status?.clusterID === undefined ? 'unknown' : 'Formed';
}

/** The cluster ID, as recorded or as it last was; undefined before the cluster is formed. */
export function clusterIdOf({ record, cluster }: ObservedCluster): string | undefined {
  if (record.kind !== 'present') {
    return cluster.status?.clusterID;
  }
  return record.record.phase === 'Formed' ? record.record.clusterId : undefined;
}

/** The generation of the data, as recorded or as it last was. */
export function generationOf({ record, cluster }: ObservedCluster): number | undefined {
  return record.kind === 'present' ? record.record.generation : cluster.status?.generation;
}
