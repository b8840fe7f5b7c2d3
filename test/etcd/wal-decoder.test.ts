import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Decoding, WalDecoder } from '../../src/etcd/wal-decoder.ts';
import type { WalRecord } from '../../src/etcd/wal-record.ts';
import { encodePut, encodeSegment, type LogRecord } from '../support/wal-segment.ts';

const SECTOR_BYTES = 512;

type Read = { readonly types: readonly number[]; readonly end: Decoding };

/** Reads segments one after another, each in pieces of that many bytes. */
function readAll(segments: readonly Uint8Array[], pieceBytes = 4096, sizeBytes?: number): Read {
  const types: number[] = [];
  const decoder = new WalDecoder((record) => {
    types.push(record.type);
    return undefined;
  });
  for (const [position, bytes] of segments.entries()) {
    const isLast = position === segments.length - 1;
    decoder.begin({ name: `${position}.wal`, sizeBytes: sizeBytes ?? bytes.length, isLast });
    const end = feed(decoder, bytes, pieceBytes);
    if (end !== 'over' || isLast) {
      return { types, end };
    }
  }
  return { types, end: 'over' };
}

function feed(decoder: WalDecoder, bytes: Uint8Array, pieceBytes: number): Decoding {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    const decoding = decoder.push(bytes.subarray(offset, offset + pieceBytes));
    if (decoding !== 'more') {
      return decoding;
    }
  }
  return decoder.finish();
}

const RECORDS: readonly LogRecord[] = [
  { snapshot: 0n },
  { entry: 1n },
  { entry: 2n, data: encodePut(Buffer.alloc(1500, 'x')) },
  { commit: 2n },
];
const TYPES = [4, 1, 5, 2, 2, 3];

describe('the decoder of a log', () => {
  it('gives the same records in whatever pieces the bytes come', () => {
    const { bytes } = encodeSegment(RECORDS);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: bytes.length }), (pieceBytes) => {
        assert.deepEqual(readAll([bytes], pieceBytes), { types: TYPES, end: 'over' });
      }),
    );
  });

  it('ends at the zeros that a segment is filled up with', () => {
    const bytes = Buffer.concat([encodeSegment(RECORDS).bytes, Buffer.alloc(4096)]);
    assert.deepEqual(readAll([bytes], 100), { types: TYPES, end: 'over' });
  });

  it('goes on in the next segment, whose checksums continue those of the one before', () => {
    const first = encodeSegment(RECORDS);
    const second = encodeSegment([{ entry: 3n }], first.crc);
    assert.deepEqual(readAll([first.bytes, second.bytes]), { types: [...TYPES, 4, 1, 2], end: 'over' });
    const stranger = encodeSegment([{ entry: 3n }], first.crc + 1);
    assert.deepEqual(readAll([first.bytes, stranger.bytes]).end, {
      damaged: '1.wal: it does not follow from the segment before it',
    });
  });

  it('begins with any segment', () => {
    assert.equal(readAll([encodeSegment(RECORDS, 0x1234).bytes]).end, 'over');
  });

  it('ends the last segment where it was cut, and calls any other that was cut damaged', () => {
    const { bytes, offsets, crc } = encodeSegment(RECORDS);
    const next = encodeSegment([{ entry: 3n }], crc).bytes;
    const [, , large = 0] = offsets;
    for (const cut of [large + 1, large + 7, large + 8, large + 1000]) {
      assert.deepEqual(readAll([bytes.subarray(0, cut)], 300), { types: TYPES.slice(0, 4), end: 'over' });
      assert.deepEqual(readAll([bytes.subarray(0, cut), next], 300).end, {
        damaged: '0.wal: it ends in the middle of a record',
      });
    }
  });

  it('ends the last segment where a sector of an entry was never written', () => {
    const { bytes, offsets, crc } = encodeSegment(RECORDS);
    const torn = Uint8Array.from(bytes);
    const [, , large = 0] = offsets;
    const sector = Math.ceil((large + 8) / SECTOR_BYTES) * SECTOR_BYTES;
    torn.fill(0, sector, sector + SECTOR_BYTES);
    assert.deepEqual(readAll([torn]), { types: TYPES.slice(0, 4), end: 'over' });
    const next = encodeSegment([{ entry: 3n }], crc).bytes;
    assert.equal(readAll([torn, next]).types.length, TYPES.length + 3, 'etcd itself finds that');
  });

  it('takes a value of zeros for what it is', () => {
    const zeros = encodePut(Buffer.alloc(4 * SECTOR_BYTES));
    const { bytes } = encodeSegment([...RECORDS, { entry: 3n, data: zeros }, { entry: 4n }]);
    assert.deepEqual(readAll([bytes]), { types: [...TYPES, 2, 2], end: 'over' });
  });

  it('calls a record damaged that is no entry and has another checksum, and one that is garbled', () => {
    const { bytes, offsets } = encodeSegment(RECORDS);
    const [snapshot = 0, entry = 0] = offsets;
    const flipped = Uint8Array.from(bytes, (byte, index) => (index === entry - 9 ? byte ^ 1 : byte));
    assert.deepEqual(readAll([flipped]).end, { damaged: '0.wal: the checksum of a record is wrong' });
    const garbled = Uint8Array.from(bytes, (byte, index) => (index === snapshot + 8 ? 0xff : byte));
    assert.deepEqual(readAll([garbled]).end, { damaged: '0.wal: a record is garbled' });
  });

  it('says whose word it was that a record makes no sense', () => {
    const decoder = new WalDecoder(({ type }) => (type === 3 ? 'no such state' : undefined));
    const { bytes } = encodeSegment(RECORDS);
    decoder.begin({ name: 'a.wal', sizeBytes: bytes.length, isLast: true });
    assert.deepEqual(decoder.push(bytes), { damaged: 'a.wal: no such state' });
  });

  it('hands on the checksum of the record before', () => {
    const seen: (readonly [WalRecord, number])[] = [];
    const decoder = new WalDecoder((record, previousCrc) => {
      seen.push([record, previousCrc]);
      return undefined;
    });
    const { bytes } = encodeSegment(RECORDS, 0x77);
    decoder.begin({ name: 'a.wal', sizeBytes: bytes.length, isLast: true });
    decoder.push(bytes);
    for (const [position, [, previousCrc]] of seen.entries()) {
      assert.equal(previousCrc, position === 0 ? 0 : seen[position - 1]?.[0].crc);
    }
  });

  it('never throws, whatever the bytes, and never waits for more than the file has', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 64 }),
        fc.boolean(),
        (noise, pieceBytes, behindHead) => {
          const bytes = behindHead ? Buffer.concat([encodeSegment(RECORDS).bytes, noise]) : noise;
          assert.notEqual(readAll([bytes], pieceBytes).end, 'more');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('says the same of damaged records in whatever pieces they come', () => {
    const { bytes } = encodeSegment(RECORDS);
    const place = fc.nat({ max: bytes.length - 1 });
    const change = fc.tuple(place, fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        place,
        fc.integer({ min: 1, max: 64 }),
        (changes, lost, pieceBytes) => {
          const damaged = Uint8Array.from(bytes.subarray(0, bytes.length - lost));
          for (const [at, byte] of changes) {
            damaged[at] = byte; // beyond the cut it has no effect
          }
          const whole = readAll([damaged], Math.max(damaged.length, 1));
          assert.notEqual(whole.end, 'more');
          assert.deepEqual(readAll([damaged], pieceBytes), whole);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
