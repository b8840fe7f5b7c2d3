import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { tokenOf } from '../../src/model/formation-record.ts';
import {
  emptyVolume,
  formed,
  forming,
  recorded,
  SEED_TOKEN,
  UID,
  VOLUME_ID,
} from '../support/a-member-view.ts';
import { describeCases } from './decision-case.ts';
import { anUnformedView, FORMING_CASES } from './forming-cases.ts';

describeCases('while the cluster is not formed', FORMING_CASES);

describe('a claim of the seed', () => {
  it('swaps the record that was read for one that names Pod and volume', () => {
    const decision = decide(anUnformedView(0, undefined));
    assert.ok(decision.kind === 'claim-seed');
    assert.equal(decision.resourceVersion, '7');
    assert.deepEqual(decision.record, {
      phase: 'Forming',
      clusterUid: UID,
      generation: 1,
      maxLearners: 8,
      seed: { ordinal: 0, podUid: 'pod-1', volumeId: VOLUME_ID, attempt: 1 },
    });
  });

  it('makes the cluster a new one when the seed’s volume was lost', () => {
    const record = recorded(forming({ volumeId: 'volume-lost', attempt: 4 }));
    const decision = decide(anUnformedView(1, {}, 0, { record }));
    assert.ok(decision.kind === 'claim-seed' && decision.record.phase === 'Forming');
    assert.equal(decision.record.seed.attempt, 5);
    assert.equal(decision.record.seed.volumeId, VOLUME_ID);
    assert.notEqual(tokenOf(decision.record, 5), tokenOf(decision.record, 4));
  });
});

describe('a seed', () => {
  const record = recorded(forming());

  it('notes its token, unreleased, before etcd may start', () => {
    const decision = decide(anUnformedView(1, {}, 0, { record }));
    assert.ok(decision.kind === 'write-marker');
    assert.deepEqual(decision.marker, {
      clusterUid: UID,
      generation: 1,
      maxLearners: 8,
      clusterId: null,
      intent: { kind: 'seed', token: SEED_TOKEN },
      released: false,
    });
  });

  it('starts under the token it noted and the record’s limit', () => {
    const volume = emptyVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } });
    const decision = decide(anUnformedView(1, {}, 0, { record, volume }));
    assert.ok(decision.kind === 'seed');
    assert.equal(decision.token, SEED_TOKEN);
    assert.equal(decision.maxLearners, 8);
  });

  it('never starts again once the record says Formed', () => {
    const volume = emptyVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } });
    const decision = decide(anUnformedView(1, {}, 0, { record: recorded(formed()), volume }));
    assert.notEqual(decision.kind, 'seed');
  });
});
