import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentHash } from '../../src/resources/content-hash.ts';

describe('the content hash', () => {
  // Test vectors of FNV's authors.
  for (const [text, hash] of [
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ] as const) {
    it(`of "${text}" is FNV-1a's`, () => {
      assert.equal(contentHash(text), hash);
    });
  }
});
