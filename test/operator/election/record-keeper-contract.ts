import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { RecordKeeper } from '../../../src/kube/object-api.ts';
import { LEASE } from '../../../src/operator/election/lease-record.ts';

/** A keeper of Leases, and a namespace in which nobody else keeps any. */
export type KeeperUnderTest = { readonly records: RecordKeeper; readonly namespace: string };

/** What a leader election relies on, asked of the real API server and of the fake that stands in for it. */
export function itKeepsRecords(open: (t: TestContext) => Promise<KeeperUnderTest>): void {
  const lease = (namespace: string, holder: string, metadata: object = {}) => ({
    metadata: { name: 'a', namespace, ...metadata },
    spec: { holderIdentity: holder, leaseDurationSeconds: 15, renewTime: '2025-01-01T00:00:00.000000Z' },
  });

  it('says that a record is not there', async (t) => {
    const { records, namespace } = await open(t);
    const read = await records.read(LEASE, { namespace, name: 'a' }, t.signal);
    assert.equal(read.kind, 'not-found');
  });

  it('makes nothing anew of a version that is gone', async (t) => {
    const { records, namespace } = await open(t);
    const gone = { uid: 'c5f2a3f6-0000-4000-8000-000000000000', resourceVersion: '1' };
    const updated = await records.update(LEASE, lease(namespace, 'x', gone), t.signal);
    assert.ok(updated.kind === 'not-found' || updated.kind === 'conflict', JSON.stringify(updated));
    const read = await records.read(LEASE, { namespace, name: 'a' }, t.signal);
    assert.equal(read.kind, 'not-found');
  });

  it('makes anew what is gone where no version is meant', async (t) => {
    const { records, namespace } = await open(t);
    const updated = await records.update(LEASE, lease(namespace, 'x'), t.signal);
    assert.equal(updated.kind, 'done');
  });

  it('creates a record once', async (t) => {
    const { records, namespace } = await open(t);
    const created = await records.create(LEASE, lease(namespace, 'x'), t.signal);
    assert.ok(created.kind === 'done');
    assert.partialDeepStrictEqual(created.value['spec'], { holderIdentity: 'x' });
    const again = await records.create(LEASE, lease(namespace, 'y'), t.signal);
    assert.equal(again.kind === 'conflict' && again.reason, 'AlreadyExists');
    const read = await records.read(LEASE, { namespace, name: 'a' }, t.signal);
    assert.deepEqual(read.kind === 'done' && read.value['spec'], created.value['spec']);
  });

  it('replaces a record only if it is still the one that was read', async (t) => {
    const { records, namespace } = await open(t);
    const created = await records.create(LEASE, lease(namespace, 'x'), t.signal);
    assert.ok(created.kind === 'done');
    const { metadata } = created.value;
    const first = await records.update(LEASE, lease(namespace, 'y', metadata), t.signal);
    assert.ok(first.kind === 'done');
    assert.notEqual(first.value.metadata.resourceVersion, metadata.resourceVersion);
    assert.equal(first.value.metadata.uid, metadata.uid);
    const second = await records.update(LEASE, lease(namespace, 'z', metadata), t.signal);
    assert.equal(second.kind === 'conflict' && second.reason, 'Conflict');
  });
}
