import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONFIG_MAP } from '../../../src/operator/kinds.ts';
import { lookAtCluster } from '../../../src/operator/pass/cluster-sight.ts';
import { OwnWrites } from '../../../src/operator/pass/own-writes.ts';
import { ownerReferenceOf } from '../../../src/resources/object-metadata.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { aWorld, viewsOf, type World } from '../any-world.ts';

/** What is seen of the record where it goes with the object that has this UID. */
function recordOf(ownerUid: string | undefined): unknown {
  const world = aWorld();
  const children: World['children'] = world.children.map(([type, child]) =>
    type !== CONFIG_MAP || ownerUid === undefined
      ? [type, child]
      : [
          type,
          {
            ...child,
            metadata: { ...child.metadata, ownerReferences: [ownerReferenceOf('demo', ownerUid)] },
          },
        ],
  );
  const deps = {
    views: viewsOf([{ ...world, children }]),
    agents: { hearingOf: () => undefined },
    clock: aManualClock(Date.parse('2026-01-02T03:14:05Z')),
    applied: { isAheadOf: () => false },
    own: new OwnWrites(),
    warnings: { of: () => undefined },
  };
  return lookAtCluster(deps, 'shop/demo')?.observed.record.kind;
}

describe('what is seen of the formation record', () => {
  it('is that of this cluster, or one that a human has put there', () => {
    assert.equal(recordOf('cluster'), 'present');
    assert.equal(recordOf(undefined), 'present');
  });

  it('is nothing of the one before it, which views may show a moment longer: it would be taken for formed', () => {
    assert.equal(recordOf('cluster-before'), 'absent');
  });
});
