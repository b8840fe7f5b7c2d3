import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../src/etcd/crc32c.ts';

test('gives the checksums of RFC 3720, appendix B.4', () => {
  assert.equal(crc32c(0, new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(0, new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(
    crc32c(
      0,
      Uint8Array.from({ length: 32 }, (_, index) => index),
    ),
    0x46dd794e,
  );
});

test('continues where it left off', () => {
  const bytes = new TextEncoder().encode('123456789');
  assert.equal(crc32c(crc32c(0, bytes.subarray(0, 4)), bytes.subarray(4)), 0xe3069283);
  assert.equal(crc32c(0xe3069283, new Uint8Array()), 0xe3069283);
});
