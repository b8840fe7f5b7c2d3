import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEY_END, KEY_PREFIX, keyOf, numberOf, textOf } from '../../src/demo/write-keys.ts';

test('keys sort as their numbers do, between the prefix and the end', () => {
  const keys = [1, 2, 10, 999, 1_000_000].map(keyOf);
  assert.deepEqual(keys.toSorted(), keys);
  assert.ok(keys.every((key) => key > KEY_PREFIX && key < KEY_END));
});

test('a key and its value give the number back', () => {
  assert.equal(numberOf(keyOf(42), textOf(42)), 42);
});

test('a value under a wrong key, and what others wrote, is nobody', () => {
  assert.equal(numberOf(keyOf(42), textOf(43)), undefined);
  assert.equal(numberOf(`${KEY_PREFIX}42`, textOf(42)), undefined);
  assert.equal(numberOf('else', textOf(42)), undefined);
});
