import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { findPlainData } from '../../src/volume/plain-data.ts';
import { encodeSegmentHead } from '../support/wal-segment.ts';

const HEAD = encodeSegmentHead({ clusterId: 0xc1n, memberId: 0xa1n });
const LOG = 'member/wal/0000000000000000-0000000000000000.wal';
const WHOSE = { kind: 'present', clusterId: 'c1', memberId: 'a1' } as const;

/** A volume that holds these files, each by its path; a directory where the content is undefined. */
function aVolume(t: TestContext, files: Readonly<Record<string, string | Uint8Array | undefined>>): string {
  const root = mkdtempSync(join(tmpdir(), 'quorate-plain-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(content === undefined ? path : dirname(path), { recursive: true });
    if (content !== undefined) {
      writeFileSync(path, content);
    }
  }
  return root;
}

describe('the data of a plain etcd', () => {
  it('is found at the root, and one level below under whatever name', async (t) => {
    for (const place of ['.', 'default.etcd', 'etcd', '.hidden']) {
      const root = aVolume(t, { [`${place}/${LOG}`]: HEAD, 'lost+found': undefined, 'notes.txt': 'mine' });
      assert.deepEqual(await findPlainData(root, t.signal), { ...WHOSE, place });
    }
  });

  it('is not looked for where things are ours or the file system’s, nor deeper', async (t) => {
    const root = aVolume(t, {
      [`quarantine/${LOG}`]: HEAD,
      [`restore/${LOG}`]: HEAD,
      [`lost+found/${LOG}`]: HEAD,
      [`backups/monday/${LOG}`]: HEAD,
    });
    assert.deepEqual(await findPlainData(root, t.signal), { kind: 'none' });
  });

  it('is none where there is neither a log nor a database', async (t) => {
    const root = aVolume(t, {
      'a/member': 'a file',
      'b/member/wal': undefined,
      'c/member/snap': undefined,
      'member.txt': '',
    });
    assert.deepEqual(await findPlainData(root, t.signal), { kind: 'none' });
  });

  it('is named by all its places where it lies in several', async (t) => {
    const both = aVolume(t, { [LOG]: HEAD, [`old.etcd/${LOG}`]: HEAD });
    assert.deepEqual(await findPlainData(both, t.signal), { kind: 'several', places: ['.', 'old.etcd'] });
    const linked = aVolume(t, { [`old.etcd/${LOG}`]: HEAD });
    symlinkSync('old.etcd', join(linked, 'current'));
    assert.deepEqual(await findPlainData(linked, t.signal), {
      kind: 'several',
      places: ['current', 'old.etcd'],
    });
  });

  it('is in several places, too, where etcd once began in data/', async (t) => {
    const root = aVolume(t, { [`old.etcd/${LOG}`]: HEAD, 'data/member/snap': undefined });
    assert.deepEqual(await findPlainData(root, t.signal), { kind: 'several', places: ['data', 'old.etcd'] });
  });

  it('is unreadable where its log is torn, or kept elsewhere: a database is no empty volume', async (t) => {
    const torn = await findPlainData(aVolume(t, { [`old.etcd/${LOG}`]: 'garbage' }), t.signal);
    assert.ok(torn.kind === 'unreadable');
    assert.equal(torn.place, 'old.etcd');
    const bare = await findPlainData(aVolume(t, { 'old.etcd/member/snap/db': 'db' }), t.signal);
    assert.deepEqual(bare, {
      kind: 'unreadable',
      why: 'there is a database and no write-ahead log beside it',
      place: 'old.etcd',
    });
  });

  it('is unknown where it cannot be looked into', async (t) => {
    const root = aVolume(t, { 'old.etcd/member/wal': 'a file' });
    await assert.rejects(findPlainData(root, t.signal), /ENOTDIR/);
    symlinkSync('loop', join(root, 'loop'));
    rmSync(join(root, 'old.etcd'), { recursive: true });
    await assert.rejects(findPlainData(root, t.signal), /ELOOP/);
    await assert.rejects(findPlainData(join(root, 'vanished'), t.signal), /ENOENT/);
  });
});
