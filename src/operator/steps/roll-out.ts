import { POD } from '../kinds.ts';
import type { PassStep } from './pass-context.ts';
import { CONTINUE, failed } from './step.ts';

/** Replaces the one Pod that is next, if any; its deletion calls the hook that hands leadership over. */
export const rollOut: PassStep = {
  name: 'roll-out',
  run: async ({ sight, plan, writer }, signal) => {
    if (plan.rollout.kind !== 'replace') {
      return CONTINUE;
    }
    const { name, uid } = plan.rollout.pod;
    const place = { namespace: sight.namespace, name };
    // The same Pod that was looked at, and no other that has its name by now.
    const outcome = await writer.remove(POD, place, { uid }, signal);
    return outcome.kind === 'done' || outcome.kind === 'not-found' || outcome.kind === 'conflict'
      ? CONTINUE
      : failed(`Pod ${name}`, outcome);
  },
};
