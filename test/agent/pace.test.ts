import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paceOf, pauseAfterRefusal } from '../../src/agent/pace.ts';
import { REFUSALS } from '../../src/etcd/member-api.ts';
import { type Decision, STAGES, type Stage } from '../../src/model/decision.ts';

const HOUR_MS = 3_600_000;

function waiting(stage: Stage): Decision {
  return { kind: 'wait', stage, reason: 'SeedTurn', message: 'Wait.' };
}

describe('the pace of the loop', () => {
  it('is once a second for whoever serves', () => {
    const settled: Decision = { ...waiting('serving'), kind: 'settled', reason: 'Serving' };
    assert.equal(paceOf(settled, 0), 1_000);
    assert.equal(paceOf(waiting('serving'), HOUR_MS), 1_000);
  });

  it('is quick while things move and slows down as a wait lasts', () => {
    for (const stage of STAGES.filter((each) => each !== 'serving')) {
      const pauses = [0, 100, 1_000, 5_000, 15_000, 300_000].map((sinceMs) =>
        paceOf(waiting(stage), sinceMs),
      );
      assert.ok((pauses[0] ?? 0) <= 20);
      assert.deepEqual(
        pauses,
        pauses.toSorted((a, b) => a - b),
        `${stage}: ${pauses}`,
      );
    }
  });

  it('is never a tight loop and never a sleep', () => {
    for (const stage of STAGES) {
      for (const sinceMs of [0, 1, 1_000, HOUR_MS]) {
        const pauseMs = paceOf(waiting(stage), sinceMs);
        assert.ok(pauseMs >= 20 && pauseMs <= 2_000, `${stage} after ${sinceMs} ms: ${pauseMs}`);
      }
    }
  });
});

describe('the pause after a refusal', () => {
  it('is never 0 and never long, for any refusal there is', () => {
    for (const refusal of REFUSALS) {
      const pauseMs = pauseAfterRefusal(refusal);
      assert.ok(pauseMs >= 20 && pauseMs <= 500, `${refusal}: ${pauseMs}`);
    }
  });

  it('is short for a learner that is nearly in sync, long for a door that is shut for 5 s', () => {
    assert.ok(pauseAfterRefusal('learner-not-ready') < pauseAfterRefusal('unhealthy-cluster'));
  });
});
