import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { PATIENCE_MS } from '../../src/decide/patience.ts';
import type { History } from '../../src/model/member-view.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import {
  aHistory,
  aMember,
  aMemberView,
  anAnsweringAgent,
  anIntent,
  anUnstartedLearner,
  aQuorum,
  aSelf,
  aSibling,
  CLUSTER,
  memberId,
  NAMES,
  NOW_MS,
} from '../support/a-member-view.ts';
import { describeCases, wordsOf } from './decision-case.ts';
import { aNewcomer, REGISTRATION_CASES } from './registration-cases.ts';

describeCases('an empty volume that joins', REGISTRATION_CASES);

describe('a registration', () => {
  it('bears the own peer URL and goes to the leader', () => {
    const voters = aQuorum([aMember(0), aMember(2)], {
      leader: { id: memberId(2), clientUrl: 'http://leader:2379', raftIndex: 9n, raftTerm: 3n },
    });
    const decision = decide(aNewcomer({ voters }));
    assert.ok(decision.kind === 'join-as-learner');
    assert.equal(decision.peerUrl, peerUrlOf(NAMES, 1));
    assert.equal(decision.voterUrl, 'http://leader:2379');
  });

  it('is announced before it is made, unless it was known already that this member joins (F25)', () => {
    const announced = (history: ReturnType<typeof aHistory>): boolean => {
      const decision = decide(aNewcomer({ history }));
      assert.ok(decision.kind === 'join-as-learner');
      return decision.unannounced === true;
    };
    assert.equal(announced(aHistory('gated')), true);
    assert.equal(announced(aHistory('joining')), false);
  });

  it('goes to every voter in turn once the leader has not agreed for long (etcd-io/etcd#14523)', () => {
    const silent = aMember(4, { contact: { kind: 'silent' } });
    const voters = aQuorum([aMember(0), aMember(2), aMember(3), silent]);
    const asked = (askedMs: number): string => {
      const decision = decide(aNewcomer({ voters, history: registeringFor(askedMs) }));
      assert.ok(decision.kind === 'join-as-learner');
      return `${decision.reason} ${decision.voterUrl}`;
    };
    const { leaderAgrees, voterAgrees } = PATIENCE_MS;
    const urlOf = (ordinal: number): string => aMember(ordinal).clientUrls[0] ?? '';
    assert.equal(asked(leaderAgrees - 1), `NotListed ${urlOf(0)}`);
    assert.deepEqual(
      [0, 1, 2, 3].map((turn) => asked(leaderAgrees + turn * voterAgrees)),
      [2, 3, 0, 2].map((ordinal) => `LeaderDisagrees ${urlOf(ordinal)}`),
    );
  });

  it('goes to the leader for ever where no other voter answers', () => {
    const voters = aQuorum([aMember(0), aMember(2, { contact: { kind: 'refuses' } })]);
    const decision = decide(
      aNewcomer({ voters, history: registeringFor(PATIENCE_MS.leaderAgrees + PATIENCE_MS.voterAgrees) }),
    );
    assert.ok(decision.kind === 'join-as-learner');
    assert.equal(decision.voterUrl, aMember(0).clientUrls[0]);
    assert.equal(decision.reason, 'NotListed');
  });

  it('waits one patience for each lower sibling', () => {
    const view = (waitedMs: number) =>
      aNewcomer({
        self: aSelf({ ordinal: 3 }),
        intent: anIntent({ replicas: 5 }),
        voters: aQuorum([aMember(0)]),
        siblings: [
          aSibling(1, { agent: anAnsweringAgent({ stage: 'joining' }) }),
          aSibling(2, { agent: anAnsweringAgent({ stage: 'joining' }) }),
        ],
        history: aHistory('joining', waitedMs),
      });
    assert.equal(wordsOf(decide(view(2 * PATIENCE_MS.joinTurn - 1))), 'wait JoinTurn');
    assert.equal(wordsOf(decide(view(2 * PATIENCE_MS.joinTurn))), 'join-as-learner NotListed');
  });

  it('has its patience counted anew when the stage was left in between', () => {
    const siblings = [aSibling(0, { agent: anAnsweringAgent({ stage: 'joining' }) })];
    const view = aNewcomer({ voters: aQuorum([aMember(2)]), siblings, history: aHistory('gated', 60_000) });
    assert.equal(wordsOf(decide(view)), 'wait JoinTurn');
  });

  it('is noted on the volume once it is seen in the list', () => {
    const voters = aQuorum([aMember(0), anUnstartedLearner(1), aMember(2)]);
    const decision = decide(aNewcomer({ voters }));
    assert.ok(decision.kind === 'write-marker');
    assert.deepEqual(decision.marker, {
      clusterUid: 'uid-1',
      generation: 1,
      maxLearners: 8,
      clusterId: CLUSTER,
      intent: { kind: 'join', memberId: memberId(1) },
      released: false,
    });
    assert.equal(decision.stage, 'registered');
  });
});

function registeringFor(askedMs: number): History {
  return aHistory('joining', askedMs, { registeringSinceMs: NOW_MS - askedMs });
}

describe('an identity lost with its volume', () => {
  it('is removed through the leader, by the ID that is listed', () => {
    const decision = decide(
      aMemberView({
        voters: aQuorum([aMember(0), aMember(1, { contact: { kind: 'refuses' } }), aMember(2)]),
      }),
    );
    assert.ok(decision.kind === 'remove-lost-identity');
    assert.equal(decision.memberId, memberId(1));
    assert.equal(decision.leaderUrl, aMember(0).clientUrls[0]);
  });
});
