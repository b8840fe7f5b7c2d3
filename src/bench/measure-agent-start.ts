/** How long an agent takes from its exec to its first decision, on a machine that does nothing else. */
import { pause, within } from '../runtime/abort.ts';
import type { BenchGround } from './bench-ground.ts';
import type { TraceEntry } from './cluster-trace.ts';
import { usageOf } from './process-usage.ts';
import { type ProductCluster, startProduct } from './product-cluster.ts';
import { type Sample, sampleOnce } from './sample.ts';

/** Fewer say little of a median. */
const RUNS_MIN = 10;

/** Until the agent has settled again and its etcd has forgotten that it was away. */
const REST_MS = 500;

const LIMIT_MS = 20_000;

/** Restarts at once, however often: what is measured is the agent, not the kubelet's patience. */
const NO_BACK_OFF = { firstMs: 0, maxMs: 0, forgivenAfterMs: 1 };

/** How one agent started. */
export type AgentStart = {
  readonly ms: number;
  /** What the processors did for it until then, which other load on the machine does not change much. */
  readonly cpuMs: number;
};

/** Kills the agent of a settled cluster of one, time after time. */
export async function measureAgentStart(
  ground: BenchGround,
  runs: number,
  signal: AbortSignal,
): Promise<readonly Sample<AgentStart>[]> {
  const samples: Sample<AgentStart>[] = [];
  const product = await startProduct(ground, 1, signal, { backOff: NO_BACK_OFF });
  try {
    await untilDecided(product, isSettled, within(signal, LIMIT_MS));
    for (let run = 0; run < Math.max(RUNS_MIN, runs); run++) {
      await pause(REST_MS, signal);
      samples.push(await sampleOnce((limited) => restart(product, limited), LIMIT_MS, signal));
    }
  } finally {
    await product.close();
  }
  return samples;
}

async function restart(product: ProductCluster, signal: AbortSignal): Promise<AgentStart> {
  product.trace.begin();
  product.local.killContainer(0, 'agent', 'SIGKILL');
  const { process, decision } = await untilDecided(product, () => true, signal);
  const { cpuMs } = usageOf(process.pid);
  await untilDecided(product, isSettled, signal);
  return { ms: decision.atMs - process.atMs, cpuMs };
}

type EntryOf<K extends TraceEntry['kind']> = Extract<TraceEntry, { readonly kind: K }>;

function isSettled({ decision }: EntryOf<'decision'>): boolean {
  return decision === 'settled';
}

/** The process of the agent that runs now, and its first decision of a kind, once there is one. */
async function untilDecided(
  { trace }: ProductCluster,
  isIt: (entry: EntryOf<'decision'>) => boolean,
  signal: AbortSignal,
): Promise<{ readonly process: EntryOf<'process'>; readonly decision: EntryOf<'decision'> }> {
  for (;;) {
    const process = trace.entries.findLast((entry) => entry.kind === 'process');
    const since = process === undefined ? [] : trace.entries.slice(trace.entries.indexOf(process));
    const decision = since.find((entry) => entry.kind === 'decision' && isIt(entry));
    if (process !== undefined && decision?.kind === 'decision') {
      return { process, decision };
    }
    const seen = trace.entries.length;
    await trace.until(() => trace.entries.length !== seen, signal);
  }
}
