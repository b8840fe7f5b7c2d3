import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wholeNumber } from '../../src/cli/option-values.ts';

test('takes whole numbers in their range, written as people write them', () => {
  const read = wholeNumber(0, 9);
  assert.equal(read('0'), 0);
  assert.equal(read('9'), 9);
  for (const text of ['10', '-1', '1.0', '1e0', '01', ' 1', '', '0x1', 'nine']) {
    assert.throws(() => read(text), /Give a whole number from 0 to 9\./, text);
  }
});

test('gives back every number it takes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
      assert.equal(wholeNumber(0, 2 ** 32 - 1)(String(number)), number);
    }),
  );
});
