import { keyOfSet, POD } from '../kinds.ts';
import type { PassStep } from './pass-context.ts';
import { CONTINUE, unlessChanged } from './step.ts';

/** Replaces the one Pod that is next, if any; its deletion calls the hook that hands leadership over. */
export const rollOut: PassStep = {
  name: 'roll-out',
  run: async ({ sight, plan, writer, applied, own }, signal) => {
    const set = keyOfSet(sight.name);
    // It was planned by a template that this very pass has changed: whether the Pod is outdated shows later.
    const isStale = applied.isAheadOf(sight.key, set, sight.markOf(set));
    if (plan.rollout.kind !== 'replace' || isStale) {
      return CONTINUE;
    }
    const { name, uid } = plan.rollout.pod;
    const place = { namespace: sight.namespace, name };
    // The same Pod that was looked at, and no other that has its name by now.
    const outcome = await writer.remove(POD, place, { uid }, signal);
    if (outcome.kind === 'done') {
      own.noteRemoval(sight.key, uid);
    }
    return unlessChanged(`the removal of Pod ${name}`, outcome);
  },
};
