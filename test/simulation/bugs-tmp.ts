import { HISTORIC_BUGS } from './historic-bugs.ts';
import { planOf } from './plan.ts';
import { runPlan } from './run-plan.ts';
const only = process.argv[2];
for (const bug of HISTORIC_BUGS) {
  if (only && !bug.name.includes(only)) continue;
  const t0 = performance.now(); let caught = 0, first = 0, steps = 0; const by: Record<string, number> = {}; let msg = ''; let shipped = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const plan = planOf(seed, bug.theme);
    const o = runPlan(plan, bug.by); steps += o.steps;
    if (o.broken) { caught++; by[o.broken.invariant] = (by[o.broken.invariant] ?? 0) + 1; if (!first) { first = seed; msg = o.broken.message; } }
    const s = runPlan(plan); if (s.broken) { shipped++; process.stdout.write(`  SHIPPED broken seed ${seed}: ${s.broken.message}\n`); }
  }
  process.stdout.write(`${caught ? 'ok ' : 'NO '} ${bug.name}: ${caught}/300 first ${first} ${JSON.stringify(by)} ${Math.round(performance.now() - t0)}ms ${Object.keys(by).every((k) => (bug.breaks as string[]).includes(k)) ? '' : 'UNEXPECTED'} ${msg.split('\n')[0]}\n`);
}
