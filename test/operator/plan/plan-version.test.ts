import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatEtcdVersion } from '../../../src/model/etcd-version.ts';
import { isVersionRolling, planVersion } from '../../../src/operator/plan/plan-version.ts';
import { versionStep } from '../../../src/operator/plan/version-step.ts';
import { blocked, forming } from '../../support/a-member-view.ts';
import {
  AnObservedCluster,
  aNewCluster,
  anObservedCluster,
  aRow,
  version,
} from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

type Case = readonly [behaviour: string, observed: AnObservedCluster, expected: string];

const stopped = anObservedCluster(3).written().withoutPods().set({ replicas: 0 });

const CASES: readonly Case[] = [
  ['takes what is wanted for a new cluster', aNewCluster().wanting({ version: 'v3.7.3' }), '3.7.3'],
  ['takes the default where the spec says nothing', versionless(aNewCluster()), '3.6.16'],
  ['stays where nothing changes', anObservedCluster(), '3.6.16 of 3.6.16'],
  ['goes to a newer patch', wanting('3.6.17'), '3.6.17 of 3.6.16'],
  ['goes back to an older patch', wanting('3.6.15'), '3.6.15 of 3.6.16'],
  ['goes to the next minor', wanting('3.7.3'), '3.7.3 of 3.6.16'],
  ['refuses to go back a minor', wanting('3.5.35'), '3.6.16 of 3.6.16 StepNotSupported'],
  [
    'judges by the lowest version that runs',
    wanting('3.7.3').word(2, { etcd: { version: '3.6.10' } }),
    '3.6.16 of 3.6.10 StepNotSupported',
  ],
  ['keeps what there is while the spec makes no sense', wanting('3.6.1000'), '3.6.16 of 3.6.16'],
  [
    'takes any where nothing is known and nothing is made',
    aNewCluster().wanting({ version: '3.6.x' }),
    '3.5.0',
  ],
  // Only from a whole cluster of the wanted size
  [
    'waits for a size that was edited with it',
    wanting('3.7.3').wanting({ size: 5 }),
    '3.6.16 of 3.6.16 ScalingUnderWay',
  ],
  [
    'waits while members still join',
    wanting('3.7.3').wanting({ size: 5 }).set({ replicas: 5 }).starting(3, 4),
    '3.6.16 of 3.6.16 MembersUnhealthy',
  ],
  [
    'waits while members still leave',
    wanting('3.7.3').pod(3, { deleting: true }),
    '3.6.16 of 3.6.16 ScalingUnderWay',
  ],
  ['waits while a voter is down', wanting('3.7.3').starting(1), '3.6.16 of 3.6.16 MembersUnhealthy'],
  ['waits while an agent is silent', wanting('3.7.3').silent(1), '3.6.16 of 3.6.16 MembersUnhealthy'],
  [
    'waits for a node that takes the Pod, which no version gives',
    wanting('3.7.3').stuck(2, 'Unschedulable'),
    '3.6.16 of 3.6.16 MembersUnhealthy',
  ],
  [
    'waits for members to resume after hibernation',
    stopped.wanting({ version: '3.7.3' }),
    '3.6.16 of 3.6.16 ScalingUnderWay',
  ],
  [
    'makes a set that somebody has deleted as it was',
    stopped.withoutSet().wanting({ version: '3.7.3' }),
    '3.6.16 of 3.6.16 ScalingUnderWay',
  ],
  ['changes at once in hibernation', stopped.wanting({ size: 0, version: '3.7.3' }), '3.7.3 of 3.6.16'],
  [
    'takes no second step in hibernation before anybody ran the first',
    stopped.remembering({ version: 'v3.5.35' }).wanting({ size: 0, version: '3.7.3' }),
    '3.6.16 of 3.5.35 StepNotSupported',
  ],
  [
    'waits for members to wake where nobody knows what they ran',
    stopped.unwritten().wanting({ size: 0, version: '3.7.3' }),
    '3.6.16 MembersUnhealthy',
  ],
  // What 3.5 left in logs, 3.7 dies of
  [
    'first has a log cleaned that 3.5 wrote in part',
    wanting('3.7.3').word(1, { log: 'old' }),
    '3.6.16 of 3.6.16 LogsTooOld',
  ],
  ['does not mind such a log on 3.6', wanting('3.6.17').word(1, { log: 'old' }), '3.6.17 of 3.6.16'],
  [
    'waits for agents to say that their logs are clean',
    wanting('3.7.3').silentAboutLog(1),
    '3.6.16 of 3.6.16 LogsTooOld',
  ],
  [
    'does not wait for the log of one that is no member',
    wanting('3.7.3').listing(aRow(0), aRow(1)).silentAboutLog(2),
    '3.7.3 of 3.6.16',
  ],
  [
    'looks at logs in the middle of another rollout, too',
    wanting('3.7.3')
      .pod(2, { version: version('3.6.15') })
      .word(1, { log: 'old' }),
    '3.6.16 of 3.6.16 LogsTooOld',
  ],
  // Corrections do not wait
  [
    'corrects an image that does not exist for a new cluster, whichever way',
    aNewCluster()
      .wanting({ version: '3.6.16' })
      .set({ templateVersion: version('3.7.99') })
      .stuck(0, 'ImagePullBackOff')
      .stuck(1, 'ImagePullBackOff')
      .stuck(2, 'ImagePullBackOff'),
    '3.6.16',
  ],
  [
    'corrects it in the middle of a rollout',
    halfway('3.7.99').wanting({ version: '3.7.3' }),
    '3.7.3 of 3.6.16',
  ],
  [
    'goes back in the middle of a rollout',
    halfway('3.7.99').wanting({ version: '3.6.16' }),
    '3.6.16 of 3.6.16',
  ],
  [
    'corrects it although a size was edited, too',
    halfway('3.7.99').wanting({ version: '3.7.3', size: 5 }),
    '3.7.3 of 3.6.16',
  ],
  [
    'does not step on before all members have come along',
    halfway('3.7.3').remembering({ version: 'v3.6.16' }).withoutPod(0, 1).wanting({ version: '3.8.0' }),
    '3.7.3 of 3.6.16 StepNotSupported',
  ],
  [
    'corrects an image that is gone from its registry although members are missing',
    wanting('3.6.17').stuck(2, 'ImagePullBackOff'),
    '3.6.17 of 3.6.16',
  ],
  [
    'corrects it although the cluster is to grow',
    wanting('3.6.17').wanting({ size: 5 }).set({ replicas: 4 }).stuck(3, 'ImagePullBackOff'),
    '3.6.17 of 3.6.16',
  ],
  [
    'corrects it after hibernation although others than those that come back are listed',
    stopped.wanting({ size: 1, version: '3.6.17' }).set({ replicas: 1 }).stuck(0, 'ImagePullBackOff'),
    '3.6.17 of 3.6.16',
  ],
  // What nobody says
  [
    'goes by the Pods of a formed cluster whose agents were never heard',
    wanting('3.5.35')
      .silent(0, 1, 2)
      .remembering({})
      .pod(0, { agent: { kind: 'never' } }),
    '3.6.16 of 3.6.16 StepNotSupported',
  ],
  [
    'goes by the template where not even Pods are ready',
    anObservedCluster(1)
      .remembering({})
      .starting(0)
      .pod(0, { version: undefined })
      .wanting({ version: '3.5.35' }),
    '3.6.16 of 3.6.16 StepNotSupported',
  ],
  [
    'has no version to judge by while data is nobody’s',
    wanting('3.5.35').recorded(blocked()),
    '3.5.35 of 3.6.16',
  ],
  [
    'has none while nobody knows whether anything was formed',
    aNewCluster().withRecord({ kind: 'absent' }).wanting({ version: '3.5.35' }),
    '3.5.35',
  ],
  [
    'judges a seed by what it runs',
    wanting('3.5.35').recorded(forming()),
    '3.6.16 of 3.6.16 StepNotSupported',
  ],
];

describe('the version of the template', () => {
  for (const [behaviour, { observed }, expected] of CASES) {
    it(`${behaviour}: ${expected}`, () => {
      const plan = planVersion(observed);
      const running = plan.running === undefined ? [] : ['of', formatEtcdVersion(plan.running)];
      const because = plan.blocked === undefined ? [] : [plan.blocked.reason];
      assert.equal([formatEtcdVersion(plan.version), ...running, ...because].join(' '), expected);
      assert.match(plan.blocked?.message ?? '.', /\.$/);
    });
  }

  it('falls back to what nobody has said only where the template says nothing', () => {
    const { observed } = anObservedCluster(1).remembering({ version: 'no version' }).starting(0);
    assert.equal(planVersion(observed).running, undefined);
  });

  it('is raised only once every member runs it', () => {
    const oneLeft = halfway('3.7.3').remembering({ version: 'v3.6.16' }).starting(0);
    assert.equal(oneLeft.status.version, 'v3.6.16');
    const allCame = oneLeft.pod(0, { ready: true, version: version('3.7.3') });
    const last = allCame
      .pod(1, { version: version('3.7.3') })
      .word(1, { etcd: { version: '3.7.3' } })
      .pod(2, { ready: true });
    assert.equal(last.status.version, 'v3.7.3');
  });

  it('never changes by a step that etcd does not support', () => {
    fc.assert(
      fc.property(aTroubledCluster(), ({ observed }) => {
        const { version: next, running } = planVersion(observed);
        const template = observed.statefulSet?.templateVersion;
        const isChange = template !== undefined && formatEtcdVersion(template) !== formatEtcdVersion(next);
        if (isChange && running !== undefined) {
          assert.notEqual(versionStep(running, next).kind, 'blocked');
        }
      }),
    );
  });
});

describe('members of two versions', () => {
  it('are there while a Pod was made for another version than the template', () => {
    assert.equal(isVersionRolling(halfway('3.7.3').observed), true);
    assert.equal(isVersionRolling(anObservedCluster().observed), false);
    assert.equal(isVersionRolling(aNewCluster().observed), false);
  });

  it('are not told by Pods that leave, or by those that do not say', () => {
    const leaving = anObservedCluster().pod(3, { version: version('3.7.3') });
    assert.equal(isVersionRolling(leaving.observed), false);
    assert.equal(isVersionRolling(anObservedCluster().pod(1, { version: undefined }).observed), false);
  });
});

function versionless({ observed }: AnObservedCluster): AnObservedCluster {
  const { version: _, ...spec } = observed.cluster.spec;
  return new AnObservedCluster({ ...observed, cluster: { ...observed.cluster, spec } });
}

function wanting(text: string): AnObservedCluster {
  return anObservedCluster(3).wanting({ version: text });
}

/** Ordinal 2 was replaced, and does not come up. */
function halfway(text: string): AnObservedCluster {
  return anObservedCluster(3)
    .set({ templateVersion: version(text), updateRevision: 'r2' })
    .stuck(2, 'ImagePullBackOff')
    .pod(2, { version: version(text), revision: 'r2' })
    .listing(aRow(0), aRow(1), aRow(2));
}
