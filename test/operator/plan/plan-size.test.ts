import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isHealthyVoter } from '../../../src/operator/plan/member-health.ts';
import { planSize } from '../../../src/operator/plan/plan-size.ts';
import { forming, unformed as unformedRecord } from '../../support/a-member-view.ts';
import {
  AnObservedCluster,
  aNewCluster,
  anObservedCluster,
  aRow,
  NOW_MS,
  version,
} from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

type Case = readonly [behaviour: string, observed: AnObservedCluster, expected: string];

const unformed = aNewCluster(3).set({ replicas: 3 });
const stopped = anObservedCluster(5).written().withoutPods().set({ replicas: 0 });

/** Formation is blocked by old data on that many volumes. */
function blocked(pods: number, volumes: number): AnObservedCluster {
  return anObservedCluster(pods)
    .unwritten()
    .claiming(...Array.from({ length: volumes }, (_, ordinal) => ordinal))
    .recorded({ ...unformedRecord(), phase: 'Blocked', reason: 'ForeignData', message: 'Old.' });
}

const CASES: readonly Case[] = [
  ['makes a new cluster as large as it is wanted', aNewCluster(3), '3'],
  ['takes the default where the spec says nothing', sizeless(aNewCluster(1)), '3'],
  ['leaves a cluster of the wanted size alone', anObservedCluster(3), '3'],
  ['goes from 1 to 5 in one step', anObservedCluster(1).wanting({ size: 5 }), '5'],
  ['goes from 5 to 3 in one step', anObservedCluster(5).wanting({ size: 3 }), '3'],
  [
    'never leaves less than a quorum of those that are listed',
    anObservedCluster(5).wanting({ size: 1 }),
    '3 ScalingInSteps: from 5 to 1 by way of 3',
  ],
  [
    'goes on once those that left are no longer listed',
    anObservedCluster(5).set({ replicas: 3 }).withoutPod(3, 4).wanting({ size: 1 }),
    '3 ScalingInSteps: from 3 to 1 once those that have left',
  ],
  [
    'has the even numbers between for steps',
    anObservedCluster(3).wanting({ size: 1 }),
    '2 ScalingInSteps: from 3 to 1 by way of 2',
  ],
  [
    'does not take one that is just ending for one that keeps its vote',
    anObservedCluster(3)
      .set({ replicas: 2 })
      .pod(2, { deleting: true, endsByMs: NOW_MS - 1_000 })
      .silent(2)
      .wanting({ size: 1 }),
    '2 ScalingInSteps: from 2 to 1 once those that have left',
  ],
  [
    'takes it for one once its time to end is over',
    anObservedCluster(3)
      .set({ replicas: 2 })
      .pod(2, { deleting: true, endsByMs: NOW_MS - 10_000 })
      .silent(2)
      .wanting({ size: 1 }),
    '2 ScaleInUnsafe: demo-2 would keep a vote',
  ],
  ['goes from two to one at once: of two, each is needed', anObservedCluster(2).wanting({ size: 1 }), '1'],
  ['grows although a voter is down', anObservedCluster(3).starting(2).wanting({ size: 5 }), '5'],
  ['goes to 0 whatever is down', anObservedCluster(3).starting(0, 1, 2).wanting({ size: 0 }), '0'],
  [
    'turns round while it grows: those that joined leave again',
    anObservedCluster(5).starting(3, 4).listing(aRow(0), aRow(1), aRow(2)).wanting({ size: 3 }),
    '3',
  ],
  [
    'turns round while it shrinks',
    anObservedCluster(5).set({ replicas: 3 }).pod(4, { deleting: true }).wanting({ size: 7 }),
    '7',
  ],
  // Shrinking is held while one that stays is not well …
  [
    'holds shrinking while a voter that stays is down',
    anObservedCluster(5).gated(1, 'EtcdStarting').wanting({ size: 3 }),
    '5 ScaleInUnsafe: demo-1 (EtcdStarting) is not a healthy voter',
  ],
  [
    'holds shrinking while a Pod that stays is missing',
    anObservedCluster(5).withoutPod(0, 2).wanting({ size: 3 }),
    '5 ScaleInUnsafe: demo-0 (it has no Pod), demo-2 (it has no Pod) are not',
  ],
  [
    'holds shrinking while an agent that stays is silent: unknown is not healthy',
    anObservedCluster(5).silent(1).wanting({ size: 3 }),
    '5 ScaleInUnsafe: demo-1 (its agent does not answer)',
  ],
  [
    'holds shrinking while nobody was heard',
    anObservedCluster(3)
      .pod(0, { agent: { kind: 'never' } })
      .wanting({ size: 1 }),
    '3 ScaleInUnsafe: demo-0 (its agent was not heard yet)',
  ],
  [
    'holds shrinking while a member that stays only learns again',
    anObservedCluster(5).learner(1).wanting({ size: 3 }),
    '5 ScaleInUnsafe: demo-1 (CatchingUp)',
  ],
  [
    'holds shrinking while a member runs in another cluster',
    anObservedCluster(5)
      .word(1, { etcd: { clusterId: 'cf' } })
      .wanting({ size: 3 }),
    '5 ScaleInUnsafe: demo-1 (Serving)',
  ],
  // … but never for those that leave
  ['shrinks while the sick one leaves', anObservedCluster(5).starting(4).wanting({ size: 3 }), '3'],
  [
    'does not shrink where so many are sick that nobody can leave',
    anObservedCluster(3).gated(1, 'VolumeFull').gated(2, 'VolumeFull').wanting({ size: 1 }),
    '3 ScaleInUnsafe: demo-1 (VolumeFull)',
  ],
  [
    'shrinks to one while the other waits for a node',
    anObservedCluster(3).stuck(1, 'Unschedulable').pod(1, { nodeName: undefined }).wanting({ size: 1 }),
    '1',
  ],
  [
    'does not wait for Pods that were never members where no voter leaves',
    anObservedCluster(5)
      .stuck(2, 'Unschedulable')
      .stuck(3, 'Unschedulable')
      .stuck(4, 'Unschedulable')
      .listing(aRow(0), aRow(1))
      .wanting({ size: 3 }),
    '3',
  ],
  [
    'waits for them where a voter leaves, whatever the list says of it',
    anObservedCluster(5)
      .stuck(2, 'Unschedulable')
      .listing(aRow(0), aRow(1), aRow(3, 'Learner'))
      .wanting({ size: 3 }),
    '5 ScaleInUnsafe: demo-2 (Unschedulable)',
  ],
  [
    'goes from 5 to 3 although both that leave may linger on nodes that are lost',
    anObservedCluster(5).silent(3, 4).wanting({ size: 3 }),
    '3',
  ],
  [
    'does not go from 3 to 1 while one that leaves may linger: 1 of 2 would be no quorum',
    anObservedCluster(3).silent(1).wanting({ size: 1 }),
    '3 ScaleInUnsafe: demo-1 would keep a vote',
  ],
  [
    'counts a voter of another name as one that lingers',
    anObservedCluster(3)
      .listing(aRow(0), aRow(1), aRow(2), { ...aRow(3), name: 'adopted', id: 'af' })
      .wanting({ size: 1 }),
    '3 ScaleInUnsafe: adopted would keep a vote',
  ],
  // Before a cluster is formed nobody votes
  ['shrinks what was never formed', unformed.starting(0, 1, 2).wanting({ size: 1 }), '1'],
  ['shrinks while a seed that stays forms', seeding(0), '1'],
  ['does not take the seed away', seeding(2), '3 ScaleInUnsafe: demo-2 would leave'],
  [
    'holds shrinking where the record says nothing',
    unformed.starting(0, 1, 2).withRecord({ kind: 'absent' }).wanting({ size: 1 }),
    '3 ScaleInUnsafe: demo-0',
  ],
  // Hibernation
  ['stays at 0', stopped.wanting({ size: 0 }), '0'],
  ['comes back as it was', stopped, '5'],
  ['comes back larger in one step', stopped.wanting({ size: 7 }), '7'],
  [
    'comes back smaller only after all members have resumed',
    stopped.wanting({ size: 1 }),
    '5 ResumingMembers: members up to demo-4',
  ],
  [
    'does the same for a set that somebody has deleted',
    stopped.withoutSet().wanting({ size: 3 }),
    '5 ResumingMembers: members up to demo-4',
  ],
  [
    'does not resume who only learned',
    anObservedCluster(3)
      .learner(1)
      .learner(2)
      .listing(aRow(0), aRow(1, 'Learner'), aRow(2, 'Learner'))
      .written()
      .withoutPods()
      .set({ replicas: 0 })
      .wanting({ size: 1 }),
    '1',
  ],
  [
    'goes by the volumes where nobody remembers the members',
    stopped.unwritten().wanting({ size: 3 }),
    '5 ResumingMembers: members up to demo-4',
  ],
  ['makes what has no volumes either', stopped.unwritten().claiming().wanting({ size: 3 }), '3'],
  [
    'does not go by members of an earlier cluster',
    stopped.recorded(unformedRecord()).wanting({ size: 3 }),
    '3',
  ],
  // Old data
  [
    'lets a Pod look at every old volume before anybody decides',
    blocked(3, 5).wanting({ size: 1 }),
    '5 SurveyingVolumes: up to that of demo-4',
  ],
  ['makes as many as are wanted where fewer volumes are old', blocked(0, 1).wanting({ size: 3 }), '3'],
  ['hibernates all the same', blocked(3, 5).wanting({ size: 0 }), '0'],
  // Members of two versions
  [
    'does not grow while members of two versions run',
    rolling(anObservedCluster(3)).wanting({ size: 5 }),
    '3 UpgradeUnderWay: from 3 to 5 once',
  ],
  [
    'does not shrink while members of two versions run',
    rolling(anObservedCluster(5)).wanting({ size: 3 }),
    '5 UpgradeUnderWay: from 5 to 3 once',
  ],
  [
    'shrinks where the rollout waits for one that leaves',
    rolling(anObservedCluster(5)).stuck(4, 'ImagePullBackOff').wanting({ size: 3 }),
    '3',
  ],
  ['goes to 0 in the middle of a rollout', rolling(anObservedCluster(3)).wanting({ size: 0 }), '0'],
  [
    'scales while only the template differs, not the version',
    anObservedCluster(3).set({ updateRevision: 'r2' }).wanting({ size: 5 }),
    '5',
  ],
  [
    'scales what was never formed, whatever versions were tried',
    rolling(unformed.starting(0, 1, 2)).wanting({ size: 5 }),
    '5',
  ],
];

describe('the size of the set', () => {
  for (const [behaviour, { plan }, expected] of CASES) {
    it(`${behaviour}: ${expected.split(':')[0]}`, () => {
      const { replicas, held } = plan.size;
      const [word = '', said = ''] = expected.split(': ');
      assert.equal(held === undefined ? `${replicas}` : `${replicas} ${held.reason}`, word);
      assert.ok((held?.message ?? '').includes(said), held?.message);
      assert.match(held?.message ?? '.', /\.$/);
    });
  }

  it('never shrinks below a healthy majority of those that could still vote', () => {
    fc.assert(
      fc.property(aTroubledCluster(), fc.boolean(), ({ observed }, isVersionRolling) => {
        const { replicas } = planSize(observed, isVersionRolling);
        const before = observed.statefulSet?.replicas ?? 0;
        if (replicas === 0 || replicas >= before) {
          return;
        }
        const leaving = observed.pods.filter((pod) => pod.ordinal >= replicas);
        const unreachable = leaving.filter(
          ({ nodeName, agent }) => nodeName !== undefined && !(agent.kind === 'heard' && agent.reachable),
        ).length;
        const voters = replicas + unreachable;
        const healthy = observed.pods.filter(
          (pod) => pod.ordinal < replicas && isHealthyVoter(observed, pod),
        ).length;
        assert.ok(healthy >= Math.floor(voters / 2) + 1, `${healthy} of ${voters}`);
      }),
    );
  });

  it('is the size that is wanted, that there is, that there was, or a step on the way', () => {
    fc.assert(
      fc.property(aTroubledCluster(), fc.boolean(), ({ observed }, isVersionRolling) => {
        const { replicas, held } = planSize(observed, isVersionRolling);
        const { size } = observed.cluster.spec;
        assert.ok(replicas === size || held !== undefined);
        const known = [size, observed.statefulSet?.replicas, observed.claims.length];
        assert.ok(known.includes(replicas) || held?.reason === 'ScalingInSteps');
      }),
    );
  });
});

function sizeless({ observed }: AnObservedCluster): AnObservedCluster {
  const { size: _, ...spec } = observed.cluster.spec;
  return new AnObservedCluster({ ...observed, cluster: { ...observed.cluster, spec } });
}

function seeding(ordinal: number): AnObservedCluster {
  return unformed.starting(0, 1, 2).recorded(forming({ ordinal })).wanting({ size: 1 });
}

/** Ordinal 0 is the only one of the template's version. */
function rolling(cluster: AnObservedCluster): AnObservedCluster {
  return cluster.set({ templateVersion: version('3.7.3'), updateRevision: 'r2' }).pod(0, {
    version: version('3.7.3'),
    revision: 'r2',
  });
}
