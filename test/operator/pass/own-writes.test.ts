import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EtcdClusterStatus } from '../../../src/api/cluster-status.ts';
import type { EtcdCluster } from '../../../src/api/etcd-cluster.ts';
import { OwnWrites } from '../../../src/operator/pass/own-writes.ts';

const KEY = 'ns/demo';
const WRITTEN_AT_MS = Date.parse('2026-01-02T03:04:05Z');

function aCluster(resourceVersion: string, status?: EtcdClusterStatus, uid = 'uid-1'): EtcdCluster {
  return {
    apiVersion: 'etcd.etcd.io/v1alpha1',
    kind: 'EtcdCluster',
    metadata: { name: 'demo', namespace: 'ns', uid, resourceVersion },
    spec: {},
    ...(status === undefined ? {} : { status }),
  };
}

function written(own: OwnWrites, resourceVersion: string, status: EtcdClusterStatus, uid = 'uid-1'): void {
  own.noteStatus(KEY, { metadata: { name: 'demo', uid, resourceVersion } }, status, WRITTEN_AT_MS);
}

describe('a status that was written', () => {
  it('stands in for that of an older view, and of no newer one', () => {
    const own = new OwnWrites();
    written(own, '20', { phase: 'Running' });
    assert.equal(own.latest(KEY, aCluster('9', { phase: 'Creating' })).status?.phase, 'Running');
    assert.equal(own.latest(KEY, aCluster('20', { phase: 'Running' })).status?.phase, 'Running');
  });

  it('leaves spec and metadata as the view has them', () => {
    const own = new OwnWrites();
    written(own, '20', { phase: 'Running' });
    const { metadata, spec } = own.latest(KEY, { ...aCluster('9'), spec: { size: 5 } });
    assert.deepEqual([metadata.resourceVersion, spec.size], ['9', 5]);
  });

  it('says nothing of a cluster of the same name that is another one', () => {
    const own = new OwnWrites();
    written(own, '20', { phase: 'Running' });
    assert.equal(own.latest(KEY, aCluster('9', undefined, 'uid-2')).status, undefined);
  });

  it('does not count where versions are no numbers, which nobody can compare', () => {
    const own = new OwnWrites();
    written(own, 'b', { phase: 'Running' });
    assert.equal(own.latest(KEY, aCluster('a', { phase: 'Creating' })).status?.phase, 'Creating');
  });

  it('compares versions as numbers, however long', () => {
    const own = new OwnWrites();
    written(own, '10000000000000000001', { phase: 'Running' });
    assert.equal(own.latest(KEY, aCluster('10000000000000000000', {})).status?.phase, 'Running');
    assert.equal(own.latest(KEY, aCluster('10000000000000000002', {})).status?.phase, undefined);
  });

  it('is forgotten with its cluster', () => {
    const own = new OwnWrites();
    written(own, '20', { phase: 'Running' });
    assert.equal(own.statusWrittenMs(KEY), WRITTEN_AT_MS);
    own.forget(KEY);
    assert.equal(own.latest(KEY, aCluster('9')).status, undefined);
    assert.equal(own.statusWrittenMs(KEY), undefined);
  });
});

describe('a Pod whose removal was accepted', () => {
  const pod = (uid: string, deleting = false) => ({ uid, deleting });

  it('counts as being deleted until its view says so, and no other Pod does', () => {
    const own = new OwnWrites();
    own.noteRemoval(KEY, 'b');
    assert.deepEqual(own.withRemovals(KEY, [pod('a'), pod('b')]), [pod('a'), pod('b', true)]);
    assert.deepEqual(own.withRemovals(KEY, [pod('a'), pod('b', true)]), [pod('a'), pod('b', true)]);
    assert.deepEqual(own.withRemovals('ns/other', [pod('b')]), [pod('b')]);
  });

  it('is forgotten once it is gone: the next of its name has another UID', () => {
    const own = new OwnWrites();
    own.noteRemoval(KEY, 'b');
    assert.deepEqual(own.withRemovals(KEY, [pod('a'), pod('c')]), [pod('a'), pod('c')]);
    assert.deepEqual(own.withRemovals(KEY, [pod('b')]), [pod('b')], 'nothing is remembered of it');
  });

  it('is forgotten with its cluster', () => {
    const own = new OwnWrites();
    own.noteRemoval(KEY, 'b');
    own.forget(KEY);
    assert.deepEqual(own.withRemovals(KEY, [pod('b')]), [pod('b')]);
  });
});
