import * as v from 'valibot';
import { metricSumIn } from '../../src/bench/metric-sum.ts';
import { pause } from '../../src/runtime/abort.ts';
import type { ClusterAccess } from '../../test/e2e/support/cluster-access.ts';
import type { Kubectl } from '../../test/e2e/support/kubectl.ts';

export type OperatorCost = {
  readonly residentBytes: number;
  /** Calls to the API server within a quiet minute, without those for its Lease; watches that begin anew count. */
  readonly apiCalls: number;
  /** Renewals of its Lease within that minute. */
  readonly leaseCalls: number;
  /** Share of one processor within that minute. */
  readonly processorShare: number;
};

const SELECTOR = 'app.kubernetes.io/component=operator';
const METRICS_PORT = 8080;
const API_CALLS = 'quorate_operator_api_calls_total';
const QUIET_MS = 60_000;

const podsSchema = v.object({ items: v.array(v.object({ metadata: v.object({ name: v.string() }) })) });

/** Leaves the operator alone for a minute; `kubectl` works in its namespace. */
export async function measureOperator(
  access: ClusterAccess,
  kubectl: Kubectl,
  namespace: string,
  signal: AbortSignal,
): Promise<OperatorCost> {
  const list = await kubectl.must(['get', 'pods', '-l', SELECTOR, '-o', 'json']);
  const pod = v.parse(podsSchema, JSON.parse(list)).items[0]?.metadata.name ?? '';
  const read = async (): Promise<Metrics> => {
    const answer = await access.askPod(
      { namespace, pod, port: METRICS_PORT },
      { method: 'GET', path: '/metrics' },
      signal,
    );
    if (answer.kind !== 'answered' || answer.status !== 200) {
      throw new Error(`the operator shows no metrics: ${JSON.stringify(answer)}`);
    }
    return metricsIn(answer.body);
  };
  const before = await read();
  await pause(QUIET_MS, signal);
  const after = await read();
  return {
    residentBytes: after.residentBytes,
    apiCalls: after.apiCalls - before.apiCalls,
    leaseCalls: after.leaseCalls - before.leaseCalls,
    processorShare: (after.processorSeconds - before.processorSeconds) / (QUIET_MS / 1_000),
  };
}

type Metrics = {
  readonly residentBytes: number;
  readonly apiCalls: number;
  readonly leaseCalls: number;
  readonly processorSeconds: number;
};

function metricsIn(page: string): Metrics {
  const calls = page.split('\n').filter((line) => line.startsWith(`${API_CALLS}{`));
  const ofLease = calls.filter((line) => line.includes('resource="leases"')).join('\n');
  const leaseCalls = metricSumIn(ofLease, API_CALLS);
  return {
    residentBytes: metricSumIn(page, 'process_resident_memory_bytes'),
    apiCalls: metricSumIn(page, API_CALLS) - leaseCalls,
    leaseCalls,
    processorSeconds: metricSumIn(page, 'process_cpu_seconds_total'),
  };
}
