import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOperatorMetrics } from '../../src/operator/operator-metrics.ts';

/** The series of a metric, such as `etcd_cluster_size{…} 3`. */
async function seriesOf(
  metrics: ReturnType<typeof createOperatorMetrics>,
  name: string,
): Promise<readonly string[]> {
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe('the metrics of the operator', () => {
  it('have the two gauges of each cluster, by the names that dashboards know', async () => {
    const metrics = createOperatorMetrics(() => 0);
    metrics.showCluster({ namespace: 'a', cluster: 'demo', members: 3, isHealthy: true });
    metrics.showCluster({ namespace: 'b', cluster: 'demo', members: 1, isHealthy: false });
    assert.deepEqual(await seriesOf(metrics, 'etcd_cluster_size'), [
      'etcd_cluster_size{namespace="a",cluster="demo"} 3',
      'etcd_cluster_size{namespace="b",cluster="demo"} 1',
    ]);
    assert.deepEqual(await seriesOf(metrics, 'etcd_cluster_health'), [
      'etcd_cluster_health{namespace="a",cluster="demo"} 1',
      'etcd_cluster_health{namespace="b",cluster="demo"} 0',
    ]);
  });

  it('forget a cluster that is gone, and no other', async () => {
    const metrics = createOperatorMetrics(() => 0);
    for (const namespace of ['a', 'b']) {
      metrics.showCluster({ namespace, cluster: 'demo', members: 3, isHealthy: true });
    }
    metrics.forgetCluster('a', 'demo');
    assert.deepEqual(await seriesOf(metrics, 'etcd_cluster_size'), [
      'etcd_cluster_size{namespace="b",cluster="demo"} 3',
    ]);
  });

  it('count down to the end of each certificate, and forget those of a cluster that is gone', async () => {
    let nowMs = 0;
    const metrics = createOperatorMetrics(
      () => 0,
      () => nowMs,
    );
    const ends = { certificate: 'peer', secret: 'demo-peer-tls', notAfterMs: 90_000 } as const;
    metrics.showCertificates('a', 'demo', [ends]);
    const series = 'quorate_certificate_expiry_seconds{cluster="demo",namespace="a",certificate="peer"}';
    assert.deepEqual(await seriesOf(metrics, 'quorate_certificate_expiry_seconds'), [`${series} 90`]);
    nowMs = 100_000;
    assert.deepEqual(await seriesOf(metrics, 'quorate_certificate_expiry_seconds'), [`${series} -10`]);
    metrics.forgetCluster('a', 'demo');
    assert.deepEqual(await seriesOf(metrics, 'quorate_certificate_expiry_seconds'), []);
  });

  it('count passes by how they ended, and say how many wait', async () => {
    const metrics = createOperatorMetrics(() => 7);
    for (const result of ['again', 'again', 'failed', 'thrown'] as const) {
      metrics.noteQueue({ kind: 'finished', key: 'a/demo', result, durationMs: 30 });
    }
    metrics.noteQueue({ kind: 'started', key: 'a/demo', waitedMs: 1 });
    assert.deepEqual(await seriesOf(metrics, 'quorate_operator_reconciles_total'), [
      'quorate_operator_reconciles_total{result="again"} 2',
      'quorate_operator_reconciles_total{result="failed"} 1',
      'quorate_operator_reconciles_total{result="thrown"} 1',
    ]);
    assert.deepEqual(await seriesOf(metrics, 'quorate_operator_queue_depth'), [
      'quorate_operator_queue_depth 7',
    ]);
    assert.deepEqual(await seriesOf(metrics, 'quorate_operator_reconcile_duration_seconds_count'), [
      'quorate_operator_reconcile_duration_seconds_count 4',
    ]);
  });

  it('are two processes’ own where there are two operators', async () => {
    const [one, other] = [createOperatorMetrics(() => 0), createOperatorMetrics(() => 0)];
    one.showCluster({ namespace: 'a', cluster: 'demo', members: 3, isHealthy: true });
    assert.deepEqual(await seriesOf(other, 'etcd_cluster_size'), []);
  });
});
