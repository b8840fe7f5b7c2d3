import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suspectsOf } from '../../../src/operator/plan/suspects.ts';
import { type AnObservedCluster, anObservedCluster, NOW_MS } from '../../support/an-observed-cluster.ts';

function named(cluster: AnObservedCluster): readonly string[] {
  return suspectsOf(cluster.observed).map(({ name }) => name);
}

describe('objects whose Events are worth a look', () => {
  it('are none in a cluster that runs', () => {
    assert.deepEqual(named(anObservedCluster(3)), []);
  });

  it('are Pods in which etcd does not run after a while', () => {
    const hanging = anObservedCluster(3).pod(1, { etcdRuns: false, ready: false });
    assert.deepEqual(named(hanging), ['demo-1']);
    assert.deepEqual(named(hanging.pod(1, { createdAtMs: NOW_MS - 1_000 })), [], 'it was just made');
    assert.deepEqual(named(hanging.pod(1, { deleting: true })), [], 'it is stopping');
  });

  it('are Pods of which an Event warned, for as long as they do not get on: else each look would take back the last', () => {
    const trouble = { reason: 'FailedMount', message: 'not yet', warned: true } as const;
    const warned = anObservedCluster(3).pod(1, { etcdRuns: false, ready: false, trouble });
    assert.deepEqual(named(warned), ['demo-1']);
    assert.deepEqual(named(warned.pod(1, { etcdRuns: true })), []);
  });

  it('are no Pods of which Kubernetes says by itself what is wrong', () => {
    assert.deepEqual(named(anObservedCluster(3).stuck(1, 'ErrImagePull')), []);
  });

  it('is the set that lacks Pods', () => {
    assert.deepEqual(named(anObservedCluster(3).withoutPod(2)), ['StatefulSet demo']);
    assert.deepEqual(named(anObservedCluster(3).withoutPod(2).set({ deleting: true })), []);
  });
});

describe('what Kubernetes warned of', () => {
  const quota = { reason: 'FailedCreate', message: 'exceeded quota: few' };

  it('is why no Pod is made', () => {
    const cluster = anObservedCluster(3).wanting({ size: 5 }).set({ replicas: 5, trouble: quota });
    assert.equal(cluster.condition('Progressing'), 'False FailedCreate');
    assert.match(cluster.status.message ?? '', /exceeded quota: few/);
  });

  it('is old news once all Pods are there', () => {
    assert.equal(anObservedCluster(3).set({ trouble: quota }).condition('Progressing'), 'False Settled');
  });
});
