import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { EtcdId } from '../../src/model/member.ts';
import { type VolumeStore, VolumeUnwritableError } from '../../src/volume/volume-store.ts';
import type { ManualClock } from '../support/a-clock.ts';
import { aMarker, CLUSTER, memberId } from '../support/a-member-view.ts';

/** A new, empty volume, and what may happen to it. */
export type VolumeUnderContract = {
  readonly store: VolumeStore;
  readonly clock: ManualClock;
  /** etcd ran: there is data of this member, in `data/` or where a plain etcd had it. */
  readonly putData: (clusterId: EtcdId, memberId: EtcdId, place?: string) => void;
  /** Somebody wrote this in the marker's place. */
  readonly putMarkerText: (text: string) => void;
  /** From now on the volume has no space left for a marker. */
  readonly fill: () => void;
  /** From now on the volume cannot be read. */
  readonly takeAway: () => void;
};

const { volumeId: _unused, ...FIELDS } = aMarker();

/** What every volume store does. */
export function volumeStoreContract(
  label: string,
  start: (t: TestContext) => Promise<VolumeUnderContract>,
): void {
  describe(`${label} keeps the contract of VolumeStore: it`, () => {
    it('finds a new volume readable and empty', async (t) => {
      const { store } = await start(t);
      assert.partialDeepStrictEqual(await store.read(t.signal), {
        kind: 'readable',
        marker: { kind: 'none' },
        wal: { kind: 'none' },
        prunable: 0,
      });
    });

    it('names a volume once, and keeps the name through every later marker', async (t) => {
      const { store } = await start(t);
      const first = await store.writeMarker(FIELDS);
      assert.notEqual(first.volumeId, '');
      const second = await store.writeMarker({ ...FIELDS, released: true, generation: 2 });
      assert.deepEqual(second, { ...FIELDS, volumeId: first.volumeId, released: true, generation: 2 });
      const volume = await store.read(t.signal);
      assert.ok(volume.kind === 'readable');
      assert.deepEqual(volume.marker, { kind: 'present', marker: second });
    });

    it('gives every volume another name', async (t) => {
      const [one, other] = await Promise.all([start(t), start(t)]);
      const names = [await one.store.writeMarker(FIELDS), await other.store.writeMarker(FIELDS)];
      assert.notEqual(names[0]?.volumeId, names[1]?.volumeId);
    });

    it('finds whose data there is', async (t) => {
      const { store, putData } = await start(t);
      putData(CLUSTER, memberId(1));
      const volume = await store.read(t.signal);
      assert.ok(volume.kind === 'readable');
      assert.deepEqual(volume.wal, { kind: 'present', clusterId: CLUSTER, memberId: memberId(1) });
    });

    it('does not know what there is to replay where there is no log', async (t) => {
      const { store, putData } = await start(t);
      assert.equal((await store.readLog(6, t.signal)).kind, 'unknown');
      putData(CLUSTER, memberId(1), 'default.etcd');
      assert.equal((await store.readLog(6, t.signal)).kind, 'unknown', 'only data/ is ever started');
      putData(CLUSTER, memberId(1));
      assert.deepEqual(await store.readLog(6, t.signal), {
        kind: 'read',
        entries: 0n,
        lastIndex: 0n,
        lastV2Index: null,
      });
    });

    it('sets data aside and keeps the marker, so that the volume is empty but not new', async (t) => {
      const { store, putData } = await start(t);
      const marker = await store.writeMarker(FIELDS);
      putData(CLUSTER, memberId(1));
      assert.notEqual(await store.setDataAside('RemovedData', 'It was removed.'), '');
      assert.partialDeepStrictEqual(await store.read(t.signal), {
        kind: 'readable',
        marker: { kind: 'present', marker },
        wal: { kind: 'none' },
        prunable: 1,
      });
    });

    it('prunes only the oldest copies of this cluster’s own data', async (t) => {
      const { store, clock, putData } = await start(t);
      for (const reason of [
        'ForeignData',
        'DataUnreadable',
        'RemovedData',
        'RemovedData',
        'DataTooOld',
      ] as const) {
        clock.advance(1_000);
        putData(CLUSTER, memberId(1));
        await store.setDataAside(reason, 'It had to go.');
      }
      const before = await store.read(t.signal);
      assert.equal(before.kind === 'readable' && before.prunable, 3);
      assert.equal(await store.pruneQuarantine(2), 1);
      assert.equal(await store.pruneQuarantine(2), 0);
      const after = await store.read(t.signal);
      assert.equal(after.kind === 'readable' && after.prunable, 2);
      assert.equal(await store.pruneQuarantine(0), 2);
    });

    for (const place of ['.', 'default.etcd', 'demo']) {
      it(`finds what a plain etcd left at ${place}, and takes it in as it is`, async (t) => {
        const { store, putData } = await start(t);
        putData(CLUSTER, memberId(1), place);
        const whose = { kind: 'present', clusterId: CLUSTER, memberId: memberId(1) } as const;
        const before = await store.read(t.signal);
        assert.deepEqual(before.kind === 'readable' && before.wal, { ...whose, place });
        await store.takeInData(place);
        const after = await store.read(t.signal);
        assert.deepEqual(after.kind === 'readable' && after.wal, whose);
      });

      it(`sets aside what a plain etcd left at ${place}`, async (t) => {
        const { store, putData } = await start(t);
        putData(CLUSTER, memberId(1), place);
        assert.notEqual(await store.setDataAside('ForeignData', 'It is somebody else’s.', place), '');
        assert.partialDeepStrictEqual(await store.read(t.signal), {
          kind: 'readable',
          marker: { kind: 'none' },
          wal: { kind: 'none' },
          prunable: 0,
        });
      });
    }

    it('looks at data/ first, and nowhere else where there is data or an agent has been', async (t) => {
      const { store, putData } = await start(t);
      putData(CLUSTER, memberId(1), 'default.etcd');
      putData(CLUSTER, memberId(2));
      const whose = { kind: 'present', clusterId: CLUSTER, memberId: memberId(2) } as const;
      const found = await store.read(t.signal);
      assert.deepEqual(found.kind === 'readable' && found.wal, whose);
      await store.writeMarker(FIELDS);
      await store.setDataAside('RemovedData', 'It was removed.');
      const left = await store.read(t.signal);
      assert.deepEqual(left.kind === 'readable' && left.wal, { kind: 'none' });
    });

    it('is unreadable, and says where, while data lies in several places', async (t) => {
      const { store, putData } = await start(t);
      putData(CLUSTER, memberId(1), 'old.etcd');
      putData(CLUSTER, memberId(1), 'default.etcd');
      const volume = await store.read(t.signal);
      assert.ok(volume.kind === 'unreadable' && volume.holdsData === true);
      assert.match(volume.why, /several places: default\.etcd, old\.etcd$/);
    });

    it('prunes nothing that a human has discarded', async (t) => {
      const { store, putData } = await start(t);
      await store.writeMarker(FIELDS);
      putData(CLUSTER, memberId(1));
      await store.setDataAside('DataDiscarded', 'A human has discarded it.');
      const volume = await store.read(t.signal);
      assert.equal(volume.kind === 'readable' && volume.prunable, 0);
      assert.equal(await store.pruneQuarantine(0), 0);
    });

    it('calls a marker invalid that does not parse, and replaces it under a new name', async (t) => {
      const { store, putMarkerText } = await start(t);
      const lost = await store.writeMarker(FIELDS);
      putMarkerText('{"volumeId":');
      const found = await store.read(t.signal);
      assert.ok(found.kind === 'readable' && found.marker.kind === 'invalid');
      assert.equal(found.marker.why, 'it is not JSON');
      const next = await store.writeMarker(FIELDS);
      assert.notEqual(next.volumeId, lost.volumeId);
      const volume = await store.read(t.signal);
      assert.deepEqual(volume.kind === 'readable' && volume.marker, { kind: 'present', marker: next });
    });

    it('refuses a marker when the volume is full, and keeps the one it has', async (t) => {
      const { store, fill } = await start(t);
      const marker = await store.writeMarker(FIELDS);
      fill();
      await assert.rejects(store.writeMarker({ ...FIELDS, released: true }), (error) => {
        assert.ok(error instanceof VolumeUnwritableError);
        assert.equal(error.code, 'VOLUME_UNWRITABLE');
        assert.match(error.message, /ENOSPC.*free or enlarge it/);
        return true;
      });
      const volume = await store.read(t.signal);
      assert.deepEqual(volume.kind === 'readable' && volume.marker, { kind: 'present', marker });
    });

    it('never takes a volume it cannot read for an empty one', async (t) => {
      const { store, takeAway } = await start(t);
      takeAway();
      const volume = await store.read(t.signal);
      assert.ok(volume.kind === 'unreadable' && volume.why !== '');
      await assert.rejects(store.writeMarker(FIELDS), VolumeUnwritableError);
      await assert.rejects(store.setDataAside('RemovedData', 'It was removed.'), VolumeUnwritableError);
      await assert.rejects(store.takeInData('default.etcd'), VolumeUnwritableError);
    });
  });
}
