import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { memberId } from '../support/a-member-view.ts';
import { describeCases } from './decision-case.ts';
import { aLearner, PROMOTION_CASES } from './promotion-cases.ts';

describeCases('a running learner', PROMOTION_CASES);

describe('a promotion', () => {
  it('names this member alone and goes to the leader', () => {
    const decision = decide(aLearner());
    assert.ok(decision.kind === 'promote-self');
    assert.equal(decision.memberId, memberId(1));
    assert.equal(decision.leaderUrl, 'http://leader:2379');
  });

  it('says how far behind it is, never less than nothing', () => {
    assert.match(decide(aLearner({}, -5n)).message, /Caught up to 0 entries/);
    assert.match(decide(aLearner({}, 7n)).message, /Caught up to 7 entries/);
  });

  it('has an absolute bound of lag, also at an index where etcd’s 90 % are a million entries', () => {
    const view = aLearner({}, 600n);
    assert.equal(decide(view).reason, 'CatchingUp');
  });
});
