import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyHistory, remember } from '../../src/decide/remember.ts';
import type { Decision } from '../../src/model/decision.ts';
import { waitedMs } from '../../src/model/member-view.ts';
import {
  aHistory,
  aMember,
  aMemberView,
  anUnstartedLearner,
  aQuorum,
  memberId,
  NOW_MS,
} from '../support/a-member-view.ts';

const JOINING: Decision = { kind: 'wait', stage: 'joining', reason: 'JoinTurn', message: 'Wait.' };

describe('what is remembered', () => {
  it('is nothing at first, in the first stage, since now', () => {
    const history = emptyHistory(NOW_MS);
    assert.deepEqual([history.stage, history.stageSinceMs], ['gated', NOW_MS]);
    assert.equal(history.hashCheck.verdict, 'unknown');
  });

  it('is since when a stage lasts', () => {
    const view = aMemberView({ history: aHistory('joining', 700) });
    assert.equal(waitedMs(view, 'joining'), 700);
    assert.equal(remember(view, JOINING).stageSinceMs, NOW_MS - 700);
  });

  it('begins anew when the stage changes', () => {
    const view = aMemberView({ history: aHistory('gated', 700) });
    assert.equal(waitedMs(view, 'joining'), 0);
    assert.equal(remember(view, JOINING).stageSinceMs, NOW_MS);
  });

  it('is since when it asks to be registered, until it does anything else', () => {
    const join: Decision = { ...JOINING, kind: 'join-as-learner', peerUrl: '', voterUrl: '' };
    const first = remember(aMemberView(), join);
    assert.equal(first.registeringSinceMs, NOW_MS);
    const later = aMemberView({ nowMs: NOW_MS + 700, history: first });
    assert.equal(remember(later, join).registeringSinceMs, NOW_MS);
    assert.equal(remember(later, JOINING).registeringSinceMs, null);
  });

  it('is since when each unstarted member was seen so', () => {
    const unstartedSinceMs = new Map([[memberId(1), 17]]);
    const voters = aQuorum([aMember(0), anUnstartedLearner(1), anUnstartedLearner(2)]);
    const history = remember(
      aMemberView({ voters, history: aHistory('gated', 0, { unstartedSinceMs }) }),
      JOINING,
    );
    assert.deepEqual(
      [...history.unstartedSinceMs],
      [
        [memberId(1), 17],
        [memberId(2), NOW_MS],
      ],
    );
  });

  it('forgets a member that started or is listed no more', () => {
    const unstartedSinceMs = new Map([
      [memberId(1), 17],
      [memberId(9), 17],
    ]);
    const voters = aQuorum([aMember(0), aMember(1)]);
    const history = remember(
      aMemberView({ voters, history: aHistory('gated', 0, { unstartedSinceMs }) }),
      JOINING,
    );
    assert.equal(history.unstartedSinceMs.size, 0);
  });

  it('stays as it is while no list is at hand', () => {
    const unstartedSinceMs = new Map([[memberId(1), 17]]);
    const view = aMemberView({
      voters: { kind: 'silent', why: 'nobody' },
      history: aHistory('gated', 0, { unstartedSinceMs }),
    });
    assert.equal(remember(view, JOINING).unstartedSinceMs, unstartedSinceMs);
  });

  it('keeps what the last comparison of hashes said', () => {
    const hashCheck = { membershipKey: 'a0', verdict: 'equal', checkedAtMs: 5 } as const;
    const view = aMemberView({ history: aHistory('gated', 0, { hashCheck }) });
    assert.equal(remember(view, JOINING).hashCheck, hashCheck);
  });
});
