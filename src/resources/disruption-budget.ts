import type { Labels } from '../api/kubernetes.ts';
import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { selectorLabelsOf } from './labels.ts';
import { objectMetadata } from './object-metadata.ts';
import { KNOWN_SINCE } from './resource-settings.ts';

export type PodDisruptionBudget = AppliedObject & {
  readonly apiVersion: 'policy/v1';
  readonly kind: 'PodDisruptionBudget';
  readonly spec: {
    readonly maxUnavailable: 1;
    readonly unhealthyPodEvictionPolicy?: 'AlwaysAllow';
    readonly selector: { readonly matchLabels: Labels };
  };
};

/**
 * One member away at a time, at any size, so that scaling changes nothing here. A member that serves nobody
 * may always be evicted: it would block a drain for ever and protects nothing.
 */
export function disruptionBudget(blueprint: Blueprint): PodDisruptionBudget {
  const { names, settings } = blueprint;
  const isKnown = settings.kubernetesMinor >= KNOWN_SINCE.unhealthyPodEviction;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: objectMetadata(blueprint, names.cluster),
    spec: {
      maxUnavailable: 1,
      ...(isKnown ? { unhealthyPodEvictionPolicy: 'AlwaysAllow' } : {}),
      selector: { matchLabels: selectorLabelsOf(names.cluster) },
    },
  };
}
