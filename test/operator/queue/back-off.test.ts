import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backOffDelayMs } from '../../../src/operator/queue/back-off.ts';

describe('backOffDelayMs', () => {
  it('doubles up to its cap', () => {
    const rule = { baseMs: 100, capMs: 1_000 };
    const delays = [1, 2, 3, 4, 5, 60, 5_000].map((failures) => backOffDelayMs(rule, failures, () => 1));
    assert.deepEqual(delays, [100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('leaves the upper half to chance', () => {
    const rule = fc.record({
      baseMs: fc.integer({ min: 1, max: 1_000 }),
      capMs: fc.integer({ min: 1_000, max: 60_000 }),
    });
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(rule, fc.nat(2_000), chance, (each, failures, drawn) => {
        const whole = backOffDelayMs(each, failures, () => 1);
        const delay = backOffDelayMs(each, failures, () => drawn);
        assert.ok(delay >= whole / 2 && delay <= whole && whole <= each.capMs);
      }),
    );
  });
});
