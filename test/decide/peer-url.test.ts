import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { decideLeave } from '../../src/decide/decide-leave.ts';
import { wantsOf } from '../../src/decide/wants.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import { aLeaveView, ledBy } from '../support/a-leave-view.ts';
import {
  aMember,
  anAnsweringAgent,
  anIntent,
  aQuorum,
  aSibling,
  memberId,
  NAMES,
} from '../support/a-member-view.ts';
import { describeCases, wordsOf } from './decision-case.ts';
import { aLeaderBeside, aMislistedVoter, PEER_URL_CASES, PLAIN_URL } from './peer-url-cases.ts';
import { aLearner } from './promotion-cases.ts';

describeCases('a peer URL that is not the member’s own', PEER_URL_CASES);

describe('a correction', () => {
  it('is of this member’s own URL alone, and goes to the leader', () => {
    const decision = decide(aMislistedVoter());
    assert.ok(decision.kind === 'correct-peer-url');
    assert.equal(decision.memberId, memberId(1));
    assert.equal(decision.peerUrl, peerUrlOf(NAMES, 1));
    assert.equal(decision.leaderUrl, aMember(0).clientUrls[0]);
    assert.match(decision.message, /^Listed under http:\/\/localhost:2380; /);
  });

  it('says whose URL is in the way', () => {
    const voters = aQuorum([
      aMember(0, { peerUrls: [peerUrlOf(NAMES, 1)] }),
      aMember(1, { peerUrls: [PLAIN_URL] }),
    ]);
    assert.match(decide(aMislistedVoter({}, { voters })).message, /is listed for member a0\.$/);
  });

  it('has the own name asked for, and nothing else beyond what a voter asks', () => {
    const settled = wantsOf(aMislistedVoter({}), false);
    assert.equal(settled.ownName, false);
    assert.deepEqual(wantsOf(aMislistedVoter(), false), { ...settled, ownName: true });
    assert.equal(wantsOf(aMislistedVoter(), true).ownName, true);
  });
});

describe('a member under a URL that is none of this cluster’s', () => {
  it('is removed by no janitor, whatever it is called', () => {
    for (const name of ['demo-2', 'default', '']) {
      const voter = aMember(2, { name, peerUrls: [PLAIN_URL], contact: { kind: 'unresolved' } });
      for (const member of [voter, { ...voter, isLearner: true }]) {
        assert.notEqual(decide(aLeaderBeside(member)).kind, 'remove-orphan', JSON.stringify(member));
      }
    }
  });

  it('counts as the voter of its Pod that reaches a learner', () => {
    const { voters } = aLearner();
    assert.ok(voters.kind === 'linearizable');
    const members = [aMember(0, { peerUrls: [PLAIN_URL] }), aMember(1, { isLearner: true })];
    const view = aLearner({ intent: anIntent({ replicas: 2 }), voters: { ...voters, members } });
    assert.equal(wordsOf(decide(view)), 'promote-self CaughtUp');
  });

  it('has the door held for it by no learner', () => {
    const { voters } = aLearner();
    assert.ok(voters.kind === 'linearizable');
    const members = [aMember(0), aMember(1, { isLearner: true }), aMember(2, { peerUrls: [PLAIN_URL] })];
    const siblings = [aSibling(0, { agent: anAnsweringAgent() }), aSibling(2)];
    const view = aLearner({ siblings, voters: { ...voters, members } });
    assert.equal(wordsOf(decide(view)), 'promote-self CaughtUp');
  });

  it('leaves in the turn of its Pod, and is handed no leadership when it is scaled away', () => {
    const adopted = aMember(3, { peerUrls: [PLAIN_URL] });
    const turn = decideLeave(aLeaveView({ voters: ledBy(0, [aMember(0), aMember(1), aMember(2), adopted]) }));
    assert.equal(turn.reason, 'LeaveTurn');
    const alone = decideLeave(
      aLeaveView({
        voters: ledBy(2, [aMember(2), adopted]),
        intent: anIntent({ replicas: 2, ownPod: { uid: 'pod-1', deleting: true } }),
      }),
    );
    assert.equal(alone.kind, 'look-again');
  });
});
