import { planOf } from './plan.ts';
import { runPlan } from './run-plan.ts';
const from = Number(process.argv[2] ?? 1), n = Number(process.argv[3] ?? 200), show = Number(process.argv[4] ?? 3);
const t0 = performance.now();
let steps = 0, acks = 0; const endings: Record<string, number> = {}; const brokens: Record<string, number[]> = {};
const conv: number[] = [];
for (let seed = from; seed < from + n; seed++) {
  let o;
  try { o = runPlan(planOf(seed)); } catch (e) { process.stdout.write(`seed ${seed} CRASH ${(e as Error).stack}\n`); continue; }
  steps += o.steps; acks += o.acknowledged; endings[o.ending] = (endings[o.ending] ?? 0) + 1;
  if (o.ending === 'converged') conv.push(o.convergedInMs);
  if (o.broken) { const k = o.broken.invariant; (brokens[k] ??= []).push(seed); if (brokens[k].length <= show) process.stdout.write(`seed ${seed} steps ${o.steps} t=${(o.virtualMs/1000).toFixed(1)}: ${o.broken.message}\n`); }
}
const s = (performance.now() - t0) / 1000;
conv.sort((a, b) => a - b);
process.stdout.write(`${n} seeds, ${steps} steps, ${s.toFixed(1)} s, ${Math.round(steps / s)} steps/s, acks ${acks}, ${JSON.stringify(endings)}\nbroken ${Object.entries(brokens).map(([k, v]) => `${k}:${v.length} [${v.slice(0, 8)}]`).join(' ')}\nconverge median ${conv[conv.length >> 1]} p95 ${conv[Math.floor(conv.length * .95)]} max ${conv.at(-1)}\n`);
