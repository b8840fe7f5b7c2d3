import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spreadOf } from '../../src/bench/spread.ts';

test('nothing measured has no spread', () => {
  assert.equal(spreadOf([]), null);
});

test('the median of an odd number of values is the one in the middle', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { n: 3, min: 1, median: 2, max: 3 });
});

test('the median of an even number of values is the mean of the two in the middle', () => {
  assert.deepEqual(spreadOf([4, 1, 2, 3]), { n: 4, min: 1, median: 2.5, max: 4 });
});

test('endless values keep their place', () => {
  const endless = Number.POSITIVE_INFINITY;
  assert.deepEqual(spreadOf([endless, 1, endless]), { n: 3, min: 1, median: endless, max: endless });
});

test('half of the values lie on each side of the median', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const median = spreadOf(values)?.median ?? Number.NaN;
      assert.ok(values.filter((value) => value < median).length <= values.length / 2);
      assert.ok(values.filter((value) => value > median).length <= values.length / 2);
    }),
  );
});
