import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { worstMessage } from '../../../src/operator/plan/conditions.ts';
import { formed, unformed } from '../../support/a-member-view.ts';
import {
  type AnObservedCluster,
  aNewCluster,
  anObservedCluster,
  aRow,
  NOW_MS,
  version,
} from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

type Case = readonly [situation: string, observed: AnObservedCluster, expected: string];

const whole = anObservedCluster(3);
const leaderless = {
  etcd: { leaderId: null },
  decision: { kind: 'wait', reason: 'QuorumLost', message: 'It knows no leader.' },
};
/** The only one left knows no leader. */
const alone = whole.written().starting(1, 2).pod(0, { ready: false }).word(0, leaderless);
const waking = whole.gated(0, 'QuorumLost').gated(1, 'QuorumLost').starting(2);
const emptied = { hasData: false, members: [] };

/** A kubelet has warned of its volume, and its agent has not spoken yet. */
const UNMOUNTED = {
  ready: false,
  etcdRuns: false,
  agent: { kind: 'never' },
  trouble: { reason: 'FailedMount', message: 'failed to sync configmap cache', warned: true },
} as const;

const TLS = { client: 'tls', peer: 'tls' } as const;
const AUTH = { security: { tls: {}, auth: { enabled: true } } };
const secure = whole.set({ tls: TLS });

/** A cluster with TLS whose status says this of its authentication. */
function telling(reason: string): AnObservedCluster {
  const status = reason === 'AuthEnabled' ? 'True' : 'False';
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const condition = { type: 'AuthReady', status, reason, message: 'As it was.', lastTransitionTime } as const;
  return secure.remembering({ conditions: [condition] });
}

const TABLE: Readonly<Record<string, readonly Case[]>> = {
  Available: [
    ['all serve', whole, 'True QuorumServes'],
    ['one of three serves: it reads with a quorum', whole.starting(1, 2), 'True QuorumServes'],
    ['an agent is dead', anObservedCluster(1).silent(0), 'True QuorumServes'],
    ['the spec is wrong, and all serve', whole.wanting({ size: 4 }), 'True QuorumServes'],
    ['nobody serves', whole.starting(0, 1, 2), 'False NoMemberServes'],
    ['a Pod is not ready yet', anObservedCluster(1).pod(0, { ready: false }), 'False NoMemberServes'],
    [
      'a member is in another cluster',
      anObservedCluster(1).word(0, { etcd: { clusterId: 'cf' } }),
      'False NoMemberServes',
    ],
    [
      'etcd waits at the gate before its probe has failed',
      anObservedCluster(1).gated(0, 'OwnData').pod(0, { ready: true }),
      'False NoMemberServes',
    ],
    [
      'the agent has just started',
      anObservedCluster(1).word(0, { etcd: { state: 'absent' } }),
      'True QuorumServes',
    ],
    ['it hibernates', anObservedCluster(0), 'False Hibernating'],
  ],
  Ready: [
    ['all is as wanted', whole, 'True AsWanted'],
    ['nobody says who is listed', whole.unwritten().listing(), 'True AsWanted'],
    ['an agent is dead', whole.silent(2), 'True AsWanted'],
    ['a member is down', whole.starting(2), 'False NotAsWanted'],
    ['a member is listed too many', whole.listing(aRow(0), aRow(1), aRow(2), aRow(3)), 'False NotAsWanted'],
    ['a member is listed too few', whole.listing(aRow(0), aRow(1)), 'False NotAsWanted'],
    ['a listed member only learns', whole.listing(aRow(0), aRow(1), aRow(2, 'Learner')), 'False NotAsWanted'],
    ['a Pod is left over', whole.pod(3, { deleting: true }), 'False NotAsWanted'],
    ['Pods are outdated', whole.set({ updateRevision: 'r2' }), 'False RollingOut'],
    ['another version is wanted', whole.wanting({ version: '3.7.3' }), 'False RollingOut'],
    ['Kubernetes has not taken up a change', whole.set({ updateRevision: null }), 'False RollingOut'],
    ['the spec is wrong', whole.wanting({ size: 2 }), 'False SpecInvalid'],
    ['it hibernates', anObservedCluster(0), 'True AsWanted'],
    ['its Pods still stop', whole.wanting({ size: 0 }), 'False NotAsWanted'],
    ['the version cannot follow', whole.wanting({ version: '3.5.35' }), 'True AsWanted'],
  ],
  Progressing: [
    ['nothing is under way', whole, 'False Settled'],
    ['it is being created', aNewCluster(), 'True Creating'],
    ['it grows', whole.wanting({ size: 5 }), 'True Scaling'],
    ['Pods leave', whole.pod(3, { deleting: true }), 'True Scaling'],
    ['shrinking is held', whole.gated(0, 'OwnData').wanting({ size: 1 }), 'False ScaleInUnsafe'],
    [
      'it comes back smaller',
      anObservedCluster(3).written().withoutPods().set({ replicas: 0 }).wanting({ size: 1 }),
      'True ResumingMembers',
    ],
    [
      'a size waits for a version',
      whole.set({ templateVersion: version('3.6.17') }).wanting({ size: 5, version: '3.6.17' }),
      'True UpgradeUnderWay',
    ],
    ['a version waits for a size', whole.wanting({ size: 5, version: '3.7.3' }), 'True Scaling'],
    [
      'a version waits for members that leave',
      whole.wanting({ version: '3.7.3' }).pod(3, { deleting: true }),
      'True Scaling',
    ],
    [
      'a version waits for a member',
      whole.wanting({ version: '3.7.3' }).starting(1),
      'False MembersUnhealthy',
    ],
    ['a template is rolled out', whole.set({ updateRevision: 'r2' }), 'True RollingOut'],
    ['a member starts', whole.starting(1), 'True MembersBusy'],
    ['a Pod is missing', whole.withoutPod(1), 'True MembersBusy'],
    ['a Pod cannot be run', whole.stuck(1, 'Unschedulable'), 'False MembersStuck'],
    ['a member waits for a human', whole.gated(1, 'VolumeFull'), 'False MembersStuck'],
    ['one of two is stuck', whole.gated(1, 'VolumeFull').starting(2), 'True MembersBusy'],
    ['it is paused', whole.wanting({ pause: true }), 'False Paused'],
    ['it is being deleted', whole.called({ deletionTimestamp: '2026-01-01T00:00:00Z' }), 'True Deleting'],
    ['the spec is wrong', whole.wanting({ size: 2 }), 'False SpecInvalid'],
    ['it hibernates', anObservedCluster(0), 'False Settled'],
  ],
  Degraded: [
    ['all serve', whole, 'False AllVotersServe'],
    ['it was never formed', aNewCluster(), 'False NotRunning'],
    ['it hibernates', anObservedCluster(0).listing(aRow(0)), 'False NotRunning'],
    ['a voter is down', whole.starting(1), 'True VotersUnhealthy'],
    ['a voter has no Pod', whole.withoutPod(1), 'True VotersUnhealthy'],
    ['a voter is being restarted', whole.pod(1, { deleting: true }), 'True VotersUnhealthy'],
    [
      'voters leave as they shall',
      anObservedCluster(5).wanting({ size: 3 }).pod(4, { deleting: true }),
      'False AllVotersServe',
    ],
    [
      'a learner is down',
      whole.starting(2).listing(aRow(0), aRow(1), aRow(2, 'Learner')),
      'False AllVotersServe',
    ],
    [
      'a member serves by its agent, and its probe comes later',
      whole.pod(1, { ready: false }),
      'False AllVotersServe',
    ],
    [
      'the leader misses a member',
      whole.word(0, { decision: { reason: 'MemberUnhealthy' } }),
      'True MemberUnhealthy',
    ],
    ['space is exhausted', whole.word(0, { decision: { reason: 'SpaceExhausted' } }), 'True SpaceExhausted'],
    [
      'data differs, which is worse than all else',
      whole.word(0, { decision: { reason: 'DataCorrupt' } }).starting(1),
      'True DataCorrupt',
    ],
    ['the record is gone', whole.withRecord({ kind: 'absent' }), 'True FormationUnknown'],
    ['an agent is dead', whole.silent(1), 'True AgentsSilent'],
    ['an agent said nothing for long', whole.later(60_000), 'True AgentsSilent'],
    ['nobody says who is a member', whole.listing(), 'Unknown MembersUnknown'],
  ],
  QuorumLost: [
    ['all serve', whole, 'False QuorumServes'],
    ['it was never formed', aNewCluster(), 'False NoQuorumWanted'],
    ['it hibernates', anObservedCluster(0), 'False NoQuorumWanted'],
    ['no voter knows a leader any more', alone, 'True QuorumLost'],
    [
      'it is being deleted, and its members end one after another',
      alone.called({ deletionTimestamp: '2026-01-01T00:00:00Z' }),
      'False NoQuorumWanted',
    ],
    [
      'voters elect, and were just read from',
      whole.word(0, leaderless).word(1, leaderless),
      'False QuorumServes',
    ],
    [
      'a seed serves before its probe says so, and joiners miss it',
      whole.pod(0, { ready: false }).gated(1, 'PeersUnreachable').starting(2),
      'False QuorumServes',
    ],
    ['all start', whole.gated(0, 'OwnData').starting(1, 2), 'False MembersStarting'],
    ['they wake, and miss each other for a moment', waking, 'False MembersStarting'],
    [
      'members that are adopted start, and the first of them runs already',
      alone.remembering({ conditions: [] }),
      'False MembersStarting',
    ],
    [
      'the only voter has just spoken for the first time, while a joiner misses it already',
      anObservedCluster(0)
        .listing(aRow(0))
        .set({ replicas: 2 })
        .wanting({ size: 3 })
        .gated(1, 'PeersUnreachable', { ...emptied, data: null })
        .gated(0, 'EtcdNotAsking', { ...emptied, data: null, members: [aRow(0)] })
        .word(0, { etcd: { state: 'absent' } }),
      'False MembersStarting',
    ],
    [
      'they start, and nobody has said yet who is a member',
      alone.listing().unwritten().recorded(formed()),
      'False MembersStarting',
    ],
    [
      'a cluster was formed this moment: its seed has yet to lead, and the others have nothing',
      alone
        .listing()
        .unwritten()
        .recorded(formed())
        .gated(1, 'SeedElsewhere', { ...emptied, data: null })
        .gated(2, 'SeedElsewhere', { ...emptied, data: null }),
      'False MembersStarting',
    ],
    ['they miss each other for long', waking.later(40_000), 'True QuorumLost'],
    [
      'two of them are no quorum of those that miss each other',
      waking.stuck(1, 'CrashLoopBackOff').pod(2, { deleting: true }),
      'True QuorumLost',
    ],
    [
      'the one that could help is just being made, and its volume is mounted at the second attempt',
      waking.pod(1, { ...UNMOUNTED, createdAtMs: NOW_MS - 4_000 }).pod(2, { deleting: true }),
      'False MembersStarting',
    ],
    [
      'the volume of the one that could help cannot be mounted for long',
      waking.pod(1, UNMOUNTED).pod(2, { deleting: true }),
      'True QuorumLost',
    ],
    ['the one that could help is silent', waking.silent(1, 2), 'True QuorumLost'],
    ['nobody is heard', whole.starting(0, 1, 2), 'Unknown NobodyHeard'],
    [
      'a joiner of a cluster that is down misses it',
      whole.withoutPod(0, 1).gated(2, 'PeersUnreachable'),
      'True PeersUnreachable',
    ],
  ],
  DataLost: [
    ['all serve', whole, 'False NoLossSeen'],
    [
      'the second member was just added and never started, and nobody has said since that it learns',
      anObservedCluster(3)
        .listing(aRow(0), aRow(1, 'Unstarted'))
        .starting(2)
        .pod(0, { ready: false })
        .word(0, leaderless)
        .gated(1, 'NewVolume', { hasData: false }),
      'False NoLossSeen',
    ],
    ['one of three volumes is empty', alone.gated(1, 'QuorumLost', emptied), 'False NoLossSeen'],
    [
      'two of three volumes are empty',
      alone.gated(1, 'QuorumLost', emptied).gated(2, 'NewVolume', emptied),
      'True TooManyVolumesEmpty',
    ],
    [
      'two of three are empty, and one that serves was seen',
      whole.gated(1, 'NewVolume', emptied).gated(2, 'NewVolume', emptied),
      'False NoLossSeen',
    ],
    [
      'the only volume is empty',
      anObservedCluster(1).written().gated(0, 'PeersUnreachable', emptied),
      'True TooManyVolumesEmpty',
    ],
    [
      'volumes cannot be read, which is not empty',
      alone.gated(1, 'VolumeUnreadable', emptied).gated(2, 'VolumeUnreadable', emptied),
      'False NoLossSeen',
    ],
    [
      'agents have just started and not looked yet',
      alone
        .word(1, { ...emptied, etcd: { state: 'absent' } })
        .word(2, { ...emptied, etcd: { state: 'absent' } }),
      'False NoLossSeen',
    ],
    [
      'four join the only member, which restarts',
      anObservedCluster(5)
        .gated(0, 'OwnData', { members: [aRow(0)] })
        .gated(1, 'PeersUnreachable', emptied)
        .gated(2, 'PeersUnreachable', emptied)
        .gated(3, 'PeersUnreachable', emptied)
        .gated(4, 'PeersUnreachable', emptied),
      'False NoLossSeen',
    ],
    [
      'all are empty and nobody remembers who is a member',
      anObservedCluster(1).gated(0, 'PeersUnreachable', emptied),
      'True TooManyVolumesEmpty',
    ],
    [
      'some are empty and nobody remembers who is a member',
      whole.gated(0, 'QuorumLost', emptied).gated(1, 'QuorumLost', emptied).starting(2),
      'False NoLossSeen',
    ],
    [
      'they were never formed',
      aNewCluster().set({ replicas: 1 }).gated(0, 'Unformed', emptied).recorded(unformed()),
      'False NoLossSeen',
    ],
  ],
  UpgradeBlocked: [
    ['the version stays', whole, 'False StepSupported'],
    ['the version cannot follow', whole.wanting({ version: '3.5.35' }), 'True StepNotSupported'],
    ['the version waits', whole.wanting({ version: '3.7.3', size: 5 }), 'False StepSupported'],
    ['the version has grave bugs', aNewCluster().wanting({ version: '3.5.9' }), 'False KnownBugs'],
  ],
  TLSReady: [
    ['nobody asks for it', whole, 'False PlainText'],
    ['it is turned off', whole.wanting({ security: { tls: { enabled: false } } }), 'False PlainText'],
    ['it is asked for', whole.wanting({ security: { tls: { autoTLS: true } } }), 'False TLSUnderWay'],
    [
      'it is there',
      whole.wanting({ security: { tls: {} } }).set({ tls: { client: 'tls', peer: 'tls' } }),
      'True Encrypted',
    ],
    ['it is turned off again', whole.set({ tls: { client: 'tls', peer: 'tls' } }), 'False TLSUnderWay'],
    [
      'it is asked for of a new cluster',
      aNewCluster().wanting({ security: { tls: {} } }),
      'False TLSUnderWay',
    ],
  ],
  AuthReady: [
    ['nobody asks for it', whole, 'False AuthDisabled'],
    ['it is asked for of a new cluster', aNewCluster().wanting(AUTH), 'False AuthUnderWay'],
    ['it is asked for, and nobody was asked yet', secure.wanting(AUTH), 'False AuthUnderWay'],
    ['it was on, and nobody can be asked', telling('AuthEnabled').wanting(AUTH), 'True AuthEnabled'],
    [
      'a Secret was missing, and nobody can be asked',
      telling('SecretMissing').wanting(AUTH),
      'False SecretMissing',
    ],
    ['status says what nobody knows', telling('Odd').wanting(AUTH), 'False AuthUnderWay'],
    ['it is turned off, and nobody can be asked', telling('AuthEnabled'), 'False AuthUnderWay'],
    ['it is off', telling('AuthDisabled'), 'False AuthDisabled'],
    ['status was lost', secure, 'False AuthUnderWay'],
    ['status was lost of a cluster without TLS', whole.unwritten(), 'False AuthDisabled'],
    ['status was lost before it was formed', aNewCluster().set({ tls: TLS }), 'False AuthDisabled'],
  ],
};

for (const [type, cases] of Object.entries(TABLE)) {
  describe(`the condition ${type}`, () => {
    for (const [situation, observed, expected] of cases) {
      it(`is ${expected} when ${situation}`, () => {
        assert.equal(observed.condition(type), expected);
      });
    }
  });
}

describe('every condition', () => {
  it('is there once, with a word and a sentence', () => {
    fc.assert(
      fc.property(aTroubledCluster(), ({ status }) => {
        const types = status.conditions?.map(({ type }) => type);
        assert.deepEqual(types?.toSorted(), Object.keys(TABLE).toSorted());
        for (const { reason, message, type } of status.conditions ?? []) {
          assert.match(reason, /^[A-Z][A-Za-z]+$/);
          assert.match(message, /[.!…]$/, type);
        }
      }),
    );
  });

  it('changes its time only when its status does', () => {
    fc.assert(
      fc.property(aTroubledCluster(), aTroubledCluster(), (first, second) => {
        const before = first.written();
        const after = second.after(before.status).later(1_000);
        const old = before.observed.cluster.status?.conditions ?? [];
        for (const condition of after.status.conditions ?? []) {
          const last = old.find(({ type }) => type === condition.type);
          const isSame = last?.status === condition.status;
          assert.equal(last?.lastTransitionTime === condition.lastTransitionTime, isSame);
        }
      }),
    );
  });

  it('keeps its time through passes in which it holds', () => {
    const later = whole.written().later(60_000);
    const times = later.status.conditions?.map(({ lastTransitionTime }) => lastTransitionTime);
    const unchanged = times?.filter((time) => time === new Date(NOW_MS).toISOString().replace('.000Z', 'Z'));
    assert.equal(unchanged?.length, 8, 'all but Degraded, since the agents are silent by now');
  });
});

describe('the worst message', () => {
  it('is none when all is well, and is shortened when it is long', () => {
    assert.equal(worstMessage([]), '');
    const message = 'x'.repeat(5_000);
    const finding = { type: 'Degraded', status: 'True', reason: 'VotersUnhealthy', message } as const;
    assert.equal(worstMessage([finding]).length, 1_024);
  });
});
