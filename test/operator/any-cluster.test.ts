/** Whatever the API server lets pass, the operator has an answer to: it builds, or it says why not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readCluster } from '../../src/operator/cache/read-cluster.ts';
import { clusterEvents } from '../../src/operator/plan/cluster-events.ts';
import { planCluster } from '../../src/operator/plan/cluster-plan.ts';
import { clusterStatus } from '../../src/operator/plan/cluster-status.ts';
import { findingsOf } from '../../src/operator/plan/findings.ts';
import type { ObservedCluster, TypedCluster } from '../../src/operator/plan/observed-cluster.ts';
import { planOldData } from '../../src/operator/plan/old-data.ts';
import { planVolumeGrowth } from '../../src/operator/plan/volume-growth.ts';
import { blueprintOf } from '../../src/resources/blueprint.ts';
import { clusterObjects } from '../../src/resources/cluster-objects.ts';
import { aWish, someSettings } from '../resources/a-blueprint.ts';
import { anySpec } from '../resources/any-spec.ts';
import { aNewCluster, anObservedCluster, SETTINGS } from '../support/an-observed-cluster.ts';
import { anyOf, installedSchema } from '../support/schema-arbitrary.ts';
import { withAnyPart } from '../support/wrong-types.ts';

const { spec: specSchema = {}, status: statusSchema = {} } = installedSchema('etcdclusters').properties ?? {};
const METADATA = { name: 'demo', namespace: 'shop', uid: 'cluster-uid', resourceVersion: '7', generation: 1 };

/** A good spec of which one part is anything: of whole ones that are anything, hardly one keeps every rule. */
const almostGoodSpec = fc
  .tuple(
    anySpec,
    fc.oneof(
      ...Object.entries(specSchema.properties ?? {}).map(([name, schema]) =>
        anyOf(schema).map((value) => ({ [name]: value })),
      ),
    ),
  )
  .map(([spec, part]) => ({ ...spec, ...part }));

/** An EtcdCluster with such a spec and status, or without. */
function anObject(spec: fc.Arbitrary<unknown>, status: fc.Arbitrary<unknown>): fc.Arbitrary<TypedCluster> {
  return fc
    .record(
      {
        spec: fc.option(spec, { nil: undefined }),
        status: fc.option(status, { nil: undefined }),
      },
      { noNullPrototype: true },
    )
    .map(({ spec, status }) =>
      readCluster({
        metadata: METADATA,
        ...(spec === undefined ? {} : { spec }),
        ...(status === undefined ? {} : { status }),
      }),
    );
}

const anyValid = anObject(fc.oneof(almostGoodSpec, anyOf(specSchema)), anyOf(statusSchema));
const anyAtAll = anObject(
  withAnyPart(fc.oneof(almostGoodSpec, anyOf(specSchema))),
  withAnyPart(anyOf(statusSchema)),
);

const WORLDS: Readonly<Record<string, ObservedCluster>> = {
  'that is new': aNewCluster().observed,
  'that runs': anObservedCluster(3).observed,
  'of which nothing is heard': anObservedCluster(3).silent(0, 1, 2).observed,
};

/** All that a pass works out of an object; the objects it would apply, where it would. */
function workedOut(world: ObservedCluster, cluster: TypedCluster) {
  const observed = { ...world, cluster };
  const blueprint = blueprintOf(
    { name: 'demo', namespace: 'shop', uid: 'u', spec: cluster.spec },
    someSettings(),
    'plain',
  );
  const plan = planCluster(observed, 'refused' in blueprint ? blueprint : undefined);
  const status = clusterStatus(observed, plan, findingsOf(observed, plan), SETTINGS);
  clusterEvents(cluster.status, status);
  planOldData(observed);
  planVolumeGrowth(observed);
  const isBuilt = plan.standstill === undefined && !('refused' in blueprint);
  return { plan, status, objects: isBuilt ? clusterObjects(blueprint, aWish()) : [] };
}

describe('any object that its schema lets pass', () => {
  for (const [which, world] of Object.entries(WORLDS)) {
    it(`gets a plan and a status for a cluster ${which}; it is built, or left as it is and told why`, () => {
      fc.assert(
        fc.property(anyValid, (cluster) => {
          const { plan, status, objects } = workedOut(world, cluster);
          assert.ok(status.conditions !== undefined && status.conditions.length > 0);
          if (plan.standstill !== undefined) {
            assert.notEqual(plan.standstill.message, '');
            assert.equal(plan.size.replicas, world.statefulSet?.replicas ?? 0);
            assert.notEqual(plan.rollout.kind, 'replace');
          } else {
            assert.ok(objects.length > 0);
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});

describe('any object that an API server without its schema lets pass', () => {
  for (const [which, world] of Object.entries(WORLDS)) {
    it(`gets a status for a cluster ${which}; nothing is made of a spec that is not what its types say`, () => {
      fc.assert(
        fc.property(anyAtAll, (cluster) => {
          const { plan, status, objects } = workedOut(world, cluster);
          const { fault } = cluster;
          fc.pre(fault !== undefined);
          assert.equal(plan.standstill?.reason, 'SpecInvalid');
          assert.ok(plan.standstill.message.startsWith(`${fault.field} ${fault.message}`));
          assert.equal(status.phase, 'Failed');
          assert.ok(status.message?.includes(fault.field));
          assert.deepEqual(objects, []);
          assert.equal(plan.size.replicas, world.statefulSet?.replicas ?? 0);
          assert.notEqual(plan.rollout.kind, 'replace');
        }),
        { numRuns: 300 },
      );
    });
  }
});
