/** Where the Pods run unless their author says otherwise: apart, but never at the price of not running. */
import type { PassThrough } from '../api/kubernetes.ts';
import { selectorLabelsOf } from './labels.ts';

/** Not on one node, if possible. */
export function affinityOf(cluster: string): PassThrough {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: selectorLabelsOf(cluster) },
          },
        },
      ],
    },
  };
}

/** Evenly over zones, if possible. */
export function topologySpreadOf(cluster: string): readonly PassThrough[] {
  return [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selectorLabelsOf(cluster) },
    },
  ];
}
