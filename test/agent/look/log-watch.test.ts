import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LogWatch } from '../../../src/agent/look/log-watch.ts';
import type { LogTail } from '../../../src/model/log-tail.ts';
import type { MemberView } from '../../../src/model/member-view.ts';
import { peerUrlOf } from '../../../src/model/naming.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { aMemberView, CLUSTER, dataVolume, memberId, NAMES, running } from '../../support/a-member-view.ts';
import { aFakeVolume } from '../../support/fake-volume-store.ts';

const OLD: LogTail = { kind: 'read', entries: 9n, lastIndex: 9n, lastV2Index: 4n };
const CLEAN: LogTail = { kind: 'read', entries: 1n, lastIndex: 11n, lastV2Index: null };
const NOTHING = { log: { kind: 'unread' }, clusterMinor: null };
const A_MINUTE_MS = 60_000;

/** A watch over a volume with data, beside an etcd whose cluster version can be set. */
function aWatch() {
  const clock = aManualClock();
  const volume = aFakeVolume();
  volume.putData(CLUSTER, memberId(1));
  volume.putLog(OLD);
  const cluster: { minor: number | undefined; asked: string[] } = { minor: 6, asked: [] };
  const watch = new LogWatch({
    clock,
    volume: volume.store,
    peers: {
      contact: async () => ({ kind: 'silent' }),
      localMembers: async () => ({ kind: 'unknown', why: 'nobody asks' }),
      clusterVersion: async (peerUrl) => {
        cluster.asked.push(peerUrl);
        return cluster.minor === undefined ? undefined : { major: 3, minor: cluster.minor, patch: 0 };
      },
    },
  });
  return { clock, volume, cluster, watch };
}

function atGate(sinceMs = 1, fields: Partial<MemberView> = {}): MemberView {
  return aMemberView({
    volume: dataVolume(),
    etcd: { kind: 'at-gate', sinceMs, failedStarts: 0 },
    ...fields,
  });
}

function serving(sinceMs = 1, fields: Partial<MemberView> = {}): MemberView {
  const etcd = running();
  return aMemberView({
    volume: dataVolume(),
    etcd: etcd.kind === 'running' ? { ...etcd, sinceMs } : etcd,
    ...fields,
  });
}

describe('the watch over the log', () => {
  it('reads it once for as long as etcd waits at the gate, and again for the next etcd', async (t) => {
    const { watch, volume, cluster } = aWatch();
    for (const sinceMs of [1, 1, 1, 2]) {
      assert.deepEqual(await watch.look(atGate(sinceMs), false, t.signal), { log: OLD, clusterMinor: null });
    }
    assert.deepEqual(volume.story, ['read log for 3.6', 'read log for 3.6']);
    assert.deepEqual(cluster.asked, []);
  });

  it('reads it anew at the gate before anything is confirmed', async (t) => {
    const { watch, volume } = aWatch();
    await watch.look(atGate(), false, t.signal);
    volume.putLog(CLEAN);
    assert.deepEqual((await watch.look(atGate(), true, t.signal)).log, CLEAN);
    assert.deepEqual((await watch.look(atGate(), false, t.signal)).log, CLEAN);
    assert.equal(volume.story.length, 2);
  });

  it('reads nothing and asks nobody where it is noted', async (t) => {
    const { watch, volume, cluster } = aWatch();
    const noted = { volume: dataVolume({ logCleanFor: 6 }) };
    assert.deepEqual(await watch.look(atGate(1, noted), false, t.signal), NOTHING);
    assert.deepEqual(await watch.look(serving(1, noted), false, t.signal), NOTHING);
    assert.deepEqual([volume.story, cluster.asked], [[], []]);
  });

  it('reads it anew while etcd runs, which may have got more since it was started', async (t) => {
    const { watch, volume, cluster } = aWatch();
    await watch.look(atGate(1), false, t.signal);
    volume.putLog(CLEAN);
    assert.deepEqual(await watch.look(serving(7), false, t.signal), { log: CLEAN, clusterMinor: 6 });
    assert.deepEqual(cluster.asked, [peerUrlOf(NAMES, 1)], 'it asks the etcd beside it and nobody else');
  });

  it('does not read it while etcd runs before the cluster is new enough, and asks until it is', async (t) => {
    const { watch, volume, cluster } = aWatch();
    cluster.minor = undefined;
    assert.deepEqual(await watch.look(serving(), false, t.signal), NOTHING);
    cluster.minor = 5;
    assert.deepEqual(await watch.look(serving(), false, t.signal), { ...NOTHING, clusterMinor: 5 });
    assert.deepEqual(volume.story, []);
    cluster.minor = 6;
    assert.deepEqual(await watch.look(serving(), false, t.signal), { log: OLD, clusterMinor: 6 });
    assert.equal(cluster.asked.length, 3);
  });

  it('reads one that was not clean again after a minute', async (t) => {
    const { watch, volume, clock } = aWatch();
    await watch.look(serving(), false, t.signal);
    volume.putLog(CLEAN);
    clock.advance(A_MINUTE_MS - 1);
    assert.deepEqual((await watch.look(serving(), false, t.signal)).log, OLD);
    clock.advance(1);
    assert.deepEqual((await watch.look(serving(), false, t.signal)).log, CLEAN);
    assert.equal(volume.story.length, 2);
  });
});
