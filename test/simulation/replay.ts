/**
 * Runs one seed of the simulator again and says what came of it:
 *
 *     node test/simulation/replay.ts SEED [--trace] [--shrink] [--bug PART_OF_ITS_NAME]
 *
 * `--trace` prints everything that happens, `--shrink` the shortest schedule that still fails, `--bug` puts a
 * historic bug into the agents. Exit code 1 when an invariant breaks.
 */
import { parseArgs } from 'node:util';
import { describePlan } from './describe-plan.ts';
import { HISTORIC_BUGS } from './historic-bugs.ts';
import { type Plan, planOf } from './plan.ts';
import { type Code, runPlan, SHIPPED_CODE } from './run-plan.ts';
import { shrinkPlan } from './shrink.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    bug: { type: 'string' },
  },
});
const seed = Number(positionals[0]);
if (!Number.isInteger(seed)) {
  process.stderr.write('node test/simulation/replay.ts SEED [--trace] [--shrink] [--bug PART_OF_ITS_NAME]\n');
  process.exit(2);
}
process.exitCode = replay();

function replay(): number {
  const bug =
    values.bug === undefined ? undefined : HISTORIC_BUGS.find(({ name }) => name.includes(values.bug ?? ''));
  const by = bug?.by ?? SHIPPED_CODE;
  const plan = planOf(seed, bug?.theme);
  const broken = show(plan, by);
  if (broken !== undefined && values.shrink) {
    print('\nThe shortest schedule found that breaks the same invariant:');
    show(shrinkPlan(plan, by, broken), by);
  }
  return broken === undefined ? 0 : 1;
}

function show(plan: Plan, by: Code): ReturnType<typeof brokenBy> {
  print(describePlan(plan));
  const outcome = runPlan(plan, by, values.trace ? print : undefined);
  const { ending, steps, virtualMs, acknowledged, broken } = outcome;
  print(
    `${ending} after ${steps} steps, ${(virtualMs / 1_000).toFixed(1)} s, ${acknowledged} writes acknowledged`,
  );
  if (broken !== undefined) {
    print(broken.message);
  }
  return brokenBy(outcome);
}

function brokenBy(
  outcome: ReturnType<typeof runPlan>,
): NonNullable<typeof outcome.broken>['invariant'] | undefined {
  return outcome.broken?.invariant;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
