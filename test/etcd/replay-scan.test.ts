import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReplayScan } from '../../src/etcd/replay-scan.ts';
import { WalDecoder } from '../../src/etcd/wal-decoder.ts';
import type { LogTail } from '../../src/model/log-tail.ts';
import {
  encodeFields,
  encodePut,
  encodeSegment,
  encodeV2Request,
  type LogRecord,
} from '../support/wal-segment.ts';

const V2 = encodeV2Request();

/** What a replay of these records would meet; or why they make no sense. */
function tailOf(
  records: readonly LogRecord[],
  isUsable = (_index: bigint): boolean => true,
): LogTail | undefined {
  const { bytes } = encodeSegment(records);
  const scan = new ReplayScan();
  const decoder = new WalDecoder((record, previousCrc) => scan.take(record, previousCrc));
  decoder.begin({ name: 'a.wal', sizeBytes: bytes.length, isLast: true });
  decoder.push(bytes);
  const end = decoder.finish();
  return typeof end === 'object'
    ? { kind: 'unknown', why: end.damaged }
    : scan.tail(({ index }) => isUsable(index));
}

function read(entries: bigint, lastIndex: bigint, lastV2Index: bigint | null = null): LogTail {
  return { kind: 'read', entries, lastIndex, lastV2Index };
}

describe('what is replayed of a log', () => {
  it('is all of it where there is no other snapshot than the empty one it begins with', () => {
    assert.deepEqual(
      tailOf([{ snapshot: 0n, term: 0n }, { entry: 1n }, { entry: 2n }, { commit: 2n }]),
      read(2n, 2n),
    );
  });

  it('begins after the newest snapshot', () => {
    const records = [
      { snapshot: 0n, term: 0n },
      { entry: 1n, data: V2 },
      { entry: 2n },
      { commit: 2n },
      { snapshot: 2n },
      { entry: 3n, data: encodePut() },
    ];
    assert.deepEqual(tailOf(records), read(1n, 3n));
    assert.deepEqual(tailOf(records.slice(0, -1)), read(0n, 2n));
  });

  it('begins after an older one where the newest is not committed, or not usable', () => {
    const records = [{ snapshot: 0n, term: 0n }, { entry: 1n, data: V2 }, { entry: 2n }, { snapshot: 2n }];
    assert.deepEqual(tailOf([...records, { commit: 1n }]), read(2n, 2n, 1n));
    assert.deepEqual(
      tailOf([...records, { commit: 2n }], (index) => index === 0n),
      read(2n, 2n, 1n),
    );
  });

  it('cannot be told where no snapshot is left to begin with', () => {
    assert.equal(tailOf([{ entry: 7n }]), undefined);
  });

  it('goes on from the snapshot that a leader sent, whatever was before', () => {
    const sent = [{ snapshot: 0n, term: 0n }, { entry: 1n, data: V2 }, { snapshot: 500n }, { commit: 500n }];
    assert.deepEqual(tailOf([...sent, { entry: 501n }]), read(1n, 501n));
    assert.deepEqual(tailOf(sent), read(0n, 500n));
  });

  it('is unknown where entries are missing', () => {
    const why = 'entries are missing after the snapshot at index 0';
    const start = { snapshot: 0n, term: 0n };
    assert.deepEqual(tailOf([start, { entry: 1n }, { entry: 3n }]), { kind: 'unknown', why });
    assert.deepEqual(tailOf([start, { entry: 2n }]), { kind: 'unknown', why });
  });

  it('leaves out what a later leader replaced', () => {
    const start = { snapshot: 0n, term: 0n };
    const lost = [start, { entry: 1n, data: V2 }, { entry: 2n, data: V2 }, { entry: 3n, data: V2 }];
    assert.deepEqual(tailOf([...lost, { entry: 2n }]), read(2n, 2n, 1n));
    assert.deepEqual(tailOf([...lost, { entry: 2n, data: V2 }, { entry: 3n }]), read(3n, 3n, 2n));
    assert.deepEqual(tailOf([...lost, { entry: 1n }]), read(1n, 1n));
  });
});

describe('a request of etcd 2', () => {
  const kinds: Readonly<
    Record<string, readonly [record: Omit<Extract<LogRecord, { entry: bigint }>, 'entry'>, isV2: boolean]>
  > = {
    'is one by which a member publishes its name': [{ data: V2 }, true],
    'is one that sets the cluster version': [{ data: encodeV2Request('PUT', '/0/version') }, true],
    'is one without a method, which 3.5 writes all the same': [{ data: encodeV2Request('') }, true],
    'is one within a request of etcd 3': [{ data: encodeFields([100, encodeFields([1, 1])], [2, V2]) }, true],
    'is not a put': [{ data: encodePut(V2) }, false],
    'is not a request that nobody knows yet': [{ data: encodeFields([100, ''], [9999, V2]) }, false],
    'is not the empty entry of a new leader': [{ data: new Uint8Array() }, false],
    'is not an entry without data': [{}, false],
    'is not a change of the membership, whose second field is its kind': [
      { type: 1, data: encodeFields([1, 1], [2, 0], [3, 7]) },
      false,
    ],
    'is not a change of the membership of the second kind': [{ type: 2, data: encodeFields([2, V2]) }, false],
  };
  for (const [behaviour, [record, isV2]] of Object.entries(kinds)) {
    it(behaviour, () => {
      assert.deepEqual(tailOf([{ snapshot: 0n }, { entry: 1n, ...record }]), read(1n, 1n, isV2 ? 1n : null));
    });
  }

  it('is told from every put, whatever its value', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        (value, isV2) => {
          const entries = isV2.map((old, position) => ({
            entry: BigInt(position + 1),
            data: old
              ? encodeV2Request('PUT', `/${Buffer.from(value).toString('latin1')}`)
              : encodePut(value),
          }));
          const last = BigInt(isV2.lastIndexOf(true) + 1);
          const tail = tailOf([{ snapshot: 0n }, ...entries]);
          assert.deepEqual(tail, read(BigInt(isV2.length), BigInt(isV2.length), last === 0n ? null : last));
        },
      ),
    );
  });
});

describe('a record that makes no sense', () => {
  const senseless: Readonly<Record<string, readonly [type: number, data: Uint8Array, why: RegExp]>> = {
    'is of a type that there is not': [9, new Uint8Array(), /no record type 9/],
    'is a garbled state': [3, Uint8Array.of(0xff), /a state is garbled/],
    'is a state whose commit is no number': [3, encodeFields([3, 'x']), /a state is garbled/],
    'is a garbled snapshot': [5, Uint8Array.of(0xff), /record of a snapshot is garbled/],
    'is a snapshot whose index is no number': [5, encodeFields([1, 'x']), /record of a snapshot is garbled/],
    'is a garbled entry': [2, Uint8Array.of(0xff), /an entry is garbled/],
    'is an entry whose data is a number': [2, encodeFields([4, 1]), /an entry is garbled/],
    'is an entry whose data is nothing at all': [
      2,
      encodeFields([3, 5], [4, Uint8Array.of(0xff)]),
      /index 5 is garbled/,
    ],
    'is an old request with another checksum': [2, encodeFields([3, 5], [4, V2]), /index 5 is garbled/],
  };
  for (const [behaviour, [type, data, why]] of Object.entries(senseless)) {
    it(behaviour, () => {
      assert.match(new ReplayScan().take({ type, crc: 1, data }, 0) ?? '', why);
    });
  }
});
