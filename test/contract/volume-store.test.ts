import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EtcdId } from '../../src/model/member.ts';
import { createFileVolumeStore } from '../../src/volume/file-volume-store.ts';
import { aManualClock } from '../support/a-clock.ts';
import { aFakeVolume } from '../support/fake-volume-store.ts';
import { encodeSegment } from '../support/wal-segment.ts';
import { type VolumeUnderContract, volumeStoreContract } from './volume-store-contract.ts';

volumeStoreContract('a folder', async (t: TestContext): Promise<VolumeUnderContract> => {
  const root = mkdtempSync(join(tmpdir(), 'quorate-volume-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  t.after(() => rmSync(`${root}-away`, { recursive: true, force: true }));
  const clock = aManualClock();
  return {
    clock,
    store: createFileVolumeStore(root, clock),
    putData: (clusterId, memberId, place = 'data') => {
      const directory = join(root, place, 'member', 'wal');
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, '0000000000000000-0000000000000000.wal'), walOf(clusterId, memberId));
    },
    putMarkerText: (text) => writeFileSync(join(root, 'quorate.json'), text),
    // Whoever writes to this device is told that no space is left, on every Linux and without privileges.
    fill: () => symlinkSync('/dev/full', join(root, 'quorate.json.tmp')),
    takeAway: () => renameSync(root, `${root}-away`),
  };
});

function walOf(clusterId: EtcdId, memberId: EtcdId): Uint8Array {
  const whose = { clusterId: BigInt(`0x${clusterId}`), memberId: BigInt(`0x${memberId}`) };
  return encodeSegment([{ snapshot: 0n, term: 0n }], 0, whose).bytes;
}

volumeStoreContract('the fake volume', async () => ({ ...aFakeVolume(), clock: aManualClock() }));
