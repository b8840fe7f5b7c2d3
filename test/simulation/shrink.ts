import type { InvariantName } from './invariant.ts';
import type { Plan } from './plan.ts';
import { type Code, runPlan } from './run-plan.ts';

/** Fewer faults change what chance does to the rest, so a shorter schedule is tried on this many worlds. */
const WORLDS_TRIED = 6;

/**
 * The shortest schedule found that still breaks `invariant`: chunks of faults are left out, then single
 * ones (delta debugging), each on a few worlds. The plan's seed may differ from the first one's.
 */
export function shrinkPlan(plan: Plan, by: Code, invariant: InvariantName): Plan {
  let smallest = plan;
  for (let size = Math.ceil(plan.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < smallest.faults.length; ) {
      const faults = [...smallest.faults.slice(0, from), ...smallest.faults.slice(from + size)];
      const smaller = stillBreaks({ ...smallest, faults }, by, invariant);
      if (smaller === undefined) {
        from += size;
      } else {
        smallest = smaller;
      }
    }
  }
  return smallest;
}

function stillBreaks(plan: Plan, by: Code, invariant: InvariantName): Plan | undefined {
  for (let world = 0; world < WORLDS_TRIED; world++) {
    const candidate = world === 0 ? plan : { ...plan, seed: plan.seed + world * 1_000_003 };
    if (runPlan(candidate, by).broken?.invariant === invariant) {
      return candidate;
    }
  }
  return undefined;
}
