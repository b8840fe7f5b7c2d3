import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import {
  aMember,
  aQuorum,
  CLUSTER,
  dataVolume,
  memberId,
  running,
  SEED_TOKEN,
  UID,
} from '../support/a-member-view.ts';
import { describeCases } from './decision-case.ts';
import { aSeed, aVoter, RUNNING_CASES } from './running-cases.ts';

describeCases('a running member', RUNNING_CASES);

describe('a seal', () => {
  it('swaps the record that was read for Formed under the cluster ID that runs', () => {
    const decision = decide(aSeed());
    assert.ok(decision.kind === 'seal');
    assert.equal(decision.resourceVersion, '7');
    assert.deepEqual(decision.record, {
      phase: 'Formed',
      clusterUid: UID,
      generation: 1,
      maxLearners: 8,
      clusterId: CLUSTER,
    });
  });
});

describe('the formation noted on the volume', () => {
  it('keeps the volume’s intent and counts it as released', () => {
    const intent = { kind: 'seed', token: SEED_TOKEN } as const;
    const decision = decide(aVoter({ volume: dataVolume({ clusterId: null, intent }) }));
    assert.ok(decision.kind === 'write-marker');
    assert.deepEqual(decision.marker, {
      clusterUid: UID,
      generation: 1,
      maxLearners: 8,
      clusterId: CLUSTER,
      intent,
      released: true,
    });
  });
});

describe('a settled member', () => {
  it('says whether it leads or whom it follows', () => {
    assert.match(decide(aVoter()).message, /a0 leads/);
    const leading = decide(
      aVoter({
        etcd: running({ leaderId: memberId(1) }),
        voters: aQuorum([aMember(1), aMember(0), aMember(2)]),
        history: {
          ...aVoter().history,
          hashCheck: { membershipKey: 'a0,a1,a2', verdict: 'equal', checkedAtMs: 0 },
        },
      }),
    );
    assert.deepEqual([leading.kind, leading.message], ['settled', 'Serving as leader.']);
  });
});
