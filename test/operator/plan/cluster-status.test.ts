import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blocked, forming, unformed } from '../../support/a-member-view.ts';
import {
  AnObservedCluster,
  aNewCluster,
  anObservedCluster,
  aRow,
  version,
} from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

type Case = readonly [situation: string, observed: AnObservedCluster, phase: string, message: RegExp];

const AUTH = { security: { auth: { enabled: true } } };
const TLS = { client: 'tls', peer: 'tls' } as const;
const whole = anObservedCluster(3);
const grown = anObservedCluster(5).remembering({ size: 3 });

/** A cluster of which two volumes are gone, and the third member waits for them. */
const bereft = whole
  .gated(1, 'QuorumLost', { hasData: false, members: [] })
  .gated(2, 'QuorumLost', { hasData: false, members: [] })
  .pod(0, { ready: false })
  .word(0, {
    etcd: { leaderId: null },
    decision: { kind: 'wait', reason: 'QuorumLost', message: 'It knows no leader.' },
  });

const CASES: readonly Case[] = [
  ['a spec and nothing else', aNewCluster(), 'Creating', /^No member has said anything yet\.$/],
  ['Pods that are just made', aNewCluster().set({ replicas: 3 }).starting(0, 1, 2), 'Creating', /^No member/],
  [
    'an image that does not exist',
    aNewCluster().set({ replicas: 3 }).starting(0, 1).stuck(2, 'ImagePullBackOff'),
    'Creating',
    /^demo-2: ImagePullBackOff: It cannot run\.$/,
  ],
  ['a seed at work', whole.unwritten().recorded(forming({ ordinal: 0 })), 'Creating', /./],
  [
    'a seed that has formed the cluster, and no other member yet',
    whole.unwritten().starting(1, 2).listing(aRow(0)),
    'Creating',
    /^Nothing was heard yet of demo-1, demo-2\.$/,
  ],
  ['all members for the first time', whole.unwritten(), 'Running', /^$/],
  ['all well', whole, 'Running', /^$/],
  [
    'an agent that is silent beside a member that serves',
    whole.silent(1),
    'Running',
    /^The agent of demo-1 does/,
  ],
  [
    'agents that are silent beside members that serve',
    whole.silent(1, 2),
    'Running',
    /^The agents of demo-1, demo-2 do/,
  ],
  // Scaling
  ['a larger size', whole.wanting({ size: 5 }), 'Scaling', /^3 Pods on the way to 5\.$/],
  [
    'members that join',
    grown.starting(3, 4).listing(aRow(0), aRow(1), aRow(2)),
    'Scaling',
    /^Nothing was heard/,
  ],
  [
    'members that join, seen again',
    grown
      .starting(3, 4)
      .listing(aRow(0), aRow(1), aRow(2))
      .written()
      .learner(3)
      .listing(aRow(0), aRow(1), aRow(2), aRow(3, 'Learner')),
    'Scaling',
    /^demo-3: CatchingUp: It is behind\.$/,
  ],
  [
    'members that leave',
    anObservedCluster(5).wanting({ size: 3 }).set({ replicas: 3 }).pod(3, { deleting: true }).withoutPod(4),
    'Scaling',
    /^demo-3: Serving/,
  ],
  [
    'a dead member that is still listed after it was scaled away',
    anObservedCluster(3).listing(aRow(0), aRow(1), aRow(2), aRow(3)),
    'Scaling',
    /^Waiting for demo-3 \(it is listed and has no Pod\)\.$/,
  ],
  ['shrinking that is held', anObservedCluster(5).silent(1).wanting({ size: 3 }), 'Scaling', /./],
  [
    'a voter lost while others still join',
    grown.starting(3, 4).listing(aRow(0), aRow(1), aRow(2)).written().withoutPod(1),
    'Recovering',
    /^1 of 3 voters does not serve: demo-1 \(it has no Pod\)\.$/,
  ],
  // Hibernation
  [
    'size 0 and Pods that stop',
    whole.wanting({ size: 0 }).set({ replicas: 0 }).pod(0, { deleting: true }),
    'Scaling',
    /./,
  ],
  ['size 0 before anything was done', whole.wanting({ size: 0 }), 'Scaling', /./],
  ['size 0', asleep(), 'Stopped', /^The size is 0: no member runs, and all data is kept\.$/],
  ['size 0 from the beginning', aNewCluster(0), 'Stopped', /^The size is 0/],
  ['waking', asleep().wanting({ size: 3 }), 'Scaling', /./],
  ['waking members', asleep().wanting({ size: 3 }).set({ replicas: 3 }).starting(0, 1, 2), 'Scaling', /./],
  [
    'waking members, seen again',
    asleep().wanting({ size: 3 }).set({ replicas: 3 }).starting(0, 1, 2).written().pod(0, { ready: true }),
    'Scaling',
    /./,
  ],
  // Upgrades
  [
    'a version to roll out',
    whole.wanting({ version: '3.7.3' }),
    'Upgrading',
    /^Going from 3\.6\.16 to 3\.7\.3\.$/,
  ],
  [
    'a template that Kubernetes has not taken up',
    whole.set({ updateRevision: null }),
    'Upgrading',
    /^Kubernetes has not taken up/,
  ],
  [
    'members of two versions',
    whole.set({ templateVersion: version('3.7.3'), updateRevision: 'r2' }).wanting({ version: '3.7.3' }),
    'Upgrading',
    /^Replacing demo-2, whose template is outdated: it follows\.$/,
  ],
  [
    'members of two versions before Kubernetes says so',
    whole
      .set({ templateVersion: version('3.7.3'), updateRevision: null })
      .wanting({ version: '3.7.3' })
      .starting(2),
    'Upgrading',
    /./,
  ],
  ['a template to roll out', whole.set({ updateRevision: 'r2' }), 'Upgrading', /^Replacing demo-2/],
  ['a step that etcd does not support', whole.wanting({ version: '3.5.35' }), 'Running', /does not go back/],
  // Faults
  [
    'a Pod deleted',
    whole.withoutPod(2),
    'Recovering',
    /^1 of 3 voters does not serve: demo-2 \(it has no Pod\)\.$/,
  ],
  [
    'a disk lost',
    whole.withoutPod(2).listing(aRow(0), aRow(1)).written().starting(2),
    'Recovering',
    /^Nothing was heard yet of demo-2\.$/,
  ],
  ['all Pods deleted', whole.written().starting(0, 1, 2), 'Recovering', /^3 of 3 voters do not serve/],
  [
    'a quorum lost',
    whole
      .written()
      .starting(1)
      .starting(2)
      .pod(0, { ready: false })
      .word(0, {
        etcd: { leaderId: null },
        decision: { kind: 'wait', reason: 'QuorumLost', message: 'It knows no leader.' },
      }),
    'Recovering',
    /^It knows no leader\. Nothing is changed until a quorum is back/,
  ],
  [
    'two of three volumes lost',
    bereft,
    'Failed',
    /^The volumes of demo-1, demo-2 are empty: 1 of 3 voters can still have/,
  ],
  [
    'a member that needs a human',
    whole.gated(2, 'VolumeFull'),
    'Recovering',
    /demo-2 \(VolumeFull\)\. demo-2: VolumeFull: It waits: VolumeFull\.$/,
  ],
  [
    'data that differs',
    whole.word(0, { decision: { kind: 'wait', reason: 'HashMismatch', message: 'Voters differ.' } }),
    'Running',
    /^demo-0: HashMismatch: Voters differ\.$/,
  ],
  [
    'a partition that only the leader sees',
    whole.word(0, { decision: { kind: 'wait', reason: 'MemberUnhealthy', message: 'a1 does not answer.' } }),
    'Running',
    /^demo-0: MemberUnhealthy: a1 does not answer\.$/,
  ],
  // Human faults
  ['a size that is even', whole.wanting({ size: 4 }), 'Failed', /^spec\.size: size must be odd/],
  [
    'authentication in plain text',
    whole.wanting(AUTH),
    'Failed',
    /^spec\.security: security\.auth\.enabled needs TLS for clients/,
  ],
  [
    'authentication that waits, while all members serve',
    whole.wanting({ security: { tls: {}, auth: { enabled: true } } }).set({ tls: TLS }),
    'Running',
    /^etcd’s authentication is turned on once its members serve\.$/,
  ],
  [
    'foreign data',
    aNewCluster().set({ replicas: 3 }).starting(0, 1, 2).recorded(blocked()),
    'Failed',
    /^Foreign data was found\. .* To go on with that data, annotate the EtcdCluster demo with etcd\.etcd\.io\/adopt=true; to set/,
  ],
  [
    'a record that makes no sense, and nobody who serves',
    aNewCluster().withRecord({ kind: 'unreadable', why: 'it is not JSON' }),
    'Failed',
    /\(it is not JSON\).*: correct it, or delete it together with the StatefulSet where there never was any data\.$/,
  ],
  [
    'a record that makes no sense while members serve',
    whole.withRecord({ kind: 'unreadable', why: 'it is not JSON' }),
    'Running',
    /\(it is not JSON\).*: delete it, and it is made anew for cluster c1\.$/,
  ],
  [
    'a record that is gone',
    whole.withRecord({ kind: 'absent' }),
    'Running',
    /\(it is gone\).*: it is made anew for cluster c1\.$/,
  ],
  [
    'a record that is gone before anybody knew of a cluster',
    aNewCluster().set({ replicas: 3 }).starting(0, 1, 2).withRecord({ kind: 'absent' }),
    'Failed',
    /\(it is gone\).*: write it again, Formed with the cluster ID where there is data, Unformed only/,
  ],
  ['no record yet', aNewCluster().withRecord({ kind: 'absent' }), 'Creating', /./],
  ['a pause', whole.wanting({ pause: true }), 'Running', /^spec\.pause is true/],
  [
    'a pause while the size differs',
    whole.wanting({ pause: true, size: 5 }),
    'Scaling',
    /^spec\.pause is true/,
  ],
  ['its deletion', bereft.called({ deletionTimestamp: '2026-01-01T00:00:00Z' }), 'Deleting', /./],
];

describe('the phase of a cluster', () => {
  for (const [situation, { status }, phase, message] of CASES) {
    it(`is ${phase} at ${situation}`, () => {
      assert.equal(status.phase, phase);
      assert.match(status.message ?? '', message);
    });
  }

  it('leaves Failed by itself once the cause is gone', () => {
    assert.equal(whole.wanting({ size: 4 }).written().wanting({ size: 3 }).status.phase, 'Running');
    const healed = bereft
      .written()
      .pod(0, { ready: true })
      .word(0, { etcd: { leaderId: 'a0' }, decision: { reason: 'Serving' } });
    assert.equal(healed.status.phase, 'Recovering');
    const unblocked = aNewCluster().recorded(blocked()).written().recorded(unformed());
    assert.equal(unblocked.status.phase, 'Creating');
  });

  it('is one for every cluster there can be', () => {
    fc.assert(
      fc.property(aTroubledCluster(), ({ status }) => {
        assert.ok(
          ['Running', 'Scaling', 'Upgrading', 'Recovering', 'Failed', 'Stopped'].includes(status.phase ?? ''),
        );
        assert.ok(status.phase === 'Running' || status.message !== undefined);
      }),
    );
  });
});

describe('the figures of a cluster', () => {
  it('are there from the first moment', () => {
    const { conditions, ...status } = aNewCluster().called({ uid: 'uid-1' }).status;
    assert.deepEqual(status, {
      phase: 'Creating',
      size: 3,
      currentReplicas: 0,
      readyReplicas: 0,
      clientEndpoints: [],
      members: [],
      message: 'No member has said anything yet.',
      targetVersion: 'v3.6.16',
      generation: 1,
      selector: 'app.kubernetes.io/instance=demo',
      observedGeneration: 1,
    });
    assert.equal(conditions?.length, 9);
  });

  it('tell where clients connect once there is something to connect to', () => {
    const { observed } = anObservedCluster();
    const { namespace: _, generation: __, ...metadata } = observed.cluster.metadata;
    const nameless = new AnObservedCluster({ ...observed, cluster: { ...observed.cluster, metadata } });
    assert.deepEqual(anObservedCluster().status.clientEndpoints, [
      'http://demo-client.default.svc.cluster.local:2379',
    ]);
    assert.deepEqual(nameless.status.clientEndpoints, ['http://demo-client.default.svc.cluster.local:2379']);
    assert.equal(nameless.status.observedGeneration, undefined);
  });

  it('keep the cluster’s ID and generation while the record says nothing', () => {
    const { clusterID, generation } = anObservedCluster().written().withRecord({ kind: 'absent' }).status;
    assert.deepEqual([clusterID, generation], ['c1', 1]);
  });

  it('count at no time more members that serve than Pods', () => {
    fc.assert(
      fc.property(aTroubledCluster(), ({ status, observed }) => {
        const deleting = observed.pods.filter((pod) => pod.deleting).length;
        assert.ok((status.readyReplicas ?? 0) <= (status.currentReplicas ?? 0) - deleting);
        const ready = status.members?.filter((row) => row.ready === true).length;
        assert.equal(status.readyReplicas, ready);
      }),
    );
  });
});

function asleep(): AnObservedCluster {
  return anObservedCluster(3).written().wanting({ size: 0 }).set({ replicas: 0 }).withoutPods().written();
}
