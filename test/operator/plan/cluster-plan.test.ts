import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planCluster } from '../../../src/operator/plan/cluster-plan.ts';
import {
  type AnObservedCluster,
  aNewCluster,
  anObservedCluster,
  version,
} from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

/** Everything that could be changed is wanted otherwise. */
const edited = anObservedCluster(5).wanting({ size: 3, version: '3.6.17' }).set({ updateRevision: 'r2' });

const STANDSTILLS: readonly (readonly [behaviour: string, AnObservedCluster, reason: string])[] = [
  [
    'a cluster that is being deleted',
    edited.called({ deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'Deleting',
  ],
  ['a version that is none', edited.wanting({ version: '3.6.1000' }), 'SpecInvalid'],
  ['an even size', edited.wanting({ size: 4 }), 'SpecInvalid'],
  ['an option the agent owns', edited.wanting({ etcd: { extraArgs: { name: 'x' } } }), 'SpecInvalid'],
  ['a pause', edited.wanting({ pause: true }), 'Paused'],
];

describe('the plan of a cluster', () => {
  for (const [behaviour, { plan }, reason] of STANDSTILLS) {
    it(`touches nothing because of ${behaviour}`, () => {
      assert.equal(plan.standstill?.reason, reason);
      assert.deepEqual(plan.size, { replicas: 5 });
      assert.deepEqual(plan.version.version, version('3.6.16'));
      assert.equal(plan.version.blocked, undefined);
      assert.equal(plan.rollout.kind, 'waiting');
    });
  }

  it('touches nothing because its objects cannot be built', () => {
    const refusal = { refused: 'OptionsInvalid', message: 'No.' } as const;
    assert.equal(planCluster(edited.observed, refusal).standstill?.reason, 'OptionsInvalid');
  });

  it('makes nothing of a new cluster at a standstill', () => {
    const { plan } = aNewCluster().wanting({ size: 4 });
    assert.deepEqual(plan.size, { replicas: 0 });
    assert.deepEqual(plan.version.version, version('3.6.16'));
  });

  it('goes on where TLS is asked for, and where the pause is over', () => {
    assert.equal(edited.wanting({ security: { tls: {} } }).plan.standstill, undefined);
    assert.equal(edited.wanting({ pause: false }).plan.standstill, undefined);
  });

  it('says which rule is broken, where, and what to do', () => {
    assert.match(
      anObservedCluster().wanting({ size: 2 }).plan.standstill?.message ?? '',
      /^spec\.size: size must be odd .* use the next odd number\. Until then nothing is changed\.$/,
    );
  });

  it('lets neither wait for the other where size and version are edited together', () => {
    const both = anObservedCluster(3).wanting({ size: 5, version: '3.7.3' });
    assert.deepEqual(both.plan.size, { replicas: 5 });
    assert.equal(both.plan.version.blocked?.reason, 'ScalingUnderWay');
    const rolling = both.set({ templateVersion: version('3.7.3'), updateRevision: 'r2' });
    assert.equal(rolling.plan.size.held?.reason, 'UpgradeUnderWay');
    assert.equal(rolling.plan.version.blocked, undefined);
    assert.equal(rolling.plan.rollout.kind, 'replace');
  });

  it('never holds the size for the version and the version for the size at once', () => {
    fc.assert(
      fc.property(aTroubledCluster(), ({ plan }) => {
        assert.ok(
          plan.size.held?.reason !== 'UpgradeUnderWay' || plan.version.blocked?.reason !== 'ScalingUnderWay',
        );
      }),
    );
  });
});
