import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClusterApi } from '../../src/kube/cluster-api.ts';
import type { FormationRecord } from '../../src/model/formation-record.ts';
import type { Known } from '../../src/model/known.ts';
import { formed, forming, UID, unformed } from '../support/a-member-view.ts';

/** Kubernetes as the agent of `demo` in `default` sees it: size 3, an Unformed record, no Pods. */
export type ClusterUnderContract = {
  readonly api: ClusterApi;
  readonly scale: (replicas: number) => void;
  readonly deleteSet: () => void;
  readonly removeRecord: () => void;
  /** Somebody else writes this in the record's place. */
  readonly writeRecord: (text: string) => void;
  readonly recordText: () => string | undefined;
  /** Creates the Pod, which then runs under `address`; an empty one is still pending. */
  readonly putPod: (name: string, uid: string, address: string) => void;
  readonly deletePod: (uid: string) => void;
  /** From now on the API fails in this way. */
  readonly fail: (how: 'unreachable' | 'unavailable' | 'lose-acks' | 'not-at-all') => void;
};

/** What every ClusterApi does. */
export function clusterApiContract(
  label: string,
  start: (t: TestContext) => Promise<ClusterUnderContract>,
): void {
  describe(`${label} keeps the contract of ClusterApi: it`, () => {
    it('reads what the StatefulSet wants, as it is now', async (t) => {
      const { api, scale, deleteSet } = await start(t);
      assert.deepEqual(answerOf(await api.readWantedSet(t.signal)), {
        uid: UID,
        replicas: 3,
        deleting: false,
      });
      scale(0);
      assert.deepEqual(answerOf(await api.readWantedSet(t.signal)), {
        uid: UID,
        replicas: 0,
        deleting: false,
      });
      deleteSet();
      assert.deepEqual(answerOf(await api.readWantedSet(t.signal)), {
        uid: UID,
        replicas: 0,
        deleting: true,
      });
    });

    it('reads the record together with the version a swap needs', async (t) => {
      const { api } = await start(t);
      const found = answerOf(await api.readRecord(t.signal));
      assert.ok(found !== 'absent');
      assert.deepEqual(found.record, unformed());
      assert.notEqual(found.resourceVersion, '');
    });

    it('tells an absent record from an unreadable one', async (t) => {
      const { api, removeRecord, writeRecord } = await start(t);
      writeRecord('{"phase":"Unformed"');
      const garbled = await api.readRecord(t.signal);
      assert.ok(!garbled.known);
      assert.match(garbled.why, /does not parse/);
      removeRecord();
      assert.equal(answerOf(await api.readRecord(t.signal)), 'absent');
    });

    it('swaps the record that was read, once', async (t) => {
      const { api, recordText } = await start(t);
      const version = await versionOf(t, api);
      assert.equal(await api.swapRecord(forming(), version, t.signal), 'written');
      assert.equal(await api.swapRecord(formed(), version, t.signal), 'conflict');
      assert.deepEqual(await recordOf(t, api), forming());
      assert.deepEqual(JSON.parse(recordText() ?? ''), forming());
    });

    it('lets one of many swaps win, and tells the others', async (t) => {
      const { api } = await start(t);
      const version = await versionOf(t, api);
      const claims = [0, 1, 2, 3, 4].map((ordinal) => forming({ ordinal }));
      const outcomes = await Promise.all(claims.map((claim) => api.swapRecord(claim, version, t.signal)));
      assert.deepEqual(outcomes.toSorted(), ['conflict', 'conflict', 'conflict', 'conflict', 'written']);
      assert.deepEqual(await recordOf(t, api), claims[outcomes.indexOf('written')]);
    });

    it('does not know what became of a swap whose acknowledgement was lost', async (t) => {
      const { api, fail } = await start(t);
      const version = await versionOf(t, api);
      fail('lose-acks');
      assert.equal(await api.swapRecord(forming(), version, t.signal), 'unknown');
      fail('not-at-all');
      assert.deepEqual(await recordOf(t, api), forming(), 'this one was written');
    });

    it('does not know what became of a swap of a record that is gone', async (t) => {
      const { api, removeRecord } = await start(t);
      const version = await versionOf(t, api);
      removeRecord();
      assert.equal(await api.swapRecord(forming(), version, t.signal), 'unknown');
      assert.equal(answerOf(await api.readRecord(t.signal)), 'absent', 'it is not created anew');
    });

    it('reads Pods: none, pending, running, and being deleted', async (t) => {
      const { api, putPod, deletePod } = await start(t);
      const present = { kind: 'present', podUid: 'pod-1', deleting: false } as const;
      assert.deepEqual(answerOf(await api.readPod('demo-1', t.signal)), { kind: 'absent' });
      putPod('demo-1', 'pod-1', '');
      assert.deepEqual(answerOf(await api.readPod('demo-1', t.signal)), {
        ...present,
        address: '',
        running: false,
      });
      putPod('demo-1', 'pod-1', '127.80.0.11');
      const runs = { ...present, address: '127.80.0.11', running: true };
      assert.deepEqual(answerOf(await api.readPod('demo-1', t.signal)), runs);
      deletePod('pod-1');
      assert.deepEqual(answerOf(await api.readPod('demo-1', t.signal)), { ...runs, deleting: true });
      assert.deepEqual(answerOf(await api.readPod('demo-2', t.signal)), { kind: 'absent' });
    });

    for (const how of ['unreachable', 'unavailable'] as const) {
      it(`knows nothing while the API is ${how}, and says why`, async (t) => {
        const { api, fail } = await start(t);
        const version = await versionOf(t, api);
        fail(how);
        const answers = await Promise.all([
          api.readWantedSet(t.signal),
          api.readRecord(t.signal),
          api.readPod('demo-0', t.signal),
        ]);
        for (const answer of answers) {
          assert.ok(!answer.known && answer.why.startsWith('the API server'));
        }
        assert.equal(await api.swapRecord(forming(), version, t.signal), 'unknown');
        fail('not-at-all');
        assert.deepEqual(await recordOf(t, api), unformed());
      });
    }

    it('knows nothing when the question was given up', async (t) => {
      const { api } = await start(t);
      const version = await versionOf(t, api);
      assert.equal((await api.readWantedSet(AbortSignal.abort())).known, false);
      assert.equal(await api.swapRecord(forming(), version, AbortSignal.abort()), 'unknown');
    });
  });
}

async function versionOf(t: TestContext, api: ClusterApi): Promise<string> {
  const found = answerOf(await api.readRecord(t.signal));
  assert.ok(found !== 'absent');
  return found.resourceVersion;
}

async function recordOf(t: TestContext, api: ClusterApi): Promise<FormationRecord> {
  const found = answerOf(await api.readRecord(t.signal));
  assert.ok(found !== 'absent');
  return found.record;
}

function answerOf<T>(answer: Known<T>): T {
  assert.ok(answer.known, answer.known ? '' : answer.why);
  return answer.value;
}
