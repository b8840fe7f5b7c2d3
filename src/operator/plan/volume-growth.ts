/** Volumes grow by their claims: the templates of a StatefulSet can never change. */
import { numberOf } from '../../api/quantity.ts';
import { volumeSizeOf } from '../../api/storage-rules.ts';
import type { ObservedClaim, ObservedCluster } from './observed-cluster.ts';

export type VolumeGrowth = {
  /** As the spec has it, such as `20Gi`. */
  readonly size: string;
  /** Claims that ask for less; only a claim that has its volume may ask for more (Kubernetes 1.24 and later). */
  readonly claims: readonly ObservedClaim[];
};

/** Which claims are to ask for more than they do. */
export function planVolumeGrowth({ cluster, claims }: ObservedCluster): VolumeGrowth {
  const { storage } = cluster.spec;
  const size = String(volumeSizeOf(storage));
  const wanted = storage?.medium === 'Ephemeral' ? 0 : (numberOf(size) ?? 0);
  return {
    size,
    claims: claims.filter(
      ({ deleting, requestedBytes, capacityBytes }) =>
        !deleting && capacityBytes !== undefined && requestedBytes !== undefined && requestedBytes < wanted,
    ),
  };
}

/** In a sentence, which volumes are still smaller than their claims ask for; undefined: none. */
export function volumesGrowing({ claims }: ObservedCluster): string | undefined {
  const small = claims.filter(
    ({ deleting, requestedBytes, capacityBytes }) =>
      !deleting &&
      capacityBytes !== undefined &&
      requestedBytes !== undefined &&
      capacityBytes < requestedBytes,
  );
  return small.length === 0
    ? undefined
    : `Waiting for Kubernetes to enlarge ${small.map(({ name }) => name).join(', ')}; etcd runs on meanwhile.`;
}
