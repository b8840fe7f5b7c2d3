import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../src/decide/decide.ts';
import { remember } from '../../src/decide/remember.ts';
import { type Wants, wantsOf } from '../../src/decide/wants.ts';
import { type Decision, type DecisionKind, STAGES } from '../../src/model/decision.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { LogTail } from '../../src/model/log-tail.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { ordinalOfPeerUrl, peerUrlOf } from '../../src/model/naming.ts';
import { REASONS } from '../../src/model/reason.ts';
import type { ContactedMember, PeerContact } from '../../src/model/voters-word.ts';
import {
  AT_GATE,
  aHistory,
  aMarker,
  aMember,
  aMemberView,
  anAnsweringAgent,
  anIntent,
  aQuorum,
  aSelf,
  aSibling,
  blocked,
  CLUSTER,
  discarding,
  FOREIGN_CLUSTER,
  formed,
  forming,
  id,
  memberId,
  NOW_MS,
  recorded,
  running,
  SEED_TOKEN,
  STARTING,
  unformed,
} from '../support/a-member-view.ts';

const AWAY = unknown('connection refused');
const ordinal = fc.integer({ min: 0, max: 4 });
const clusterId = fc.constantFrom(CLUSTER, FOREIGN_CLUSTER);
const memberIds = fc.oneof(ordinal.map(memberId), fc.constant(id('b0')));

const marker = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.constant({ kind: 'invalid', why: 'no JSON' } as const),
  fc.record({
    kind: fc.constant('present' as const),
    marker: fc
      .record({
        clusterUid: fc.constantFrom('uid-0', 'uid-1', null),
        generation: fc.constantFrom(1, 2),
        clusterId: fc.option(clusterId),
        released: fc.boolean(),
        note: fc.constantFrom({}, { logCleanFor: 6 }, { logCleanFor: 7 }),
        intent: fc.oneof(
          fc.constant({ kind: 'none' } as const),
          fc.constant({ kind: 'seed', token: SEED_TOKEN } as const),
          fc.record({ kind: fc.constant('join' as const), memberId: fc.option(memberIds) }),
        ),
      })
      .map(({ note, ...fields }) => aMarker({ ...fields, ...note })),
  }),
);

const wal = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.constant({ kind: 'unreadable', why: 'torn' } as const),
  fc.record({ kind: fc.constant('present' as const), clusterId, memberId: memberIds }),
  fc.record({
    kind: fc.constant('present' as const),
    clusterId,
    memberId: memberIds,
    place: fc.constantFrom('.', 'default.etcd'),
  }),
);

const volume = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('readable' as const), marker, wal, prunable: fc.nat(4) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'unreadable', why: 'EIO' } as const) },
);

const contact: fc.Arbitrary<PeerContact> = fc.constantFrom<PeerContact>(
  { kind: 'answers', etcdVersion: '3.6.16' },
  { kind: 'answers', etcdVersion: '3.5.35' },
  { kind: 'refuses' },
  { kind: 'silent' },
  { kind: 'unresolved' },
  { kind: 'misdirected', why: 'it leads to me' },
);

const members: fc.Arbitrary<ContactedMember[]> = fc.uniqueArray(
  fc
    .tuple(ordinal, contact, fc.boolean(), fc.boolean(), fc.constantFrom(undefined, 'http://localhost:2380'))
    .map(([number, how, isLearner, isStarted, url]) =>
      aMember(number, {
        contact: how,
        isLearner,
        ...(isStarted ? {} : { name: '' }),
        ...(url === undefined ? {} : { peerUrls: [url] }),
      }),
    ),
  { maxLength: 5, selector: (member) => member.id },
);

const voters = fc.oneof(
  fc.constant({ kind: 'unasked' } as const),
  fc.constant({ kind: 'silent', why: 'connection refused' } as const),
  fc.constant({ kind: 'foreign', clusterId: FOREIGN_CLUSTER, from: 'http://x:2380' } as const),
  members.map((list) => ({ kind: 'local-list', clusterId: CLUSTER, members: list, why: 'slow' }) as const),
  { weight: 4, arbitrary: members.map((list) => aQuorum(list)) },
  members.map((list) => aQuorum(list, { leader: null })),
);

const record = fc.constantFrom(
  AWAY,
  known('absent' as const, NOW_MS),
  recorded(unformed()),
  recorded(discarding()),
  recorded(forming()),
  recorded(forming({ ordinal: 0 })),
  recorded(forming({ volumeId: 'volume-0' })),
  recorded(formed()),
  recorded(formed({ maxLearners: 1 })),
  recorded(formed({ generation: 2 })),
  recorded(blocked()),
);

const intent = fc.oneof(
  fc.constant(AWAY),
  fc
    .record({
      replicas: fc.integer({ min: 0, max: 5 }),
      statefulSetDeleting: fc.boolean(),
      ownPod: fc.constantFrom(null, { uid: 'pod-1', deleting: false }, { uid: 'pod-9', deleting: false }),
    })
    .map(anIntent),
);

const etcd = fc.oneof(
  fc.constant({ kind: 'absent' } as const),
  fc.constant({ kind: 'unresponsive' } as const),
  fc.constant(STARTING),
  fc.constantFrom(0, 7).map((failedStarts) => ({ ...AT_GATE, failedStarts })),
  fc
    .record({
      clusterId,
      memberId: memberIds,
      isLearner: fc.boolean(),
      leaderId: fc.option(memberIds),
      raftAppliedIndex: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      errors: fc.constantFrom([], ['alarm:NOSPACE '], ['alarm:CORRUPT ']),
    })
    .map(running),
);

const sibling = fc
  .tuple(
    ordinal,
    fc.constantFrom(AWAY, known({ kind: 'absent' } as const, NOW_MS), aSibling(0).pod),
    fc.oneof(
      fc.constant({ kind: 'silent' } as const),
      fc
        .record({ stage: fc.constantFrom(...STAGES), hasData: fc.boolean(), canReachMe: fc.boolean() })
        .map(anAnsweringAgent),
    ),
  )
  .map(([number, pod, agent]) => aSibling(number, { pod, agent }));

const log = fc.constantFrom<LogTail>(
  { kind: 'unread' },
  { kind: 'unknown', why: 'torn' },
  { kind: 'read', entries: 3n, lastIndex: 9n, lastV2Index: null },
  { kind: 'read', entries: 3n, lastIndex: 9n, lastV2Index: 7n },
);

const view: fc.Arbitrary<MemberView> = fc
  .record({
    self: fc
      .tuple(ordinal, fc.constantFrom(5, 6, 7))
      .map(([number, minor]) => aSelf({ ordinal: number, etcdVersion: { major: 3, minor, patch: 1 } })),
    volume,
    etcd,
    log,
    clusterMinor: fc.constantFrom(null, 5, 6, 7),
    intent,
    record,
    voters,
    ownName: fc.constantFrom('unasked', 'published', 'unpublished', 'elsewhere'),
    siblings: fc.uniqueArray(sibling, { maxLength: 4, selector: (each) => each.ordinal }),
    history: fc
      .tuple(fc.constantFrom(...STAGES), fc.constantFrom(0, 5_000, 3_600_000))
      .map(([stage, waitedMs]) => aHistory(stage, waitedMs)),
  })
  .map(aMemberView);

const MEMBERSHIP: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  'join-as-learner',
  'promote-self',
  'remove-lost-identity',
  'remove-orphan',
  'correct-peer-url',
]);
const AT_THE_GATE_ONLY: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  'set-data-aside',
  'take-in-data',
  'resume',
  'seed',
  'start-joined',
  'claim-seed',
  'block-formation',
  'join-as-learner',
  'remove-lost-identity',
]);

/** Holds `rule` against 1 500 views, most of which no cluster ever shows. */
function always(rule: (view: MemberView, decision: Decision) => void): void {
  fc.assert(
    fc.property(view, (each) => rule(each, decide(each))),
    { numRuns: 1_500 },
  );
}

describe('whatever an agent sees, it', () => {
  it('decides something of the closed lists and says why in a sentence', () => {
    always((each, decision) => {
      assert.ok(REASONS.includes(decision.reason));
      assert.ok(STAGES.includes(decision.stage));
      assert.match(decision.message, /\.$/);
      assert.equal(remember(each, decision).stage, decision.stage);
    });
  });

  it('never starts etcd 3.7 on a log that it would die of', () => {
    always((each, decision) => {
      if (decision.kind === 'resume' && each.log.kind === 'read' && each.log.lastV2Index !== null) {
        assert.ok(each.self.etcdVersion.minor < 7);
      }
    });
  });

  it('decides the same when it sees the same', () => {
    always((each, decision) =>
      assert.deepEqual(structuredClone(decide(structuredClone(each))), structuredClone(decision)),
    );
  });

  it('changes no membership without a quorum that has a leader', () => {
    always(({ voters: word }, decision) => {
      if (MEMBERSHIP.has(decision.kind)) {
        assert.ok(word.kind === 'linearizable' && word.leader !== null);
      }
    });
  });

  it('touches no data and starts nothing but while etcd waits at the gate', () => {
    always((each, decision) => {
      if (AT_THE_GATE_ONLY.has(decision.kind)) {
        assert.equal(each.etcd.kind, 'at-gate');
      }
    });
  });

  it('never starts etcd on data of another cluster than the recorded one', () => {
    always((each, decision) => {
      const data = each.volume.kind === 'readable' ? each.volume.wal : undefined;
      const word = each.record.known && each.record.value !== 'absent' ? each.record.value.record : undefined;
      if (decision.kind === 'resume') {
        assert.ok(data?.kind === 'present' && data.memberId === decision.memberId);
        assert.ok(word?.phase !== 'Formed' || word.clusterId === data.clusterId);
      }
    });
  });

  it('never starts an empty volume as a member that may have voted', () => {
    always((each, decision) => {
      if (decision.kind === 'start-joined') {
        const found = each.volume.kind === 'readable' ? each.volume.marker : undefined;
        assert.ok(found?.kind === 'present' && !found.marker.released);
        const me = each.voters.kind === 'linearizable' ? each.voters.members : [];
        assert.ok(
          me.some((member) => member.id === decision.memberId && member.isLearner && member.name === ''),
        );
      }
    });
  });

  it('starts a new cluster only under a record that names this volume as the seed’s', () => {
    always((each, decision) => {
      if (decision.kind === 'seed') {
        const word =
          each.record.known && each.record.value !== 'absent' ? each.record.value.record : undefined;
        assert.ok(word?.phase === 'Forming' && word.seed.ordinal === each.self.ordinal);
      }
    });
  });

  it('starts nothing that does not lie in data/', () => {
    always((each, decision) => {
      if (decision.kind === 'resume') {
        assert.ok(each.volume.kind === 'readable' && each.volume.wal.kind === 'present');
        assert.equal(each.volume.wal.place, undefined);
      }
    });
  });

  it('corrects only the URL of a voter, its own, where its name leads', () => {
    always((each, decision) => {
      if (decision.kind === 'correct-peer-url') {
        const list = each.voters.kind === 'linearizable' ? each.voters.members : [];
        const listed = list.find((member) => member.id === decision.memberId);
        assert.ok(each.etcd.kind === 'running' && each.etcd.status.memberId === decision.memberId);
        assert.ok(listed !== undefined && !listed.isLearner && !each.etcd.status.isLearner);
        assert.equal(decision.peerUrl, peerUrlOf(each.self.names, each.self.ordinal));
        assert.notDeepEqual(listed.peerUrls, [decision.peerUrl]);
        assert.equal(each.ownName, 'published');
      }
    });
  });

  it('removes no member whose URL is none of this cluster’s', () => {
    always((each, decision) => {
      if (decision.kind === 'remove-orphan' || decision.kind === 'remove-lost-identity') {
        const list = each.voters.kind === 'linearizable' ? each.voters.members : [];
        const [url = ''] = list.find((member) => member.id === decision.memberId)?.peerUrls ?? [];
        assert.notEqual(ordinalOfPeerUrl(each.self.names, url), undefined);
      }
    });
  });

  it('puts nothing away before anything was formed, unless a human has discarded it', () => {
    always((each, decision) => {
      const word = each.record.known && each.record.value !== 'absent' ? each.record.value.record : undefined;
      if (decision.kind === 'set-data-aside' && each.voters.kind !== 'linearizable') {
        assert.ok(word?.phase !== 'Blocked');
        assert.ok(word?.phase !== 'Unformed' || word.discarding === true);
      }
    });
  });

  it('never removes itself', () => {
    always((each, decision) => {
      if (decision.kind === 'remove-orphan') {
        assert.ok(each.etcd.kind === 'running' && each.etcd.status.memberId !== decision.memberId);
      }
    });
  });

  it('joins only when everything it rests on was asked for', () => {
    always((each, decision) => {
      const wants: Wants = wantsOf(each, false);
      if (decision.kind === 'join-as-learner' || decision.kind === 'start-joined') {
        assert.ok(wants.api && wants.contacts && wants.siblings && wants.ownName);
      }
    });
  });
});
