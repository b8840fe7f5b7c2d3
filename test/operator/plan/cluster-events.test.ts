import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { REASONS } from '../../../src/model/reason.ts';
import { clusterEvents } from '../../../src/operator/plan/cluster-events.ts';
import { EVENT_REASONS } from '../../../src/operator/plan/event-reasons.ts';
import { statusChange } from '../../../src/operator/plan/status-change.ts';
import { unformed } from '../../support/a-member-view.ts';
import {
  type AnObservedCluster,
  aNewCluster,
  anObservedCluster,
  aRow,
  NOW_MS,
  version,
} from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

const whole = anObservedCluster(3);
const leaderless = {
  etcd: { leaderId: null },
  decision: { reason: 'QuorumLost', message: 'It knows no leader.' },
};
const upgraded = (cluster: AnObservedCluster, ...ordinals: readonly number[]): AnObservedCluster =>
  ordinals.reduce(
    (next, ordinal) =>
      next
        .pod(ordinal, { version: version('3.7.3'), revision: 'r2' })
        .word(ordinal, { etcd: { version: '3.7.3' } }),
    cluster.wanting({ version: '3.7.3' }).set({ templateVersion: version('3.7.3'), updateRevision: 'r2' }),
  );

/** Events between one state and the next, as `type reason: message`. */
function between(before: AnObservedCluster, after: AnObservedCluster): readonly string[] {
  const last = before.written().observed.cluster.status ?? {};
  return clusterEvents(last, after.after(last).status).map(
    ({ type, reason, message }) => `${type} ${reason}: ${message}`,
  );
}

type Case = readonly [news: string, AnObservedCluster, AnObservedCluster, readonly string[]];

const CASES: readonly Case[] = [
  ['nothing', whole, whole, []],
  ['figures', whole, whole.word(1, { etcd: { raftIndex: '5' } }), []],
  ['sentences', whole.learner(2), whole.learner(2).word(2, { decision: { message: 'It is nearer.' } }), []],
  ['the waits of a member that joins', whole.gated(2, 'JoinTurn'), whole.gated(2, 'OwnNameUnpublished'), []],
  ['a phase', whole, whole.withoutPod(2), ['Normal PhaseChanged: Running, now Recovering.']],
  [
    'a failure',
    whole,
    whole.wanting({ size: 4 }),
    [
      'Normal ScalingStarted: Size 4 is wanted, after 3.',
      'Warning ClusterFailed: spec.size: size must be odd (1, 3, 5, 7, 9), or 0 to hibernate: an even number survives no more failures than one member less; use the next odd number. Until then nothing is changed.',
    ],
  ],
  [
    'a quorum lost',
    whole.starting(1, 2).pod(0, { ready: false }),
    whole.starting(1, 2).pod(0, { ready: false }).word(0, leaderless),
    [
      'Warning QuorumLost: It knows no leader. Nothing is changed until a quorum is back: bring its Pods and volumes back.',
    ],
  ],
  [
    'another leader',
    whole,
    whole
      .word(0, { etcd: { leaderId: 'a2' } })
      .word(1, { etcd: { leaderId: 'a2' } })
      .word(2, { etcd: { leaderId: 'a2' } }),
    ['Normal LeaderChanged: demo-2 (a2) leads, after demo-0.'],
  ],
  [
    'a leader after a moment without one',
    whole.word(0, leaderless).word(1, leaderless).word(2, leaderless),
    whole,
    ['Normal LeaderChanged: demo-0 (a0) leads.'],
  ],
  [
    'a leader that nobody knows a name of',
    whole,
    whole
      .word(0, { etcd: { leaderId: 'af' } })
      .word(1, { etcd: { leaderId: 'af' } })
      .word(2, { etcd: { leaderId: 'af' } }),
    ['Normal LeaderChanged: a member without a Pod (af) leads, after demo-0.'],
  ],
  ['a new size', whole, whole.wanting({ size: 5 }), ['Normal ScalingStarted: Size 5 is wanted, after 3.']],
  [
    'a size that has to wait',
    whole.silent(0),
    whole.silent(0).wanting({ size: 1 }),
    [
      'Normal ScalingStarted: Size 1 is wanted, after 3.',
      'Warning ScalingHeld: Not going from 3 to 1: of those that stay, demo-0 (its agent does not answer) is not a healthy voter.',
    ],
  ],
  [
    'a size that still waits, for another reason',
    whole.silent(0).wanting({ size: 1 }),
    whole.gated(0, 'OwnData').wanting({ size: 1 }),
    [],
  ],
  [
    'members that join',
    whole.wanting({ size: 5 }).set({ replicas: 5 }).starting(3, 4).listing(aRow(0), aRow(1), aRow(2)),
    whole
      .wanting({ size: 5 })
      .set({ replicas: 5 })
      .starting(3, 4)
      .listing(aRow(0), aRow(1), aRow(2), aRow(3, 'Unstarted'), aRow(4)),
    [
      'Normal MemberJoined: Member a3 (demo-3) is listed now: Unstarted.',
      'Normal MemberJoined: Member a4 (demo-4) is listed now: Voter.',
    ],
  ],
  [
    'members that vote now',
    anObservedCluster(5).learner(3).learner(4).remembering({ size: 3 }),
    anObservedCluster(5),
    [
      'Normal MemberPromoted: Member a3 (demo-3) votes now.',
      'Normal MemberPromoted: Member a4 (demo-4) votes now.',
      'Normal ScalingFinished: The cluster has size 5.',
    ],
  ],
  [
    'members that have left',
    anObservedCluster(3).pod(3, { deleting: true }).listing(aRow(0), aRow(1), aRow(2), aRow(3)),
    anObservedCluster(3),
    [
      'Normal MemberLeft: Member a3 (demo-3) is no longer listed.',
      'Normal ScalingFinished: The cluster has size 3.',
    ],
  ],
  [
    'hibernation',
    whole.wanting({ size: 0 }).set({ replicas: 0 }),
    whole.wanting({ size: 0 }).set({ replicas: 0 }).withoutPods(),
    ['Normal ScalingFinished: The cluster has size 0.'],
  ],
  [
    'a member that waits for a human',
    whole.gated(2, 'OwnData'),
    whole.gated(2, 'VolumeFull'),
    ['Warning MemberNeedsHuman: demo-2: VolumeFull: It waits: VolumeFull.'],
  ],
  [
    'a member that gives data up',
    whole.gated(2, 'PeersUnreachable'),
    whole.gated(2, 'DataUnusable'),
    ['Warning MemberGivesUp: demo-2: DataUnusable: It waits: DataUnusable.'],
  ],
  [
    'a version to roll out',
    whole,
    upgraded(whole),
    ['Normal UpgradeStarted: Rolling out v3.7.3, after v3.6.16.'],
  ],
  [
    'the last member that is rolled',
    upgraded(whole, 1, 2),
    upgraded(whole, 0, 1, 2),
    ['Normal UpgradeFinished: Every member runs v3.7.3.', 'Normal PhaseChanged: Upgrading, now Running.'],
  ],
  [
    'a version that cannot follow',
    whole,
    whole.wanting({ version: '3.5.35' }),
    [
      'Warning UpgradeBlocked: etcd does not go back from 3.6.16 to 3.5.35: the data is already of the newer minor. Set spec.version to 3.6.16 or newer; to go back, restore a backup into a new cluster.',
    ],
  ],
  [
    'a version with grave bugs',
    aNewCluster(),
    aNewCluster().wanting({ version: '3.6.3' }),
    [
      'Normal UpgradeStarted: Rolling out v3.6.3, after v3.6.16.',
      'Warning VersionHasKnownBugs: etcd 3.6.3 can fail to start again after a learner was promoted; it can corrupt data that is defragmented while a snapshot is applied; it can answer reads with old data after its process was paused. Set spec.version to 3.6.9 or newer.',
    ],
  ],
];

describe('Events', () => {
  for (const [news, before, after, expected] of CASES) {
    it(`tell of ${news}`, () => {
      assert.deepEqual(between(before, after), expected);
    });
  }

  it('begin with the first phase, and do not call old members new', () => {
    const first = clusterEvents(undefined, whole.status);
    assert.deepEqual(
      first.map(({ reason, message }) => `${reason}: ${message}`),
      ['PhaseChanged: Running.'],
    );
    const formed = between(aNewCluster().set({ replicas: 3 }).recorded(unformed()), whole.unwritten());
    assert.ok(formed.includes('Normal MemberJoined: Member a0 (demo-0) is listed now: Leader.'));
    assert.ok(!formed.some((each) => each.includes('LeaderChanged')));
  });

  it('are none where a status says nothing', () => {
    assert.deepEqual(clusterEvents({}, {}), []);
    assert.deepEqual(
      clusterEvents({}, { phase: 'Failed' }).map(({ message }) => message),
      ['The cluster cannot go on.'],
    );
  });

  it('tell of the seed once, whatever an operator knew that started while it was forming', () => {
    const seed = { name: 'demo-0', id: 'a0' };
    const statuses = [
      { members: [] },
      { members: [seed] },
      { members: [{ name: 'demo-0' }] },
      { clusterID: 'c1', members: [seed] },
      { clusterID: 'c1', members: [seed] },
    ];
    const told = statuses.flatMap((after, index) => clusterEvents(statuses[index - 1], after));
    assert.deepEqual(
      told.map(({ reason }) => reason),
      ['MemberJoined'],
    );
  });

  it('name a member that is listed without a role', () => {
    const clusterID = 'c1';
    const events = clusterEvents(
      { clusterID, members: [] },
      { clusterID, members: [{ name: 'demo-0', id: 'a0' }] },
    );
    assert.deepEqual(
      events.map(({ message }) => message),
      ['Member a0 (demo-0) is listed now.'],
    );
  });

  it('are only about what is written at once, so that none is told twice', () => {
    fc.assert(
      fc.property(aTroubledCluster(), aTroubledCluster(), (first, second) => {
        const before = first.written().observed.cluster.status;
        const after = second.after(before ?? {}).status;
        const events = clusterEvents(before, after);
        assert.ok(events.length === 0 || statusChange(before, after, NOW_MS).kind !== 'none');
        assert.deepEqual(clusterEvents(after, after), []);
      }),
    );
  });
});

describe('the reasons of Events', () => {
  it('are words, each with a sentence, and none that an agent has for something else', () => {
    for (const [reason, { meaning }] of Object.entries(EVENT_REASONS)) {
      assert.match(reason, /^[A-Z][A-Za-z]+$/);
      assert.match(meaning, /^[A-Z].*\.$/);
      assert.ok(reason === 'QuorumLost' || !REASONS.some((each) => each === reason), reason);
    }
  });
});
