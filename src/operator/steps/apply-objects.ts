import { failureText } from '../../kube/outcome.ts';
import { clusterObjects, surplusObjects } from '../../resources/cluster-objects.ts';
import { appliedKindOf } from '../kinds.ts';
import type { PassStep } from './pass-context.ts';
import { CONTINUE, type StepEnd } from './step.ts';

/** Makes every object of the cluster as it should be; the StatefulSet last, with the size that was planned. */
export const applyObjects: PassStep = {
  name: 'objects',
  run: async ({ sight, plan, blueprint, applied }, signal) => {
    const wish = { replicas: plan.size.replicas, claimTemplates: sight.claimTemplates };
    for (const object of clusterObjects(blueprint, wish)) {
      const outcome = await applied.apply(sight.key, object, sight.markOf(object), signal);
      if (outcome.kind !== 'done') {
        return refused(`${object.kind} ${object.metadata.name}`, failureText(outcome));
      }
    }
    return CONTINUE;
  },
};

/** Removes what an earlier spec called for and this one does not. */
export const removeSurplus: PassStep = {
  name: 'surplus',
  run: async ({ sight, blueprint, writer }, signal) => {
    for (const object of surplusObjects(blueprint)) {
      const live = sight.markOf(object);
      if (live !== undefined) {
        const { name } = object.metadata;
        const place = { namespace: sight.namespace, name };
        const outcome = await writer.remove(appliedKindOf(object), place, { uid: live.uid }, signal);
        if (outcome.kind !== 'done' && outcome.kind !== 'not-found' && outcome.kind !== 'conflict') {
          return refused(`${object.kind} ${name}`, failureText(outcome));
        }
      }
    }
    return CONTINUE;
  },
};

function refused(what: string, why: string): StepEnd {
  return { kind: 'failed', why: `${what}: ${why}` };
}
