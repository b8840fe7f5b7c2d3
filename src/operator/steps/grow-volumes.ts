import { selectorLabelsOf } from '../../resources/labels.ts';
import { CLAIM } from '../kinds.ts';
import { planVolumeGrowth } from '../plan/volume-growth.ts';
import type { PassStep } from './pass-context.ts';
import { CONTINUE, unlessChanged } from './step.ts';

/** Lets the claims ask for the size that is wanted; the rest is for the driver of their StorageClass. */
export const growVolumes: PassStep = {
  name: 'volumes',
  run: async ({ sight, writer }, signal) => {
    const { size, claims } = planVolumeGrowth(sight.observed);
    const spec = { resources: { requests: { storage: size } } };
    for (const { name, uid } of claims) {
      // Labels that were applied before would be taken away by an apply without them.
      const metadata = { name, namespace: sight.namespace, uid, labels: selectorLabelsOf(sight.name) };
      const outcome = await writer.apply(CLAIM, { metadata, spec }, signal);
      const end = unlessChanged(`PersistentVolumeClaim ${name} of ${size}`, outcome);
      if (end.kind !== 'continue') {
        return end;
      }
    }
    return CONTINUE;
  },
};
