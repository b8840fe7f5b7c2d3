import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { isComparisonOfUse, membershipKeyOf } from '../../src/decide/housekeeping.ts';
import { known } from '../../src/model/known.ts';
import type { Sibling } from '../../src/model/sibling.ts';
import {
  aMember,
  anIntent,
  anUnstartedLearner,
  aQuorum,
  aSibling,
  memberId,
  NOW_MS,
  running,
} from '../support/a-member-view.ts';
import { describeCases } from './decision-case.ts';
import { aLeadingView, HOUSEKEEPING_CASES } from './housekeeping-cases.ts';

describeCases('the agent beside the leader', HOUSEKEEPING_CASES);

describe('housekeeping', () => {
  const gone: Sibling['pod'] = known({ kind: 'absent' }, NOW_MS);

  it('is left alone by everybody who does not lead', () => {
    const view = aLeadingView({
      etcd: running({ leaderId: memberId(0) }),
      intent: anIntent({ replicas: 2 }),
      siblings: [aSibling(0), aSibling(2, { pod: gone })],
    });
    assert.equal(decide(view).kind, 'settled');
  });

  it('removes one orphan at a time, through the leader', () => {
    const view = aLeadingView({
      intent: anIntent({ replicas: 2 }),
      voters: aQuorum([aMember(1), aMember(0), aMember(3), aMember(4)]),
      siblings: [aSibling(0), aSibling(3, { pod: gone }), aSibling(4, { pod: gone })],
    });
    const decision = decide(view);
    assert.ok(decision.kind === 'remove-orphan');
    assert.equal(decision.memberId, memberId(3));
    assert.equal(decision.leaderUrl, aMember(1).clientUrls[0]);
  });

  it('says what is wrong with a member that does not answer, started or not', () => {
    const sick = (member: ReturnType<typeof aMember>): string =>
      decide(aLeadingView({ voters: aQuorum([aMember(1), member]) })).message;
    assert.match(sick(aMember(2, { contact: { kind: 'silent' } })), /a2 \(demo-2\) does not answer: silent/);
    assert.match(sick(anUnstartedLearner(2)), /learner a2 is registered and has not started yet/);
  });

  it('compares the hashes of all voters that have a client URL, and of no learner', () => {
    const members = [aMember(1), aMember(0), aMember(3, { clientUrls: [] }), aMember(2, { isLearner: true })];
    const decision = decide(aLeadingView({ voters: aQuorum(members) }));
    assert.ok(decision.kind === 'compare-hashes');
    assert.deepEqual(decision.clientUrls, [aMember(1).clientUrls[0], aMember(0).clientUrls[0]]);
    assert.equal(decision.membershipKey, membershipKeyOf(members));
  });

  it('has hashes compared for as long as this member leads', () => {
    assert.equal(isComparisonOfUse(aLeadingView()), true);
    assert.equal(isComparisonOfUse(aLeadingView({}, { leaderId: memberId(0) })), false);
    assert.equal(isComparisonOfUse(aLeadingView({}, { leaderId: null })), false);
    assert.equal(isComparisonOfUse(aLeadingView({ etcd: { kind: 'unresponsive' } })), false);
  });
});

describe('the key of a membership', () => {
  it('is the same in every order of the list, and without the learners', () => {
    const learner = aMember(3, { isLearner: true });
    assert.equal(
      membershipKeyOf([aMember(2), aMember(0), learner]),
      membershipKeyOf([aMember(0), aMember(2)]),
    );
    assert.notEqual(membershipKeyOf([aMember(0)]), membershipKeyOf([aMember(0), aMember(2)]));
  });
});
