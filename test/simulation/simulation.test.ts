/**
 * The shipped decisions in a simulated world: SIM_STEPS steps (2·10⁶ unless said otherwise) from seed
 * SIM_SEED on, every invariant of design §5 judged at every step. Replay: see replay.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePlan } from './describe-plan.ts';
import { planOf } from './plan.ts';
import { type Outcome, runPlan, SHIPPED_CODE } from './run-plan.ts';
import { shrinkPlan } from './shrink.ts';

const STEPS_MIN = Number(process.env['SIM_STEPS'] ?? 2_000_000);
const FIRST_SEED = Number(process.env['SIM_SEED'] ?? 1);

test(`no invariant breaks in ${STEPS_MIN} steps from seed ${FIRST_SEED} on`, (t) => {
  const startedMs = performance.now();
  const tally = { steps: 0, worlds: 0, acknowledged: 0, helped: 0 };
  const endings = new Map<Outcome['ending'], number>();
  for (let seed = FIRST_SEED; tally.steps < STEPS_MIN; seed++) {
    const outcome = runPlan(planOf(seed));
    assert.ok(outcome.broken === undefined, outcome.broken && reportOf(seed, outcome));
    tally.steps += outcome.steps;
    tally.worlds += 1;
    tally.acknowledged += outcome.acknowledged;
    tally.helped += outcome.wasHelped ? 1 : 0;
    endings.set(outcome.ending, (endings.get(outcome.ending) ?? 0) + 1);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  t.diagnostic(
    `${tally.steps} steps in ${tally.worlds} worlds, ${seconds.toFixed(1)} s, ${Math.round(tally.steps / seconds)} steps/s, ` +
      `${tally.acknowledged} writes acknowledged, none lost`,
  );
  t.diagnostic(
    `endings: ${[...endings].map(([ending, count]) => `${ending} ${count}`).join(', ')}; ` +
      `${tally.helped} came back only at a larger size`,
  );
});

function reportOf(seed: number, { broken }: Outcome): string {
  const plan = planOf(seed);
  const shortest = broken === undefined ? plan : shrinkPlan(plan, SHIPPED_CODE, broken.invariant);
  return [
    `seed ${seed}: ${broken?.message}`,
    `replay: node test/simulation/replay.ts ${seed} --trace --shrink`,
    describePlan(shortest),
  ].join('\n');
}
