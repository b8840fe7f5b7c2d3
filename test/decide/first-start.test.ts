import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { PATIENCE_MS } from '../../src/decide/patience.ts';
import { tokenOf } from '../../src/model/formation-record.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import {
  aMember,
  anAnsweringAgent,
  anIntent,
  anUnstartedLearner,
  aSibling,
  formed,
  id,
  memberId,
  NAMES,
} from '../support/a-member-view.ts';
import { describeCases, wordsOf } from './decision-case.ts';
import { aRegistered, FIRST_START_CASES } from './first-start-cases.ts';

describeCases('a registered learner', FIRST_START_CASES);

describe('a first start', () => {
  it('names every listed member, the unstarted and the strange ones too', () => {
    const others = [
      aMember(0),
      anUnstartedLearner(1),
      aMember(3, { id: id('b3'), name: '', peerUrls: ['http://elsewhere:2380'] }),
      aMember(4, { id: id('b4'), name: 'stranger', peerUrls: ['http://farther:2380', 'http://x:2380'] }),
    ];
    const decision = decide(aRegistered(others));
    assert.ok(decision.kind === 'start-joined');
    assert.deepEqual(decision.initialCluster, [
      { name: 'demo-0', peerUrl: peerUrlOf(NAMES, 0) },
      { name: 'demo-1', peerUrl: peerUrlOf(NAMES, 1) },
      { name: 'b3', peerUrl: 'http://elsewhere:2380' },
      { name: 'stranger', peerUrl: 'http://farther:2380' },
      { name: 'demo-2', peerUrl: peerUrlOf(NAMES, 2) },
    ]);
    const names = decision.initialCluster.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, 'etcd refuses a name that occurs twice');
  });

  it('bears the registered ID, the record’s limit and its generation’s token', () => {
    const decision = decide(aRegistered([aMember(0)]));
    assert.ok(decision.kind === 'start-joined');
    assert.equal(decision.memberId, memberId(2));
    assert.equal(decision.maxLearners, 8);
    assert.equal(decision.token, tokenOf(formed(), 1));
  });

  it('is announced before it is done, unless everybody who is wanted is listed (F25)', () => {
    const others = [aMember(0), aMember(1)];
    const announced = (fields: Parameters<typeof aRegistered>[2]): boolean => {
      const decision = decide(aRegistered(others, 0, fields));
      assert.ok(decision.kind === 'start-joined');
      return decision.unannounced === true;
    };
    assert.equal(announced({}), false);
    const siblings = [aSibling(0), aSibling(1), aSibling(3)];
    assert.equal(announced({ siblings, intent: anIntent({ replicas: 4 }) }), true);
    assert.equal(announced({ siblings, intent: anIntent({ replicas: 3 }) }), false, 'it is scaled away');
  });

  it('waits one patience for each lower learner', () => {
    const up = anAnsweringAgent({ stage: 'registered' });
    const view = (waitedMs: number) =>
      aRegistered([aMember(3), anUnstartedLearner(0), anUnstartedLearner(1)], waitedMs, {
        siblings: [aSibling(0, { agent: up }), aSibling(1, { agent: up })],
      });
    assert.equal(wordsOf(decide(view(2 * PATIENCE_MS.startTurn - 1))), 'wait StartTurn');
    assert.equal(wordsOf(decide(view(2 * PATIENCE_MS.startTurn))), 'start-joined Registered');
  });
});
