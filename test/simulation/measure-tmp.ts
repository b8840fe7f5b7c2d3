import { runPlan, SHIPPED_CODE } from './run-plan.ts';
import { planOf } from './plan.ts';
let unequal = 0, adds = 0, removes = 0, promotes = 0, again = 0, runs = 0; const t: number[] = [];
for (let seed = 1; seed <= 1500; seed++) {
  const plan = { ...planOf(seed), replicas: 3, faults: [{ atMs: 5000, kind: 'scale', replicas: 9 } as const], healAtMs: 12000, lastReplicas: 9, version: { major: 3 as const, minor: 6, patch: 16 } , writeWeight: 1};
  const out = runPlan(plan, SHIPPED_CODE, (l) => {
    if (l.includes('count is unequal')) unequal++;
    if (l.includes('calls add')) adds++;
    if (l.includes('calls remove')) removes++;
    if (l.includes('calls promote')) promotes++;
    if (l.includes('refused: not-a-learner')) again++;
  });
  runs++; t.push(out.convergedInMs);
}
t.sort((a, b) => a - b);
process.stdout.write(`${runs} runs: unequal ${unequal}, adds ${adds} removes ${removes} promotes ${promotes} (again ${again}); 3->5 median ${t[runs >> 1]} p95 ${t[Math.floor(runs * .95)]}\n`);
