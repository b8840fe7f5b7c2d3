import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ADOPT_ANNOTATION, DISCARD_ANNOTATION } from '../../../src/api/annotations.ts';
import type { AgentStatus } from '../../../src/model/agent-status.ts';
import type { FormationRecord } from '../../../src/model/formation-record.ts';
import { type OldDataPlan, planOldData } from '../../../src/operator/plan/old-data.ts';
import { type AnObservedCluster, anObservedCluster } from '../../support/an-observed-cluster.ts';

const BLOCKED: FormationRecord = {
  phase: 'Blocked',
  clusterUid: 'uid-1',
  generation: 1,
  maxLearners: 8,
  reason: 'ForeignData',
  message: 'The volumes are older than this cluster.',
};

type Data = NonNullable<AgentStatus['data']>;

function data(clusterId: string, fields: Partial<Data> = {}): Data {
  return { clusterId, memberId: 'a1', generation: 2, maxLearners: 8, ...fields } as Data;
}

/** Three members at their gates; what each volume holds, null for an empty one. */
function holding(...volumes: readonly (Data | null | 'unreadable')[]): AnObservedCluster {
  return volumes.reduce<AnObservedCluster>(
    (cluster, volume, ordinal) =>
      cluster.gated(ordinal, 'FormationBlocked', {
        hasData: volume !== null,
        data: volume === 'unreadable' ? null : volume,
      }),
    anObservedCluster(volumes.length).unwritten().recorded(BLOCKED),
  );
}

function told(cluster: AnObservedCluster, annotations: Readonly<Record<string, string>>): OldDataPlan {
  return planOldData(cluster.called({ annotations }).observed);
}

function adopt(cluster: AnObservedCluster, word = 'true'): OldDataPlan {
  return told(cluster, { [ADOPT_ANNOTATION]: word });
}

function discard(cluster: AnObservedCluster, word = 'true'): OldDataPlan {
  return told(cluster, { [DISCARD_ANNOTATION]: word });
}

function assertWaits(plan: OldDataPlan, message: RegExp): void {
  assert.match(plan.kind === 'waiting' ? plan.message : plan.kind, message);
}

describe('old data that nobody has decided about', () => {
  it('is described, with what can be done', () => {
    assertWaits(
      planOldData(holding(data('c7'), data('c7'), null).observed),
      /^demo-0 holds member a1 of cluster c7\. demo-1 holds .* demo-2 is empty\. To go on with that data, annotate the EtcdCluster demo with .*\/adopt=true; to set it aside .*\/discard=true\.$/,
    );
  });

  it('is not described by agents that were not heard', () => {
    const unheard = holding(data('c7'), null, null).silent(1);
    assertWaits(planOldData(unheard.observed), /demo-1 has not said yet what it holds\./);
  });

  it('makes the cluster fail, with that description', () => {
    const { phase, message } = holding(data('c7'), null, null).status;
    assert.equal(phase, 'Failed');
    assert.match(
      message ?? '',
      /^The volumes are older than this cluster\. demo-0 holds member a1 of cluster c7\./,
    );
  });

  it('is no matter where formation is not blocked', () => {
    assert.deepEqual(adopt(anObservedCluster(3)), { kind: 'none' });
  });
});

describe('old data that is adopted', () => {
  it('gets a record of its cluster, its generation and its limit of learners, under the new UID', () => {
    assert.deepEqual(adopt(holding(data('c7'), data('c7', { maxLearners: 8 }), null)), {
      kind: 'decided',
      resourceVersion: '7',
      record: { phase: 'Formed', clusterUid: 'uid-1', generation: 2, maxLearners: 8, clusterId: 'c7' },
    });
  });

  it('is of generation 1 with one learner at a time where it was plain etcd’s', () => {
    const plain = data('c7', { generation: null, maxLearners: null });
    const plan = adopt(holding(plain, plain, plain));
    assert.deepEqual(plan.kind === 'decided' && plan.record, {
      phase: 'Formed',
      clusterUid: 'uid-1',
      generation: 1,
      maxLearners: 1,
      clusterId: 'c7',
    });
  });

  it('has to be named where it may be of several clusters', () => {
    assertWaits(
      adopt(holding(data('c7'), data('c8'), null)),
      /name the one that is meant, such as .*adopt=c7/,
    );
    assertWaits(
      adopt(holding(data('c7'), 'unreadable', null)),
      /cannot be read\..* name the one that is meant/,
    );
    assert.equal(adopt(holding(data('c7'), data('c8'), null), 'c8').kind, 'decided');
  });

  it('waits until every volume was looked at, unless it is named', () => {
    const unheard = holding(data('c7'), null, null).silent(1, 2);
    assertWaits(adopt(unheard), /Waiting for demo-1, demo-2\.$/);
    assert.equal(adopt(unheard, 'c7').kind, 'decided');
  });

  it('must be there, and be named as etcd does', () => {
    assertWaits(adopt(holding(null, null, null)), /There is no data to adopt\.$/);
    assertWaits(
      adopt(holding(data('c7'), null, null), 'c9'),
      /No volume is known to hold data of cluster c9\.$/,
    );
    assertWaits(adopt(holding(data('c7'), null, null), 'yes'), /adopt is "yes": write true, or the ID/);
  });

  it('does not start where its volumes note different limits of learners', () => {
    const mixed = holding(data('c7'), data('c7', { maxLearners: 1 }), null);
    assertWaits(adopt(mixed), /different limits of learners \(8, 1\)/);
  });
});

describe('old data that is discarded', () => {
  it('makes the formation begin anew, with leave to set data aside', () => {
    assert.deepEqual(discard(holding(data('c7'), data('c8'), 'unreadable')), {
      kind: 'decided',
      resourceVersion: '7',
      record: { phase: 'Unformed', clusterUid: 'uid-1', generation: 1, maxLearners: 8, discarding: true },
    });
  });

  it('is only what was named, or nothing is', () => {
    assert.equal(discard(holding(data('c7'), null, null), 'c7').kind, 'decided');
    assertWaits(
      discard(holding(data('c7'), data('c8'), null), 'c7'),
      /not only cluster c7: write .*discard=true/,
    );
    assertWaits(discard(holding(data('c7'), null, null).silent(1), 'c7'), /not only cluster c7/);
    assertWaits(discard(holding(data('c7'), null, null), '1/2'), /discard is "1\/2": write true/);
  });

  it('is not adopted at the same time', () => {
    const both = { [ADOPT_ANNOTATION]: 'true', [DISCARD_ANNOTATION]: 'true' };
    assertWaits(told(holding(data('c7'), null, null), both), /contradict each other: remove one\.$/);
  });
});
