import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Bucket, takeToken } from '../../../src/operator/events/token-bucket.ts';

const RULE = { tokens: 3, refillMs: 100 };

describe('takeToken', () => {
  it('lets through a burst and then one for each refill', () => {
    let bucket: Bucket | undefined;
    const taken = [0, 0, 0, 0, 50, 100, 150, 200].map((nowMs) => {
      const next = takeToken(RULE, bucket, nowMs);
      bucket = next ?? bucket;
      return next !== undefined;
    });
    assert.deepEqual(taken, [true, true, true, false, false, true, false, true]);
  });

  it('never holds more than a full bucket, however long it was left alone', () => {
    const bucket = takeToken(RULE, { tokens: 0, atMs: 0 }, 1_000_000);
    assert.deepEqual(bucket, { tokens: 2, atMs: 1_000_000 });
  });

  it('never lets through more than a burst and what flowed in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 100 }), (steps) => {
        let nowMs = 0;
        let bucket: Bucket | undefined;
        let passed = 0;
        for (const step of steps) {
          nowMs += step;
          const next = takeToken(RULE, bucket, nowMs);
          passed += next === undefined ? 0 : 1;
          bucket = next ?? bucket;
        }
        assert.ok(passed <= RULE.tokens + nowMs / RULE.refillMs + 1e-6);
      }),
    );
  });
});
