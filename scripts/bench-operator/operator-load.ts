/** What an operator has done so far, and what it holds: by its own metrics, and by the system's. */
import { setTimeout as delay } from 'node:timers/promises';
import { metricSumIn } from '../../src/bench/metric-sum.ts';
import { usageOf } from '../../src/bench/process-usage.ts';
import type { OperatorProcess } from './operator-process.ts';

export type OperatorLoad = {
  readonly residentMB: number;
  readonly cpuSeconds: number;
  readonly apiCalls: number;
  readonly callsByVerb: Readonly<Record<string, number>>;
  readonly passes: number;
  readonly passMs: { readonly p50: number; readonly p99: number };
};

export type QuietLoad = OperatorLoad & {
  readonly seconds: number;
  readonly callsPerSecond: number;
  readonly cpuPercent: number;
};

const API_CALLS = 'quorate_operator_api_calls_total';
const PASSES = 'quorate_operator_reconciles_total';
const DURATIONS = 'quorate_operator_reconcile_duration_seconds';
const VERBS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'WATCH'];

const CALM_POLL_MS = 500;
/** So long without a call, and nothing is under way any more. */
const CALM_MS = 3_000;
const POLL_MS = 100;

export async function loadOf(operator: OperatorProcess): Promise<OperatorLoad> {
  const text = await operator.metrics();
  const { residentBytes, cpuMs } = usageOf(operator.pid);
  const calls = VERBS.map((verb) => [verb, callsIn(text, new RegExp(`verb="${verb}"`))] as const);
  return {
    residentMB: rounded(residentBytes / 1_000_000),
    cpuSeconds: cpuMs / 1_000,
    apiCalls: metricSumIn(text, API_CALLS),
    callsByVerb: Object.fromEntries(calls),
    passes: metricSumIn(text, PASSES),
    passMs: {
      p50: rounded(quantileIn(text, DURATIONS, 0.5) * 1_000),
      p99: rounded(quantileIn(text, DURATIONS, 0.99) * 1_000),
    },
  };
}

/** What it does in so many seconds in which nothing happens. */
export async function measureQuiet(operator: OperatorProcess, seconds: number): Promise<QuietLoad> {
  const before = await loadOf(operator);
  await delay(seconds * 1_000);
  const after = await loadOf(operator);
  const apiCalls = after.apiCalls - before.apiCalls;
  const cpuSeconds = rounded(after.cpuSeconds - before.cpuSeconds);
  const calls = Object.entries(after.callsByVerb).map(
    ([verb, total]) => [verb, total - (before.callsByVerb[verb] ?? 0)] as const,
  );
  return {
    ...after,
    seconds,
    apiCalls,
    callsByVerb: Object.fromEntries(calls),
    passes: after.passes - before.passes,
    cpuSeconds,
    callsPerSecond: rounded(apiCalls / seconds),
    cpuPercent: rounded((cpuSeconds / seconds) * 100),
  };
}

/** Resolves once it leads. */
export function untilLeading(operator: OperatorProcess): Promise<void> {
  return untilMetrics(operator, (text) => metricSumIn(text, 'quorate_operator_leading') === 1);
}

/** Resolves once it has made so many passes and no cluster waits for one. */
export function untilPassed(operator: OperatorProcess, passes: number): Promise<void> {
  return untilMetrics(
    operator,
    (text) => metricSumIn(text, PASSES) >= passes && metricSumIn(text, 'quorate_operator_queue_depth') === 0,
  );
}

/** No call for a while but those that renew the Lease: Events are written, views are up to date. */
export async function untilCalm(operator: OperatorProcess): Promise<void> {
  let calls = -1;
  for (let sinceMs = performance.now(); performance.now() - sinceMs < CALM_MS; ) {
    await delay(CALM_POLL_MS);
    const now = callsIn(await operator.metrics(), /verb="(?!PUT)/);
    if (now !== calls) {
      calls = now;
      sinceMs = performance.now();
    }
  }
}

async function untilMetrics(operator: OperatorProcess, holds: (text: string) => boolean): Promise<void> {
  for (;;) {
    // Its page is not there before it has begun to listen.
    const text = await operator.metrics().catch(() => '');
    if (text !== '' && holds(text)) {
      return;
    }
    await delay(POLL_MS);
  }
}

function callsIn(exposition: string, labels: RegExp): number {
  const lines = exposition.split('\n').filter((line) => labels.test(line));
  return metricSumIn(lines.join('\n'), API_CALLS);
}

/** An estimate of a quantile of a Prometheus histogram, by straight lines within its buckets. */
function quantileIn(exposition: string, name: string, quantile: number): number {
  const lines = exposition.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\S+)$`, 'gm'));
  const buckets = [...lines].map(([, le, count]) => ({
    le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
    count: Number(count),
  }));
  const wanted = (buckets.at(-1)?.count ?? 0) * quantile;
  let below = { le: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      const share = (wanted - below.count) / Math.max(1, bucket.count - below.count);
      return Number.isFinite(bucket.le) ? below.le + share * (bucket.le - below.le) : below.le;
    }
    below = bucket;
  }
  return 0;
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
