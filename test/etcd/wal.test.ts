import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { VolumeUnreadableError } from '../../src/etcd/volume-unreadable-error.ts';
import { readWal } from '../../src/etcd/wal.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { etcdIdOfDecimal } from '../../src/model/member.ts';
import type { Wal } from '../../src/model/volume.ts';
import { startEtcd } from '../support/etcd-process.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';
import { encodeSegmentHead } from '../support/wal-segment.ts';

const FIRST = '0000000000000000-0000000000000000.wal';
const SECOND = '0000000000000001-0000000000004e21.wal';

const mine = { memberId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n };
const head = encodeSegmentHead(mine);
const present = { kind: 'present', memberId: '8e9e05c52164694d', clusterId: 'cdf818194e3a8c32' };

/** A data directory with these files in `member/wal`; without that folder when there are none. */
async function aDataDirectory(t: TestContext, files?: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'quorate-wal-'));
  t.after(() => rm(directory, { recursive: true }));
  if (files !== undefined) {
    await writeWal(directory, files);
  }
  return directory;
}

async function writeWal(directory: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await mkdir(join(directory, 'member', 'wal'), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(directory, 'member', 'wal', name), bytes);
  }
}

async function whyUnreadable(directory: string, signal: AbortSignal): Promise<string> {
  const wal = await readWal(directory, signal);
  assert.equal(wal.kind, 'unreadable');
  return wal.why;
}

async function readFirstBytes(path: string, bytes: number): Promise<Uint8Array> {
  await using handle = await open(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.subarray(0, bytesRead);
}

for (const version of TESTED_ETCD_VERSIONS) {
  test(`reads the IDs that etcd ${version} reports, and none out of damaged copies`, async (t) => {
    const dataDirectory = await aDataDirectory(t);
    await using addresses = await claimLoopbackAddresses();
    const { signal } = t;
    await using etcd = await startEtcd({ version, address: addresses.of(0), dataDirectory, signal });
    const response = await fetch(`${etcd.clientUrl}/v3/cluster/member/list`, {
      method: 'POST',
      body: '{}',
      signal,
    });
    const reply: unknown = await response.json();
    assert.ok(typeof reply === 'object' && reply !== null && 'header' in reply);
    const { member_id, cluster_id } = reply.header as Record<string, string>;
    const memberId = etcdIdOfDecimal(member_id ?? '');
    const clusterId = etcdIdOfDecimal(cluster_id ?? '');
    const expected = { kind: 'present', memberId, clusterId };
    assert.deepEqual(await readWal(dataDirectory, signal), expected);
    await etcd.stop();
    assert.deepEqual(await readWal(dataDirectory, signal), expected);

    const [name = ''] = await readdir(join(dataDirectory, 'member', 'wal'));
    const real = await readFirstBytes(join(dataDirectory, 'member', 'wal', name), 8192);
    const copy = (files: Record<string, Uint8Array>): Promise<string> => aDataDirectory(t, files);
    assert.deepEqual(await readWal(await copy({ [name]: real }), signal), expected);
    assert.match(
      await whyUnreadable(await copy({ [name]: real.subarray(0, 20) }), signal),
      /0\.wal cannot be read/,
    );
    assert.match(await whyUnreadable(await copy({ [name]: new Uint8Array(8192) }), signal), /zero-filled/);
    // Byte 34 lies inside the metadata record's own IDs.
    const garbled = real.map((byte, index) => (index === 34 ? byte ^ 1 : byte));
    assert.match(
      await whyUnreadable(await copy({ [name]: garbled }), signal),
      /checksum of its metadata record/,
    );
  });
}

const withoutWal: Readonly<Record<string, Readonly<Record<string, Uint8Array>> | undefined>> = {
  'no member folder': undefined,
  'an empty wal folder': {},
  'a segment in the making': { '0.tmp': head },
  'a broken segment set aside': { [`${FIRST}.broken`]: head },
  'other strangers': { 'lost+found': head, 'notes.txt': head },
};
for (const [name, files] of Object.entries(withoutWal)) {
  test(`finds no WAL in a data directory with ${name}`, async (t) => {
    assert.deepEqual(await readWal(await aDataDirectory(t, files), t.signal), { kind: 'none' });
  });
}

test('finds no WAL where there is no data directory', async (t) => {
  assert.deepEqual(await readWal(join(await aDataDirectory(t), 'data'), t.signal), { kind: 'none' });
});

test('passes over strangers beside a segment', async (t) => {
  const strangers = {
    '1.tmp': new Uint8Array(9),
    'x.wal': new Uint8Array(9),
    'lost+found': new Uint8Array(),
  };
  const directory = await aDataDirectory(t, { [FIRST]: head, ...strangers });
  assert.deepEqual(await readWal(directory, t.signal), present);
});

test('does not take a WAL that etcd would see for none because of its name', async (t) => {
  const directory = await aDataDirectory(t, { 'restored.wal': head });
  assert.match(await whyUnreadable(directory, t.signal), /restored\.wal is no name of a WAL segment/);
});

test('believes several segments that agree', async (t) => {
  const later = encodeSegmentHead({ ...mine, previousCrc: 0x1234abcd });
  assert.deepEqual(
    await readWal(await aDataDirectory(t, { [FIRST]: head, [SECOND]: later }), t.signal),
    present,
  );
});

for (const [name, bytes] of [
  ['empty', new Uint8Array()],
  ['zero-filled', new Uint8Array(4096)],
  ['torn', head.subarray(0, 20)],
] as const) {
  test(`passes over a newest segment that is ${name}`, async (t) => {
    const directory = await aDataDirectory(t, { [FIRST]: head, [SECOND]: bytes });
    assert.deepEqual(await readWal(directory, t.signal), present);
  });
}

test('names both files when segments contradict each other', async (t) => {
  const other = encodeSegmentHead({ ...mine, clusterId: 0xabcn });
  const why = await whyUnreadable(await aDataDirectory(t, { [FIRST]: head, [SECOND]: other }), t.signal);
  assert.equal(
    why,
    `${FIRST} is of member 8e9e05c52164694d of cluster cdf818194e3a8c32, ` +
      `but ${SECOND} is of member 8e9e05c52164694d of cluster abc`,
  );
});

test('says of several damaged segments that none can be read', async (t) => {
  const files = { [FIRST]: new Uint8Array(64), [SECOND]: head.subarray(0, 5) };
  const why = await whyUnreadable(await aDataDirectory(t, files), t.signal);
  assert.equal(why, `${SECOND} cannot be read: it ends before its crc record; nor can 1 older`);
});

test('never throws on random segments', async (t) => {
  const directory = await aDataDirectory(t, {});
  const segment = fc.uint8Array({ maxLength: 128 });
  await fc.assert(
    fc.asyncProperty(segment, segment, async (first, second) => {
      await writeWal(directory, { [FIRST]: first, [SECOND]: second });
      const wal: Wal = await readWal(directory, t.signal);
      assert.equal(wal.kind, 'unreadable');
    }),
    { numRuns: 50 },
  );
});

test('calls the volume unreadable, not empty, when the folder cannot be listed', async (t) => {
  const directory = await aDataDirectory(t);
  await mkdir(join(directory, 'member'));
  await writeFile(join(directory, 'member', 'wal'), '');
  await assert.rejects(readWal(directory, t.signal), (error) => {
    assert.ok(error instanceof VolumeUnreadableError);
    assert.equal(error.code, 'VOLUME_UNREADABLE');
    assert.match(error.message, /member\/wal cannot be read: ENOTDIR/);
    return true;
  });
});

test('calls the volume unreadable when a segment cannot be opened', async (t) => {
  const directory = await aDataDirectory(t, { [FIRST]: head });
  await symlink(SECOND, join(directory, 'member', 'wal', SECOND));
  await assert.rejects(readWal(directory, t.signal), /4e21\.wal cannot be read: ELOOP/);
});

test('stops when it is told to', async (t) => {
  const directory = await aDataDirectory(t, { [FIRST]: head });
  const reason = new Error('enough');
  await assert.rejects(readWal(directory, AbortSignal.abort(reason)), reason);
});
