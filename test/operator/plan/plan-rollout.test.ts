import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isHealthyVoter } from '../../../src/operator/plan/member-health.ts';
import { isRollingOut, planRollout, type RolloutPlan } from '../../../src/operator/plan/plan-rollout.ts';
import { gapsOf } from '../../../src/operator/plan/wholeness.ts';
import { type AnObservedCluster, anObservedCluster, aRow } from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

type Case = readonly [behaviour: string, observed: AnObservedCluster, expected: string];

const CASES: readonly Case[] = [
  ['has nothing to do where every Pod is of the template', anObservedCluster(3), 'complete'],
  ['has nothing to do without a set', edited(3).withoutSet(), 'complete'],
  ['has nothing to do in hibernation', edited(3).set({ replicas: 0 }), 'complete'],
  [
    'does not mind Pods that leave',
    anObservedCluster(3).pod(3, { revision: 'r1', deleting: true }),
    'complete',
  ],
  ['waits for Kubernetes to say what is new', anObservedCluster(3).set({ updateRevision: null }), 'unseen'],
  ['waits while the set is being deleted', edited(3).set({ deleting: true }), 'unseen'],
  ['begins with the highest follower', edited(3), 'replace demo-2: it follows'],
  ['goes on with the next follower', edited(3, 2), 'replace demo-1: it follows'],
  ['replaces the leader last', edited(3, 1, 2), 'replace demo-0: it leads'],
  ['replaces the leader last wherever it is', ledBy(2, edited(3)), 'replace demo-1: it follows'],
  [
    'goes by the newest term while an old leader still thinks it leads',
    ledBy(2, edited(3)).word(0, { etcd: { leaderId: 'a2', raftTerm: '1' } }),
    'replace demo-1: it follows',
  ],
  [
    'waits while members do not agree who leads',
    edited(3).word(1, { etcd: { leaderId: 'a2', raftTerm: '3' } }),
    'waiting for the members to agree',
  ],
  ['replaces the only member, which stops the cluster for a moment', edited(1), 'replace demo-0: so few'],
  ['replaces the first of two', edited(2), 'replace demo-1: so few'],
  ['replaces the second of two once the first is back', edited(2, 1), 'replace demo-0: so few'],
  [
    'waits for the first of two to be back',
    edited(2, 1).starting(1),
    'waiting for demo-1 (its agent was not',
  ],
  // One at a time
  [
    'waits until the Pod it has deleted is gone',
    edited(3).pod(2, { deleting: true }),
    'waiting for demo-2 (its Pod is being deleted)',
  ],
  ['waits until the new Pod is there', edited(3).withoutPod(2), 'waiting for demo-2 (it has no Pod)'],
  ['waits until the new Pod serves', edited(3, 2).gated(2, 'OwnData'), 'waiting for demo-2 (OwnData)'],
  [
    'waits until the new Pod is ready, too',
    edited(3, 2).pod(2, { ready: false }),
    'waiting for demo-2 (its Pod is not ready)',
  ],
  [
    'waits for a member that rejoins',
    edited(3, 2).learner(2).listing(aRow(0), aRow(1), aRow(2, 'Learner')),
    'waiting for demo-2 (CatchingUp)',
  ],
  [
    'waits for a member that is still listed as it spoke before',
    edited(3, 2).pod(2, { tls: { client: 'tls', peer: 'tls' } }),
    'waiting for demo-2 (the peer URL that it is listed with is not yet the one it serves)',
  ],
  [
    'goes on once a member is listed as it speaks',
    edited(3, 2)
      .pod(2, { tls: { client: 'tls', peer: 'tls' } })
      .listing(aRow(0), aRow(1), {
        ...aRow(2),
        peerUrl: 'https://demo-2.demo-peer.shop.svc.cluster.local:2380',
      }),
    'replace demo-1: it follows',
  ],
  [
    'waits for an agent that is silent',
    edited(3).silent(1),
    'waiting for demo-1 (its agent does not answer)',
  ],
  [
    'waits for a member that joins',
    edited(3).set({ replicas: 5 }),
    'waiting for demo-3 (it has no Pod), demo-4 (it has no Pod)',
  ],
  [
    'waits for a member that leaves',
    edited(3).set({ replicas: 2 }).pod(2, { deleting: true }),
    'waiting for demo-2 (its Pod is leaving)',
  ],
  [
    'waits for a dead voter without a Pod, which still counts',
    edited(3).listing(aRow(0), aRow(1), aRow(2), aRow(3)),
    'waiting for demo-3 (it is listed and has no Pod)',
  ],
  [
    'restarts nobody while members hold different data',
    edited(3).word(0, { decision: { kind: 'wait', reason: 'HashMismatch' } }),
    'members hold different data, so none is restarted (HashMismatch)',
  ],
  // A template that does not work is corrected
  [
    'replaces a Pod whose image does not exist at once',
    edited(3, 2).set({ updateRevision: 'r3' }).stuck(2, 'ImagePullBackOff'),
    'replace demo-2: it does not serve as it is',
  ],
  [
    'replaces a Pod that finds no node although another voter is down',
    edited(3, 2).set({ updateRevision: 'r3' }).stuck(2, 'Unschedulable').starting(0),
    'replace demo-2: it does not serve',
  ],
  [
    'replaces all Pods of a new cluster that cannot run, one after another',
    edited(3).stuck(0, 'ErrImagePull').stuck(1, 'ErrImagePull').pod(2, { deleting: true }),
    'replace demo-1: it does not serve',
  ],
  [
    'replaces a Pod whose agent waits for what only another template gives',
    edited(3).gated(1, 'VolumeUnreadable').silent(2),
    'replace demo-1: it does not serve',
  ],
  [
    'replaces a crashing agent beside an etcd that serves, when all others are well',
    edited(3)
      .silent(1)
      .pod(1, { trouble: { reason: 'CrashLoopBackOff', message: '' } }),
    'replace demo-1: it does not serve',
  ],
  [
    'does not take its serving etcd away while another voter is down',
    edited(3)
      .silent(1)
      .pod(1, { trouble: { reason: 'CrashLoopBackOff', message: '' } })
      .starting(2),
    'waiting for demo-1 (CrashLoopBackOff), demo-2',
  ],
  [
    'replaces the only Pod that does not serve, though its etcd runs',
    edited(3)
      .pod(1, { ready: false })
      .word(1, { etcd: { state: 'starting' } }),
    'replace demo-1: it does not serve',
  ],
  [
    'leaves such a Pod while another is down: two may be what quorum needs',
    edited(3)
      .pod(1, { ready: false })
      .word(1, { etcd: { state: 'starting' } })
      .silent(2),
    'waiting for demo-1 (Serving), demo-2',
  ],
  [
    'does not go out of turn for a probe that failed while the agent says that it serves',
    edited(3).pod(0, { ready: false }),
    'waiting for demo-0 (its Pod is not ready)',
  ],
  [
    'does not go out of turn for an agent that just restarts',
    edited(3).silent(0),
    'waiting for demo-0 (its agent does not answer)',
  ],
];

describe('a rollout', () => {
  for (const [behaviour, { observed }, expected] of CASES) {
    it(`${behaviour}: ${expected}`, () => {
      const plan = planRollout(observed);
      assert.ok(wordsOf(plan).includes(expected), wordsOf(plan));
      assert.equal(isRollingOut(plan), /^(replace|waiting|members)/.test(expected));
    });
  }

  it('never takes a voter away while anything else is amiss', () => {
    fc.assert(
      fc.property(aTroubledCluster(), ({ observed }) => {
        const plan = planRollout(observed);
        if (plan.kind !== 'replace') {
          return;
        }
        const { pod } = plan;
        assert.ok(!pod.deleting, 'what is being deleted already is not deleted again');
        assert.notEqual(pod.revision, observed.statefulSet?.updateRevision);
        const others = gapsOf(observed).filter((gap) => gap.pod !== pod);
        const takesAway = pod.ready || isHealthyVoter(observed, pod);
        assert.ok(!takesAway || others.length === 0, others.map(({ name }) => name).join());
      }),
    );
  });

  it('starts once more whose log is too old for the version that is wanted: followers first, none while anything is amiss', () => {
    const old = anObservedCluster(3)
      .wanting({ version: '3.7.3' })
      .word(0, { log: 'old' })
      .word(1, { log: 'old' });
    assert.match(
      messageOf(old.plan.rollout),
      /^Replacing demo-1, whose log etcd 3\.5 wrote in part: it follows/,
    );
    assert.match(messageOf(old.starting(2).plan.rollout), /^$/);
    const next = old.word(1, { log: 'clean' });
    assert.match(messageOf(next.plan.rollout), /^Replacing demo-0, .* it leads, so it is the last/);
    assert.equal(next.word(0, { log: 'clean' }).plan.rollout.kind, 'complete');
  });

  it('replaces the leader only when all others are of the template', () => {
    fc.assert(
      fc.property(aTroubledCluster(), ({ observed }) => {
        const plan = planRollout(observed);
        if (plan.kind === 'replace' && plan.pod.ordinal === 0 && isHealthyVoter(observed, plan.pod)) {
          const outdated = observed.pods.filter(({ revision }) => revision !== 'r2');
          assert.deepEqual(outdated, [plan.pod]);
        }
      }),
    );
  });
});

function wordsOf(plan: RolloutPlan): string {
  switch (plan.kind) {
    case 'replace':
      return `replace ${plan.pod.name}: ${plan.message.split(': ')[1]}`;
    case 'waiting':
      return plan.message;
    default:
      return plan.kind;
  }
}

/** The template was edited; these ordinals are of the new one already. */
function edited(size: number, ...renewed: readonly number[]): AnObservedCluster {
  let next = anObservedCluster(size).set({ updateRevision: 'r2' });
  for (const ordinal of renewed) {
    next = next.pod(ordinal, { revision: 'r2' });
  }
  return next;
}

function ledBy(ordinal: number, cluster: AnObservedCluster): AnObservedCluster {
  let next = cluster;
  for (const pod of cluster.observed.pods) {
    next = next.word(pod.ordinal, { etcd: { leaderId: `a${ordinal}` } });
  }
  return next;
}

function messageOf(plan: RolloutPlan): string {
  return 'message' in plan ? plan.message : '';
}
