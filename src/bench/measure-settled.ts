/** What the agents of a settled cluster of three cost: memory, processor, calls to the Kubernetes API. */
import { pause, within } from '../runtime/abort.ts';
import { createHttpClient, type HttpClient } from '../runtime/http-client.ts';
import type { BenchGround } from './bench-ground.ts';
import { metricSumIn } from './metric-sum.ts';
import { type ProcessUsage, usageOf } from './process-usage.ts';
import { type ProductCluster, startProduct } from './product-cluster.ts';
import { type Sample, sampleOnce } from './sample.ts';
import { leaderAmong } from './seat-leader.ts';

/** What one agent used. */
export type AgentCost = {
  readonly leads: boolean;
  readonly residentMb: number;
  /** As the agent's own metric has it. */
  readonly reportedMb: number;
  readonly proportionalMb: number | null;
  /** Of one core, over the window. */
  readonly cpuPercent: number;
  /** Within the window. */
  readonly apiCalls: number;
};

const SIZE = 3;

/** Longer than what follows a join, such as comparing hashes. */
const SETTLE_MS = 20_000;

const WINDOW_MS = 60_000;

const LIMIT_MS = 120_000;

/** Measures once; nobody writes, and nobody asks the agents anything but at both ends of the window. */
export async function measureSettled(
  ground: BenchGround,
  signal: AbortSignal,
): Promise<Sample<readonly AgentCost[]>> {
  return sampleOnce(
    async (limited) => {
      const product = await startProduct(ground, SIZE, limited);
      const http = createHttpClient();
      try {
        return await costsOf(product, http, ground, limited);
      } finally {
        await http.close();
        await product.close();
      }
    },
    LIMIT_MS,
    signal,
  );
}

async function costsOf(
  product: ProductCluster,
  http: HttpClient,
  ground: BenchGround,
  signal: AbortSignal,
): Promise<readonly AgentCost[]> {
  const { local, access } = product;
  const { names } = local.template;
  await product.trace.until(() => product.trace.calls > 0, signal);
  await product.untilListed({ size: SIZE, without: null }, 0, signal);
  ground.tell(`settled: waits ${SETTLE_MS / 1000} s, then looks on for ${WINDOW_MS / 1000} s`);
  await pause(SETTLE_MS, signal);
  const before = await Promise.all((await agentsOf(product)).map((agent) => look(agent, http, signal)));
  await pause(WINDOW_MS, signal);
  const after = await Promise.all((await agentsOf(product)).map((agent) => look(agent, http, signal)));
  await product.untilListed({ size: SIZE, without: null }, 0, signal);
  const ordinals = Array.from({ length: SIZE }, (_, ordinal) => ordinal);
  const leader = await leaderAmong({ names, access }, ordinals, signal);
  return after.map((end, ordinal) => costBetween(before[ordinal], end, ordinal === leader));
}

type Agent = { readonly url: string; readonly pid: number };

async function agentsOf({ local }: ProductCluster): Promise<readonly Agent[]> {
  const { members } = await local.snapshot();
  return members.map(({ name, agentUrl, agent }) => {
    if (agent.pid === null) {
      throw new Error(`the agent of ${name} does not run`);
    }
    return { url: agentUrl, pid: agent.pid };
  });
}

export type AgentLook = {
  readonly pid: number;
  readonly atMs: number;
  readonly usage: ProcessUsage;
  readonly reportedBytes: number;
  readonly apiCalls: number;
};

const METRICS_TIMEOUT_MS = 2_000;

/** /proc is read before the agent is asked, so that only the first of the two questions is in the window. */
async function look({ url, pid }: Agent, http: HttpClient, signal: AbortSignal): Promise<AgentLook> {
  const usage = usageOf(pid);
  const atMs = performance.now();
  const answer = await http.send(
    { url: `${url}/metrics`, timeoutMs: METRICS_TIMEOUT_MS },
    within(signal, METRICS_TIMEOUT_MS),
  );
  if (answer.kind !== 'answered' || answer.status !== 200) {
    throw new Error(`${url}/metrics does not answer`);
  }
  return {
    pid,
    atMs,
    usage,
    reportedBytes: metricSumIn(answer.body, 'process_resident_memory_bytes'),
    apiCalls: metricSumIn(answer.body, 'quorate_agent_api_calls_total'),
  };
}

const BYTES_PER_MB = 1_000_000;

/**
 * What an agent used between two looks; memory is that of the second one.
 *
 * @throws Error when it is not the same process
 */
export function costBetween(before: AgentLook | undefined, after: AgentLook, leads: boolean): AgentCost {
  if (before?.pid !== after.pid) {
    throw new Error(`the agent ${after.pid} is not the one that was there before`);
  }
  const { proportionalBytes } = after.usage;
  return {
    leads,
    residentMb: after.usage.residentBytes / BYTES_PER_MB,
    reportedMb: after.reportedBytes / BYTES_PER_MB,
    proportionalMb: proportionalBytes === null ? null : proportionalBytes / BYTES_PER_MB,
    cpuPercent: (100 * (after.usage.cpuMs - before.usage.cpuMs)) / (after.atMs - before.atMs),
    apiCalls: after.apiCalls - before.apiCalls,
  };
}
