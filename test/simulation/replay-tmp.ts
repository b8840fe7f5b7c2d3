import { planOf } from './plan.ts';
import { runPlan, SHIPPED_CODE } from './run-plan.ts';
import { describeFault } from './fault.ts';
const p = planOf(Number(process.argv[2]));
process.stdout.write(`3.${p.version.minor} r=${p.replicas} w=${p.writeWeight} heal=${p.healAtMs} last=${p.lastReplicas} guards=${p.guardsDisks}\n${p.faults.map(describeFault).join('\n')}\n`);
const lines: string[] = [];
const o = runPlan(p, SHIPPED_CODE, (l) => lines.push(l));
process.stdout.write(`${o.ending} ${o.broken?.message}\n`);
process.stdout.write(lines.join("\n")+"\n");
