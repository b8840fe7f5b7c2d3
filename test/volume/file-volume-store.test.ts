import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Volume } from '../../src/model/volume.ts';
import { createFileVolumeStore, dataDirectoryOf } from '../../src/volume/file-volume-store.ts';
import { VolumeUnwritableError } from '../../src/volume/volume-store.ts';
import { aManualClock } from '../support/a-clock.ts';
import { aMarker } from '../support/a-member-view.ts';
import { encodeSegmentHead } from '../support/wal-segment.ts';

const { volumeId: _unused, ...FIELDS } = aMarker();
/** Nobody, on every Linux. */
const UNPRIVILEGED_UID = 65_534;

function aRoot(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'quorate-volume-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

const SEGMENT = '0000000000000000-0000000000000000.wal';

/** etcd ran with this data directory. */
function putWal(directory: string): void {
  mkdirSync(join(directory, 'member', 'wal'), { recursive: true });
  writeFileSync(
    join(directory, 'member', 'wal', SEGMENT),
    encodeSegmentHead({ clusterId: 0xc1n, memberId: 0xa1n }),
  );
}

/** Reads the volume in a process of its own and tries to write to it; prints what came of both. */
const PROBE = `
  const source = (path) => import(new URL(path, ${JSON.stringify(new URL('../../src/', import.meta.url).href)}));
  const { createFileVolumeStore } = await source('volume/file-volume-store.ts');
  const { systemClock } = await source('runtime/clock.ts');
  const store = createFileVolumeStore(process.argv[1], systemClock);
  const volume = await store.read(new AbortController().signal);
  const refusal = await store.setDataAside('RemovedData', 'It was removed.').catch((error) => error.message);
  process.stdout.write(JSON.stringify({ volume, refusal }));
`;

type Probed = { readonly volume: { readonly kind: string; readonly why: string }; readonly refusal: string };

/** Permissions bind only those who are not root, so root lets nobody look. */
function probe(root: string): Probed | undefined {
  const user = process.geteuid?.() === 0 ? { uid: UNPRIVILEGED_UID, gid: UNPRIVILEGED_UID } : {};
  const args = ['--input-type=module', '--eval', PROBE, root];
  const { stdout } = spawnSync(process.execPath, args, { ...user, encoding: 'utf8', cwd: root });
  return stdout === '' || stdout === null ? undefined : JSON.parse(stdout);
}

describe('a volume in a folder', () => {
  it('keeps a garbled marker in quarantine, as it was', async (t) => {
    const root = aRoot(t);
    const clock = aManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    const store = createFileVolumeStore(root, clock);
    writeFileSync(join(root, 'quorate.json'), '\0\0\0');
    await store.writeMarker(FIELDS);
    assert.deepEqual(readdirSync(join(root, 'quarantine')), ['2026-01-02T030405-678Z-quorate.json']);
    const kept = readFileSync(join(root, 'quarantine', '2026-01-02T030405-678Z-quorate.json'), 'utf8');
    assert.equal(kept, '\0\0\0');
  });

  it('calls a marker invalid that is far too large, without reading it', async (t) => {
    const root = aRoot(t);
    writeFileSync(join(root, 'quorate.json'), '');
    truncateSync(join(root, 'quorate.json'), 8 * 1024 ** 3);
    const volume = await createFileVolumeStore(root, aManualClock()).read(t.signal);
    assert.ok(volume.kind === 'readable' && volume.marker.kind === 'invalid');
    assert.match(volume.marker.why, /8589934592 bytes/);
  });

  it('sets data aside whole, with a note that says why and when', async (t) => {
    const root = aRoot(t);
    const store = createFileVolumeStore(root, aManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678)));
    mkdirSync(join(dataDirectoryOf(root), 'member', 'wal'), { recursive: true });
    writeFileSync(join(dataDirectoryOf(root), 'member', 'wal', '0.tmp'), 'kept');
    const place = await store.setDataAside('ForeignData', 'It is somebody else’s.');
    assert.equal(place, join(root, 'quarantine', '2026-01-02T030405-678Z-ForeignData'));
    assert.equal(readFileSync(join(place, 'data', 'member', 'wal', '0.tmp'), 'utf8'), 'kept');
    assert.deepEqual(JSON.parse(readFileSync(join(place, 'note.json'), 'utf8')), {
      reason: 'ForeignData',
      message: 'It is somebody else’s.',
      setAsideAt: '2026-01-02T03:04:05.678Z',
    });
    assert.equal(existsSync(dataDirectoryOf(root)), false);
  });

  it('does not make a volume that vanished come back empty', async (t) => {
    const root = join(aRoot(t), 'vanished');
    const store = createFileVolumeStore(root, aManualClock());
    await assert.rejects(store.setDataAside('RemovedData', 'It was removed.'), VolumeUnwritableError);
    await assert.rejects(store.writeMarker(FIELDS), VolumeUnwritableError);
    assert.equal(existsSync(root), false);
    assert.equal((await store.read(t.signal)).kind, 'unreadable');
  });

  it('is unreadable where it may not be written: etcd could not start on it either', async (t) => {
    const root = aRoot(t);
    chmodSync(root, 0o555);
    const probed = probe(root);
    chmodSync(root, 0o755);
    if (probed === undefined) {
      t.skip('this checkout cannot be read by an unprivileged user, and permissions do not bind root');
      return;
    }
    assert.equal(probed.volume.kind, 'unreadable');
    assert.match(probed.volume.why, /EACCES/);
    assert.match(probed.refusal, /refused a write \(EACCES.*check its mount and permissions/);
    assert.deepEqual(readdirSync(root), []);
  });

  it('is unreadable where a directory stands in the marker’s place or a file in the data’s', async (t) => {
    const roots = [aRoot(t), aRoot(t)] as const;
    mkdirSync(join(roots[0], 'quorate.json'));
    writeFileSync(dataDirectoryOf(roots[1]), 'a file');
    for (const root of roots) {
      const volume = await createFileVolumeStore(root, aManualClock()).read(t.signal);
      assert.equal(volume.kind, 'unreadable');
    }
  });

  it('is unreadable, and nothing else, when the look at it was given up', async (t) => {
    const volume = await createFileVolumeStore(aRoot(t), aManualClock()).read(AbortSignal.abort());
    assert.equal(volume.kind, 'unreadable');
  });

  it('takes in the root’s member directory and leaves everything else there as it is', async (t) => {
    const root = aRoot(t);
    const store = createFileVolumeStore(root, aManualClock());
    putWal(root);
    mkdirSync(join(root, 'lost+found'));
    writeFileSync(join(root, 'notes.txt'), 'mine');
    await store.takeInData('.');
    assert.deepEqual(readdirSync(root).toSorted(), ['data', 'lost+found', 'notes.txt']);
    assert.deepEqual(readdirSync(dataDirectoryOf(root)), ['member']);
    assert.equal(statSync(dataDirectoryOf(root)).mode & 0o777, 0o700);
  });

  it('takes in a directory whole, and makes no other', async (t) => {
    const root = aRoot(t);
    const store = createFileVolumeStore(root, aManualClock());
    putWal(join(root, 'default.etcd'));
    writeFileSync(join(root, 'default.etcd', 'notes.txt'), 'mine');
    await store.takeInData('default.etcd');
    assert.deepEqual(readdirSync(root), ['data']);
    assert.deepEqual(readdirSync(dataDirectoryOf(root)).toSorted(), ['member', 'notes.txt']);
  });

  it('finds again, and takes in, what a crash left half taken in', async (t) => {
    const root = aRoot(t);
    const store = createFileVolumeStore(root, aManualClock());
    putWal(root);
    // The step before the rename was made, and nothing after it.
    mkdirSync(dataDirectoryOf(root));
    assert.equal(placeOf(await store.read(t.signal)), '.');
    await store.takeInData('.');
    const volume = await store.read(t.signal);
    assert.equal(volume.kind === 'readable' && volume.wal.kind, 'present');
    assert.equal(placeOf(volume), undefined);
  });

  it('takes nothing in over data that is there', async (t) => {
    const root = aRoot(t);
    const store = createFileVolumeStore(root, aManualClock());
    putWal(root);
    putWal(dataDirectoryOf(root));
    await assert.rejects(store.takeInData('.'), VolumeUnwritableError);
    putWal(join(root, 'default.etcd'));
    await assert.rejects(store.takeInData('default.etcd'), VolumeUnwritableError);
    assert.ok(existsSync(join(root, 'default.etcd', 'member', 'wal', SEGMENT)));
  });

  it('keeps beside the note only what was etcd’s when the root’s data is set aside', async (t) => {
    const root = aRoot(t);
    const store = createFileVolumeStore(root, aManualClock());
    putWal(root);
    writeFileSync(join(root, 'notes.txt'), 'mine');
    const place = await store.setDataAside('ForeignData', 'It is somebody else’s.', '.');
    assert.deepEqual(readdirSync(place).toSorted(), ['data', 'note.json']);
    assert.ok(existsSync(join(place, 'data', 'member', 'wal', SEGMENT)));
    assert.deepEqual(readdirSync(root).toSorted(), ['notes.txt', 'quarantine']);
  });
});

function placeOf(volume: Volume): string | undefined {
  return volume.kind === 'readable' && volume.wal.kind !== 'none' ? volume.wal.place : undefined;
}
