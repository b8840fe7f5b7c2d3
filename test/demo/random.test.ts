import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../src/demo/random.ts';

test('gives the same numbers for the same seed, all of them below the end', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (seed, end) => {
      const draw = (): readonly number[] => {
        const random = createRandom(seed);
        return Array.from({ length: 20 }, () => random.below(end));
      };
      assert.deepEqual(draw(), draw());
      assert.ok(draw().every((number) => Number.isInteger(number) && number >= 0 && number < end));
    }),
  );
});

test('reaches every number', () => {
  const random = createRandom(1);
  assert.equal(new Set(Array.from({ length: 200 }, () => random.below(5))).size, 5);
});
