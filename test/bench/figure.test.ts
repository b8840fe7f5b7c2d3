import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figureOf } from '../../src/bench/figure.ts';
import type { Sample } from '../../src/bench/sample.ts';
import {
  allAtMost,
  allBelow,
  medianAndWorst,
  medianAtMost,
  nearFloor,
  type Target,
} from '../../src/bench/target.ts';

function measured(...values: readonly number[]): readonly Sample<number>[] {
  return values.map((value) => ({ kind: 'measured', value }));
}

const FAILED: Sample<number> = { kind: 'failed', why: 'no leader' };

function isMet(target: Target, product: readonly Sample<number>[], floor?: readonly Sample<number>[]) {
  const sides = floor === undefined ? { product } : { product, floor };
  return figureOf({ name: 'a step', unit: 's', target, ...sides }).target?.isMet;
}

describe('a figure', () => {
  it('puts both sides next to each other, with the ratio of their medians', () => {
    assert.deepEqual(
      figureOf({ name: 'a step', unit: 's', product: measured(1, 3, 2), floor: measured(0.5, 0.8) }),
      {
        name: 'a step',
        unit: 's',
        product: { values: [1, 3, 2], failed: 0, spread: { n: 3, min: 1, median: 2, max: 3 } },
        floor: { values: [0.5, 0.8], failed: 0, spread: { n: 2, min: 0.5, median: 0.65, max: 0.8 } },
        ratio: 3.08,
        target: null,
      },
    );
  });

  it('counts failed runs and leaves them out of the spread', () => {
    const { product } = figureOf({ name: 'a step', unit: 's', product: [...measured(1), FAILED] });
    assert.deepEqual(product, { values: [1], failed: 1, spread: { n: 1, min: 1, median: 1, max: 1 } });
  });

  it('has no ratio to a floor of which nothing was measured', () => {
    assert.equal(figureOf({ name: 'x', unit: 's', product: measured(1), floor: [FAILED] }).ratio, null);
  });
});

describe('a target', () => {
  it('for the median ignores the worst', () => {
    assert.equal(isMet(medianAtMost(2, 's'), measured(1, 2, 9)), true);
    assert.equal(isMet(medianAtMost(2, 's'), measured(1, 2.001, 9)), false);
  });

  it('counts a failed run as endless', () => {
    assert.equal(isMet(medianAtMost(2, 's'), [...measured(1, 1), FAILED]), true);
    assert.equal(isMet(medianAtMost(2, 's'), [...measured(1), FAILED, FAILED]), false);
    assert.equal(isMet(allAtMost(2, 's'), [...measured(1, 1), FAILED]), false);
  });

  it('is not met when nothing was measured', () => {
    assert.equal(isMet(medianAtMost(2, 's'), []), false);
  });

  it('for all values is about the worst', () => {
    assert.equal(isMet(allAtMost(0, 'calls'), measured(0, 0)), true);
    assert.equal(isMet(allAtMost(0, 'calls'), measured(0, 1)), false);
    assert.equal(isMet(allBelow(1, '%'), measured(0.99)), true);
    assert.equal(isMet(allBelow(1, '%'), measured(1)), false);
  });

  it('for gaps is about both the median and the worst', () => {
    const target = medianAndWorst(100, 500, 'ms');
    assert.equal(isMet(target, measured(50, 90, 500)), true);
    assert.equal(isMet(target, measured(50, 90, 501)), false);
    assert.equal(isMet(target, measured(101, 101, 101)), false);
  });

  it('near the floor is met by either of its two ways', () => {
    const target = nearFloor(1.5, 1, 's');
    assert.equal(isMet(target, measured(1.4), measured(0.4)), true);
    assert.equal(isMet(target, measured(1.41), measured(0.4)), false);
    assert.equal(isMet(target, measured(15), measured(10)), true);
    assert.equal(isMet(target, measured(0.1), [FAILED]), false);
    assert.equal(isMet(target, measured(0.1)), false);
  });
});
