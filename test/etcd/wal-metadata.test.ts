import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { decodeWalMetadata } from '../../src/etcd/wal-metadata.ts';
import { etcdIdOfInteger } from '../../src/model/member.ts';
import { encodeSegmentHead } from '../support/wal-segment.ts';

const memberId = 0x8e9e05c52164694dn;
const clusterId = 0xcdf818194e3a8c32n;
const head = encodeSegmentHead({ memberId, clusterId });
const identity = { kind: 'identity', memberId: '8e9e05c52164694d', clusterId: 'cdf818194e3a8c32' };

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });

function whyDamaged(bytes: Uint8Array): string {
  const metadata = decodeWalMetadata(bytes);
  assert.equal(metadata.kind, 'damaged');
  return metadata.why;
}

test('reads the identity of a first segment, with or without what follows', () => {
  assert.deepEqual(decodeWalMetadata(head), identity);
  assert.deepEqual(decodeWalMetadata(Uint8Array.from([...head, 1, 2, 3])), identity);
});

test('reads a view into a larger buffer', () => {
  const padded = Uint8Array.from([9, 9, 9, ...head, 9]);
  assert.deepEqual(decodeWalMetadata(padded.subarray(3, -1)), identity);
});

test('reads every identity under every earlier checksum', () => {
  fc.assert(
    fc.property(id, id, uint32, (someMember, someCluster, previousCrc) => {
      const bytes = encodeSegmentHead({ memberId: someMember, clusterId: someCluster, previousCrc });
      assert.deepEqual(decodeWalMetadata(bytes), {
        kind: 'identity',
        memberId: etcdIdOfInteger(someMember),
        clusterId: etcdIdOfInteger(someCluster),
      });
    }),
  );
});

test('never throws and never names anybody on random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), (bytes) => {
      assert.equal(decodeWalMetadata(bytes).kind, 'damaged');
    }),
    { numRuns: 2000 },
  );
});

test('names nobody else where bytes of it were changed or lost', () => {
  const place = fc.nat({ max: head.length - 1 });
  const changes = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(changes, fc.option(place), (bytes, cut) => {
      const damaged = Uint8Array.from(head);
      for (const [at, byte] of bytes) {
        damaged[at] = byte;
      }
      const found = decodeWalMetadata(damaged.subarray(0, cut ?? head.length));
      assert.ok(found.kind === 'damaged' || isDeepStrictEqual(found, identity));
    }),
    { numRuns: 5_000 },
  );
});

test('names somebody only when the checksum matches', () => {
  fc.assert(
    fc.property(uint32, fc.option(uint32), (previousCrc, otherCrc) => {
      const right = encodeSegmentHead({ memberId, clusterId, previousCrc });
      const bytes =
        otherCrc === null
          ? right
          : encodeSegmentHead({ memberId, clusterId, previousCrc, metadataCrc: otherCrc });
      const isRight = Buffer.compare(bytes, right) === 0;
      assert.equal(decodeWalMetadata(bytes).kind, isRight ? 'identity' : 'damaged');
    }),
  );
});

test('never names somebody else after any one byte has changed', () => {
  for (let index = 0; index < head.length; index++) {
    for (let value = 0; value < 256; value++) {
      const bytes = Uint8Array.from(head);
      bytes[index] = value;
      const metadata = decodeWalMetadata(bytes);
      if (metadata.kind === 'identity') {
        assert.deepEqual(metadata, identity, `byte ${index} set to ${value}`);
      }
    }
  }
});

test('says of a head cut anywhere that it is damaged', () => {
  for (let length = 0; length < head.length - 8; length++) {
    assert.equal(decodeWalMetadata(head.subarray(0, length)).kind, 'damaged', `cut at ${length}`);
  }
});

test('says what is wrong', () => {
  assert.match(whyDamaged(new Uint8Array()), /ends before its crc record/);
  assert.match(whyDamaged(new Uint8Array(4096)), /zero-filled where its crc record should be/);
  assert.match(whyDamaged(head.subarray(0, 10)), /crc record claims 4 bytes, of which 2 could be read/);
  assert.match(whyDamaged(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff)), /crc record is garbled/);
  const zeroTail = Uint8Array.from(head).fill(0, 16);
  assert.match(whyDamaged(zeroTail), /zero-filled where its metadata record should be/);
  const swapped = encodeSegmentHead({ memberId, clusterId, types: [1, 4] });
  assert.match(whyDamaged(swapped), /first record is of type 1, not crc/);
  const entry = encodeSegmentHead({ memberId, clusterId, types: [4, 2] });
  assert.match(whyDamaged(entry), /second record is of type 2, not metadata/);
  const wrong = encodeSegmentHead({ memberId, clusterId, metadataCrc: 1 });
  assert.match(whyDamaged(wrong), /checksum of its metadata record is wrong/);
  const nobody = encodeSegmentHead({ memberId: 0n, clusterId });
  assert.match(whyDamaged(nobody), /names no member or no cluster/);
});
