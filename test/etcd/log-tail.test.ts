import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../src/etcd/etcd3-maintenance-api.ts';
import { readLogTail } from '../../src/etcd/log-tail.ts';
import type { LogTail } from '../../src/model/log-tail.ts';
import { startEtcd } from '../support/etcd-process.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';
import { encodePut, encodeSegment, encodeV2Request, type LogRecord } from '../support/wal-segment.ts';

const PUT = encodePut(Buffer.from('value'));
const V2 = encodeV2Request();

async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-log-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** One segment of a hand-made log: the index of its first entry, and its records. */
type Piece = readonly [firstIndex: bigint, records: readonly LogRecord[]];

/** A data directory with these segments and, by term and index, these files of snapshots. */
async function aDataDirectory(
  t: TestContext,
  pieces: readonly Piece[],
  snapshots: readonly (readonly [term: bigint, index: bigint])[] = [],
): Promise<string> {
  const directory = await aFolder(t);
  await mkdir(join(directory, 'member', 'wal'), { recursive: true });
  await mkdir(join(directory, 'member', 'snap'));
  let crc = 0;
  for (const [sequence, [firstIndex, records]] of pieces.entries()) {
    const segment = encodeSegment(records, crc);
    crc = segment.crc;
    await writeFile(walPath(directory, sequence, firstIndex), segment.bytes);
  }
  for (const [term, index] of snapshots) {
    await writeFile(join(directory, 'member', 'snap', `${hex(term)}-${hex(index)}.snap`), '');
  }
  return directory;
}

function walPath(directory: string, sequence: number, firstIndex: bigint): string {
  return join(directory, 'member', 'wal', `${hex(BigInt(sequence))}-${hex(firstIndex)}.wal`);
}

function hex(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function read(entries: bigint, lastIndex: bigint, lastV2Index: bigint | null = null): LogTail {
  return { kind: 'read', entries, lastIndex, lastV2Index };
}

const FIRST: Piece = [
  0n,
  [{ snapshot: 0n, term: 0n }, { entry: 1n, data: V2 }, { entry: 2n, data: PUT }, { commit: 2n }],
];
const SECOND: Piece = [3n, [{ commit: 2n }, { entry: 3n, data: PUT }, { snapshot: 2n }, { commit: 3n }]];
const THIRD: Piece = [4n, [{ commit: 3n }, { entry: 4n, data: PUT }, { commit: 4n }]];

describe('the log in a data directory', () => {
  it('is read from its first segment where there is no snapshot', async (t) => {
    assert.deepEqual(await readLogTail(await aDataDirectory(t, [FIRST]), 6, t.signal), read(2n, 2n, 1n));
  });

  it('is read across its segments, from the snapshot that etcd would begin with', async (t) => {
    const pieces = [FIRST, SECOND, THIRD];
    const withFile = await aDataDirectory(t, pieces, [[1n, 2n]]);
    assert.deepEqual(await readLogTail(withFile, 6, t.signal), read(2n, 4n));
    const withoutFile = await aDataDirectory(t, pieces);
    assert.deepEqual(await readLogTail(withoutFile, 6, t.signal), read(4n, 4n, 1n), '3.6 wants the file');
    assert.deepEqual(await readLogTail(withoutFile, 7, t.signal), read(2n, 4n), '3.7 does without');
  });

  it('is read from its beginning where the newest file of a snapshot has no record', async (t) => {
    const later: Piece = [4n, [{ commit: 3n }, { entry: 4n, data: PUT }, { commit: 4n }]];
    const directory = await aDataDirectory(
      t,
      [FIRST, SECOND, later],
      [
        [1n, 2n],
        [1n, 4n],
      ],
    );
    assert.deepEqual(await readLogTail(directory, 6, t.signal), read(2n, 4n));
  });

  it('is not read before the segment that the snapshot goes on in, so a damaged one there is none of its business', async (t) => {
    const directory = await aDataDirectory(t, [FIRST, SECOND, THIRD], [[1n, 3n]]);
    const recorded: Piece = [5n, [{ commit: 4n }, { snapshot: 3n }, { entry: 5n, data: V2 }]];
    const whole = await aDataDirectory(t, [FIRST, SECOND, THIRD, recorded], [[1n, 3n]]);
    for (const each of [directory, whole]) {
      await truncate(walPath(each, 0, 0n), 30);
    }
    assert.deepEqual(await readLogTail(whole, 6, t.signal), read(2n, 5n, 5n));
    const tail = await readLogTail(directory, 6, t.signal);
    assert.match(tail.kind === 'unknown' ? tail.why : '', /^0{16}-0{16}\.wal: it ends in the middle/);
  });

  it('is unknown, never clean, where it is not there, has a gap, or cannot be read', async (t) => {
    const why = async (directory: string): Promise<string> => {
      const tail = await readLogTail(directory, 6, t.signal);
      assert.equal(tail.kind, 'unknown');
      return tail.why;
    };
    assert.match(await why(await aFolder(t)), /ENOENT/);
    assert.equal(await why(await aDataDirectory(t, [])), 'there are 0 bytes of it');
    const gap = await aDataDirectory(t, [FIRST, SECOND, THIRD]);
    await rm(walPath(gap, 1, 3n));
    assert.match(await why(gap), /the segment before 0{15}2-0{15}4\.wal is gone/);
    const beheaded = await aDataDirectory(t, [FIRST, SECOND, THIRD]);
    await rm(walPath(beheaded, 0, 0n));
    assert.equal(await why(beheaded), 'no snapshot has a record in it');
    const strange = await aDataDirectory(t, [FIRST]);
    await rm(walPath(strange, 0, 0n));
    await mkdir(walPath(strange, 0, 0n));
    assert.match(await why(strange), /EISDIR/);
    const noFolder = await aDataDirectory(t, [FIRST]);
    await rm(join(noFolder, 'member', 'snap'), { recursive: true });
    await writeFile(join(noFolder, 'member', 'snap'), '');
    assert.match(await why(noFolder), /ENOTDIR/);
  });

  it('is read without a folder of snapshots', async (t) => {
    const directory = await aDataDirectory(t, [FIRST]);
    await rm(join(directory, 'member', 'snap'), { recursive: true });
    assert.deepEqual(await readLogTail(directory, 6, t.signal), read(2n, 2n, 1n));
  });

  it('ends where the last write was cut, wherever that is', async (t) => {
    const directory = await aDataDirectory(t, [FIRST, SECOND, THIRD], [[1n, 2n]]);
    const { bytes, offsets } = encodeSegment(THIRD[1]);
    const path = walPath(directory, 2, 4n);
    const [, entry = 0, commit = 0] = offsets;
    const { crc: start } = encodeSegment(FIRST[1]);
    const whole = encodeSegment(THIRD[1], encodeSegment(SECOND[1], start).crc).bytes;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length }), async (cut) => {
        await writeFile(path, whole.subarray(0, cut));
        const entries = cut >= commit ? 2n : 1n;
        assert.deepEqual(await readLogTail(directory, 6, t.signal), read(entries, entries + 2n));
      }),
      { examples: [[0], [entry], [entry + 8], [commit - 1], [commit]], numRuns: 40 },
    );
  });

  it('stops when it is told to', async (t) => {
    const reason = new Error('enough');
    const directory = await aDataDirectory(t, [FIRST]);
    await assert.rejects(readLogTail(directory, 6, AbortSignal.abort(reason)), reason);
  });
});

describe('the log of a real etcd', () => {
  it('is old under 3.5 and 3.6, and clean once 3.6 has made a snapshot, as 3.7 finds it', async (t) => {
    const dataDirectory = join(await aFolder(t), 'data');
    await using addresses = await claimLoopbackAddresses();
    const address = addresses.of(0);
    const clients = createEtcd3Clients();
    t.after(() => clients.close());
    /** Runs it, does `meanwhile`, and gives the raft index it came to. */
    const run = async (
      version: string,
      snapshotCount: number,
      meanwhile: (raftIndex: bigint) => Promise<void> = async () => undefined,
    ): Promise<bigint> => {
      const extraConfig = { 'snapshot-count': snapshotCount };
      await using etcd = await startEtcd({ version, address, dataDirectory, signal: t.signal, extraConfig });
      await clients.of(etcd.clientUrl).put(version).value('x'.repeat(100_000));
      const status = await createEtcd3MaintenanceApi(clients).status(etcd.clientUrl, t.signal);
      assert.ok(status.kind === 'answered');
      await meanwhile(status.value.raftIndex);
      assert.equal((await etcd.stop()).code, null);
      return status.value.raftIndex;
    };
    const tail = async (minor: number): Promise<Extract<LogTail, { kind: 'read' }>> => {
      const found = await readLogTail(dataDirectory, minor, t.signal);
      assert.equal(found.kind, 'read');
      return found;
    };

    const first = await run('3.5.35', 10_000, async (raftIndex) => {
      assert.equal((await tail(6)).lastIndex, raftIndex, 'beside a running etcd');
    });
    const old = await tail(7);
    assert.equal(old.lastIndex, first);
    assert.equal(old.entries, first, 'there is no snapshot yet');
    assert.ok(old.lastV2Index !== null && old.lastV2Index > 1n && old.lastV2Index < first);
    await run('3.6.16', 10_000);
    assert.equal(
      (await tail(7)).lastV2Index,
      old.lastV2Index,
      'it stays for as long as there is no snapshot',
    );
    const { entries } = await tail(6);
    const second = await run('3.6.16', Number(entries) - 1);
    const clean = await tail(7);
    assert.deepEqual([clean.lastIndex, clean.lastV2Index], [second, null]);
    assert.ok(clean.entries < 10n);
    assert.ok((await readdir(join(dataDirectory, 'member', 'snap'))).some((name) => name.endsWith('.snap')));
    const third = await run('3.7.3', 10_000);
    assert.deepEqual([(await tail(7)).lastIndex, (await tail(7)).lastV2Index], [third, null]);
  });
});
