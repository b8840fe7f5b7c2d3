import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describeProcess } from '../runtime/process-metrics.ts';
import { keyOf } from './cache/object-store.ts';
import type { Expiry } from './plan/certificate-expiry.ts';
import type { QueueNews } from './queue/work-queue.ts';

/** What is known of one cluster for its gauges. */
export type ClusterGauges = {
  readonly namespace: string;
  readonly cluster: string;
  /** Members that are listed. */
  readonly members: number;
  /** Whether it serves with a quorum. */
  readonly isHealthy: boolean;
};

/** What the operator measures of itself and of its clusters. */
export type OperatorMetrics = {
  readonly registry: Registry;
  readonly apiCalls: Counter<'resource' | 'verb' | 'outcome'>;
  readonly leading: Gauge;
  readonly reviews: Counter<'outcome'>;
  showCluster(gauges: ClusterGauges): void;
  /** Until when certificates of a cluster are good; those that are not named any more are forgotten. */
  showCertificates(namespace: string, cluster: string, expiries: readonly Expiry[]): void;
  forgetCluster(namespace: string, cluster: string): void;
  noteQueue(news: QueueNews): void;
};

type CertificateExpiries = {
  readonly namespace: string;
  readonly cluster: string;
  readonly ends: readonly Expiry[];
};

/** From a pass that finds nothing to do to one that waits for a slow API server. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

/** Metrics in a registry of their own. `queueDepth` and `nowMs`, of the wall clock, are asked at each scrape. */
export function createOperatorMetrics(
  queueDepth: () => number,
  nowMs: () => number = Date.now,
): OperatorMetrics {
  const registry = new Registry();
  const registers = [registry];
  const { size, health } = clusterGauges(registers);
  const expiries = new Map<string, CertificateExpiries>();
  countDown(expiries, nowMs, registers);
  describeProcess(registers);
  new Gauge({
    name: 'quorate_operator_queue_depth',
    help: 'Clusters that wait for a worker.',
    registers,
    collect() {
      this.set(queueDepth());
    },
  });
  const reconciles = new Counter({
    name: 'quorate_operator_reconciles_total',
    help: 'Passes over a cluster, by how they ended.',
    labelNames: ['result'],
    registers,
  });
  const durations = new Histogram({
    name: 'quorate_operator_reconcile_duration_seconds',
    help: 'How long a pass over a cluster took.',
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  return {
    registry,
    apiCalls: new Counter({
      name: 'quorate_operator_api_calls_total',
      help: 'Calls to the Kubernetes API, watches included.',
      labelNames: ['resource', 'verb', 'outcome'],
      registers,
    }),
    leading: new Gauge({
      name: 'quorate_operator_leading',
      help: 'Whether this process holds the Lease and works.',
      registers,
    }),
    reviews: new Counter({
      name: 'quorate_operator_reviews_total',
      help: 'Reviews that the webhook was asked for, by what became of them.',
      labelNames: ['outcome'],
      registers,
    }),
    showCluster: ({ namespace, cluster, members, isHealthy }) => {
      size.set({ namespace, cluster }, members);
      health.set({ namespace, cluster }, isHealthy ? 1 : 0);
    },
    forgetCluster: (namespace, cluster) => {
      size.remove({ namespace, cluster });
      health.remove({ namespace, cluster });
      expiries.delete(keyOf(namespace, cluster));
    },
    showCertificates: (namespace, cluster, ends) => {
      expiries.set(keyOf(namespace, cluster), { namespace, cluster, ends });
    },
    noteQueue: (news) => {
      if (news.kind === 'finished') {
        reconciles.inc({ result: news.result });
        durations.observe(news.durationMs / 1_000);
      }
    },
  };
}

function countDown(
  expiries: ReadonlyMap<string, CertificateExpiries>,
  nowMs: () => number,
  registers: Registry[],
): void {
  new Gauge({
    name: 'quorate_certificate_expiry_seconds',
    help: 'Seconds until a certificate of a cluster expires; negative once it has.',
    labelNames: ['cluster', 'namespace', 'certificate'],
    registers,
    collect() {
      this.reset();
      for (const { cluster, namespace, ends } of expiries.values()) {
        for (const { certificate, notAfterMs } of ends) {
          this.set({ cluster, namespace, certificate }, Math.round((notAfterMs - nowMs()) / 1_000));
        }
      }
    },
  });
}

/** By the names that dashboards know. */
function clusterGauges(registers: Registry[]) {
  const labelNames = ['cluster', 'namespace'] as const;
  const size = new Gauge({
    name: 'etcd_cluster_size',
    help: 'Size of the etcd cluster',
    labelNames,
    registers,
  });
  const health = new Gauge({
    name: 'etcd_cluster_health',
    help: 'Health status of the etcd cluster',
    labelNames,
    registers,
  });
  return { size, health };
}
