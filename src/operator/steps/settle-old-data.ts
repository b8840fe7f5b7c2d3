import { formationConfigMap } from '../../resources/config-map.ts';
import { CONFIG_MAP } from '../kinds.ts';
import { planOldData } from '../plan/old-data.ts';
import type { PassStep } from './pass-context.ts';
import { CONTINUE, failed } from './step.ts';

/** Writes into the formation record what a human has said about old data, and nothing else ever. */
export const settleOldData: PassStep = {
  name: 'old-data',
  run: async ({ sight, records, blueprint }, signal) => {
    const plan = planOldData(sight.observed);
    if (plan.kind !== 'decided') {
      return CONTINUE;
    }
    const object = formationConfigMap(blueprint, plan.record);
    const metadata = { ...object.metadata, resourceVersion: plan.resourceVersion };
    const outcome = await records.update(CONFIG_MAP, { ...object, metadata }, signal);
    // A conflict: somebody else wrote it since it was looked at, so it is looked at again.
    return outcome.kind === 'done' || outcome.kind === 'conflict'
      ? CONTINUE
      : failed('the formation record', outcome);
  },
};
