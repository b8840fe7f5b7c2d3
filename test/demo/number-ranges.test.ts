import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NumberRanges } from '../../src/demo/number-ranges.ts';

test('holds exactly the numbers added', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 200 })), (numbers) => {
      const ranges = new NumberRanges();
      for (const number of numbers.toSorted((a, b) => a - b)) {
        ranges.add(number);
      }
      const expected = new Set(numbers);
      assert.equal(ranges.total, expected.size);
      assert.equal(ranges.largest, Math.max(0, ...numbers));
      for (let number = 0; number <= 201; number++) {
        assert.equal(ranges.has(number), expected.has(number), String(number));
      }
    }),
  );
});
