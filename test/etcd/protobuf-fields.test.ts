import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeProtobufFields } from '../../src/etcd/protobuf-fields.ts';

test('reads integers and byte strings, and steps over fixed-width fields', () => {
  const bytes = [0x08, 0x96, 0x01, 0x12, 2, 7, 8, 0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x28, 9];
  const fields = decodeProtobufFields(Uint8Array.from(bytes));
  assert.deepEqual(
    [...(fields ?? [])],
    [
      [1, 150n],
      [2, Uint8Array.of(7, 8)],
      [5, 9n],
    ],
  );
});

test('reads the largest uint64 and refuses a larger one', () => {
  const nine = new Array<number>(9).fill(0xff);
  assert.equal(decodeProtobufFields(Uint8Array.from([0x08, ...nine, 0x01]))?.get(1), 2n ** 64n - 1n);
  assert.equal(decodeProtobufFields(Uint8Array.from([0x08, ...nine, 0x02])), undefined);
  assert.equal(decodeProtobufFields(Uint8Array.from([0x08, ...nine, 0xff, 0x01])), undefined);
});

test('takes the last of a field that occurs twice', () => {
  assert.equal(decodeProtobufFields(Uint8Array.of(0x08, 1, 0x08, 2))?.get(1), 2n);
});

const broken: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['a cut varint', [0x08, 0x80]],
  ['a key without a value', [0x08]],
  ['a byte string longer than the message', [0x12, 3, 1, 2]],
  ['a cut fixed32', [0x1d, 1, 2, 3]],
  ['a group', [0x0b, 0x0c]],
  ['field number 0', [0x00, 0x00]],
];
for (const [name, bytes] of broken) {
  test(`refuses ${name}`, () => {
    assert.equal(decodeProtobufFields(Uint8Array.from(bytes)), undefined);
  });
}

test('never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      decodeProtobufFields(bytes);
    }),
  );
});
