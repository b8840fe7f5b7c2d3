import type { VersionedRecord } from '../../src/model/formation-record.ts';
import { type Known, known, unknown } from '../../src/model/known.ts';
import type { Volume } from '../../src/model/volume.ts';
import type { VotersWord } from '../../src/model/voters-word.ts';
import {
  aMarker,
  aMember,
  aMemberView,
  anUnstartedLearner,
  aQuorum,
  blocked,
  CLUSTER,
  discarding,
  emptyVolume,
  FOREIGN_CLUSTER,
  formed,
  forming,
  memberId,
  NOW_MS,
  recorded,
  SEED_TOKEN,
  unformed,
} from '../support/a-member-view.ts';
import { keysOf } from '../support/keys-of.ts';
import type { DecisionCase, ExpectedDecision } from './decision-case.ts';

const VOLUMES = {
  unreadable: { kind: 'unreadable', why: 'EACCES' },
  'own data': withData('present'),
  'own data without a marker': withData('none'),
  'foreign data': withForeignData('present'),
  'data nothing ties to this cluster': withForeignData('none'),
  'own data where a plain etcd left it': withData('none', 'default.etcd'),
  'foreign data where a plain etcd left it': withForeignData('none', '.'),
  'data in several places': { kind: 'unreadable', why: 'a.etcd, b.etcd', holdsData: true },
  'unreadable data': {
    kind: 'readable',
    marker: { kind: 'present', marker: aMarker({ released: true }) },
    wal: { kind: 'unreadable', why: 'torn' },
    prunable: 0,
  },
  'unreadable data, never formed': {
    kind: 'readable',
    marker: { kind: 'none' },
    wal: { kind: 'unreadable', why: 'torn', place: 'default.etcd' },
    prunable: 0,
  },
  'new and empty': { kind: 'readable', marker: { kind: 'none' }, wal: { kind: 'none' }, prunable: 0 },
  'empty, marker garbled': {
    kind: 'readable',
    marker: { kind: 'invalid', why: 'no JSON' },
    wal: { kind: 'none' },
    prunable: 0,
  },
  'empty and named': emptyVolume({ clusterId: null, clusterUid: null, maxLearners: null }),
  'empty, meant to seed': emptyVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } }),
  'empty, meant to join': emptyVolume({ intent: { kind: 'join', memberId: null } }),
  'empty, registered': emptyVolume({ intent: { kind: 'join', memberId: memberId(1) } }),
  'empty, once released': emptyVolume({ intent: { kind: 'join', memberId: memberId(1) }, released: true }),
} as const satisfies Record<string, Volume>;

const RECORDS = {
  unknown: unknown('the API server timed out'),
  absent: known('absent', NOW_MS),
  Unformed: recorded(unformed()),
  'Unformed, discarding': recorded(discarding()),
  'Forming, mine': recorded(forming()),
  'Forming, my ordinal on another volume': recorded(forming({ volumeId: 'volume-0' })),
  'Forming, elsewhere': recorded(forming({ ordinal: 0, volumeId: 'volume-0' })),
  Formed: recorded(formed()),
  Blocked: recorded(blocked()),
} as const satisfies Record<string, Known<VersionedRecord | 'absent'>>;

const VOTERS = {
  silent: { kind: 'silent', why: 'connection refused' },
  foreign: { kind: 'foreign', clusterId: FOREIGN_CLUSTER, from: 'http://x:2380' },
  'local list without me': {
    kind: 'local-list',
    clusterId: CLUSTER,
    members: [aMember(0)],
    why: 'no leader',
  },
  'between leaders': aQuorum([aMember(0), aMember(2)], { leader: null }),
  'list me as a voter': aQuorum([aMember(0), aMember(1, { contact: { kind: 'refuses' } }), aMember(2)]),
  'list me unstarted': aQuorum([aMember(0), anUnstartedLearner(1), aMember(2)]),
  'lack me': aQuorum([aMember(0), aMember(2)]),
} as const satisfies Record<string, VotersWord>;

type VolumeState = keyof typeof VOLUMES;
type RecordState = keyof typeof RECORDS;
type VotersState = keyof typeof VOTERS;
/** One for all voters' words, or one for each. */
type Cell = ExpectedDecision | Readonly<Record<VotersState, ExpectedDecision>>;

const RESUME: Readonly<Record<VotersState, ExpectedDecision>> = {
  silent: 'resume OwnData',
  foreign: 'resume OwnData',
  'local list without me': 'resume OwnData',
  'between leaders': 'set-data-aside RemovedData',
  'list me as a voter': 'resume OwnData',
  'list me unstarted': 'resume OwnData',
  'lack me': 'set-data-aside RemovedData',
};

const TAKE_IN: Readonly<Record<VotersState, ExpectedDecision>> = {
  silent: 'take-in-data PlainData',
  foreign: 'take-in-data PlainData',
  'local list without me': 'take-in-data PlainData',
  'between leaders': 'set-data-aside RemovedData',
  'list me as a voter': 'take-in-data PlainData',
  'list me unstarted': 'take-in-data PlainData',
  'lack me': 'set-data-aside RemovedData',
};

const NO_QUORUM = {
  silent: 'wait PeersUnreachable',
  foreign: 'wait ForeignCluster',
  'local list without me': 'wait QuorumLost',
  'between leaders': 'wait NoLeader',
} as const;

const LOST: Cell = {
  ...NO_QUORUM,
  'list me as a voter': 'remove-lost-identity LostIdentity',
  'list me unstarted': 'remove-lost-identity LostIdentity',
  'lack me': 'write-marker JoinIntent',
};

const UNREADABLE_DATA: Cell = {
  silent: 'wait DataUnreadable',
  foreign: 'wait DataUnreadable',
  'local list without me': 'wait DataUnreadable',
  'between leaders': 'set-data-aside DataUnreadable',
  'list me as a voter': 'set-data-aside DataUnreadable',
  'list me unstarted': 'set-data-aside DataUnreadable',
  'lack me': 'set-data-aside DataUnreadable',
};

function forAllRecords(cell: Cell): Readonly<Record<RecordState, Cell>> {
  return {
    unknown: cell,
    absent: cell,
    Unformed: cell,
    'Unformed, discarding': cell,
    'Forming, mine': cell,
    'Forming, my ordinal on another volume': cell,
    'Forming, elsewhere': cell,
    Formed: cell,
    Blocked: cell,
  };
}

const EMPTY = {
  unknown: 'wait FormationUnknown',
  absent: 'wait FormationUnknown',
  Unformed: 'wait SeedElsewhere',
  'Unformed, discarding': 'wait SeedElsewhere',
  'Forming, elsewhere': 'wait SeedElsewhere',
  'Forming, my ordinal on another volume': 'claim-seed SeedVolumeLost',
  Blocked: 'wait FormationBlocked',
} as const;

/** The marker saw the cluster formed, so a record that says otherwise is old or was reset by hand. */
const EMPTY_OF_FORMED = {
  ...forAllRecords('wait FormationUnknown'),
  Blocked: 'wait FormationBlocked',
} as const;

const NAMED = 'write-marker NewVolume';
const UNNAMED = {
  ...forAllRecords(NAMED),
  unknown: 'wait FormationUnknown',
  absent: 'wait FormationUnknown',
  Blocked: 'wait FormationBlocked',
} as const;

const FOREIGN_DATA = {
  unknown: 'wait FormationUnknown',
  absent: 'wait FormationUnknown',
  Unformed: 'block-formation ForeignData',
  'Unformed, discarding': 'set-data-aside DataDiscarded',
  'Forming, mine': 'set-data-aside ForeignData',
  'Forming, my ordinal on another volume': 'set-data-aside ForeignData',
  'Forming, elsewhere': 'set-data-aside ForeignData',
  Formed: 'set-data-aside ForeignData',
  Blocked: 'wait FormationBlocked',
} as const;

const TABLE: Readonly<Record<VolumeState, Readonly<Record<RecordState, Cell>>>> = {
  unreadable: forAllRecords('wait VolumeUnreadable'),
  'own data': forAllRecords(RESUME),
  'own data without a marker': { ...FOREIGN_DATA, Formed: RESUME },
  'foreign data': { ...FOREIGN_DATA, unknown: 'wait FormationUnknown' },
  'data nothing ties to this cluster': FOREIGN_DATA,
  'own data where a plain etcd left it': { ...FOREIGN_DATA, Formed: TAKE_IN },
  'foreign data where a plain etcd left it': FOREIGN_DATA,
  'data in several places': forAllRecords('wait VolumeUnreadable'),
  // Its marker saw the cluster formed, which no human has discarded.
  'unreadable data': forAllRecords(UNREADABLE_DATA),
  'unreadable data, never formed': {
    ...forAllRecords(UNREADABLE_DATA),
    Unformed: {
      ...UNREADABLE_DATA,
      silent: 'block-formation DataUnreadable',
      foreign: 'block-formation DataUnreadable',
      'local list without me': 'block-formation DataUnreadable',
    },
    'Unformed, discarding': {
      ...UNREADABLE_DATA,
      silent: 'set-data-aside DataDiscarded',
      foreign: 'set-data-aside DataDiscarded',
      'local list without me': 'set-data-aside DataDiscarded',
    },
  },
  // The name and the intent to join are one write.
  'new and empty': {
    ...UNNAMED,
    Formed: {
      silent: NAMED,
      foreign: NAMED,
      'local list without me': NAMED,
      'between leaders': NAMED,
      'list me as a voter': NAMED,
      'list me unstarted': NAMED,
      'lack me': 'write-marker JoinIntent',
    },
  },
  'empty, marker garbled': UNNAMED,
  'empty and named': { ...EMPTY, 'Forming, mine': 'write-marker SeedClaimed', Formed: LOST },
  'empty, meant to seed': { ...EMPTY, 'Forming, mine': 'seed SeedClaimed', Formed: LOST },
  'empty, meant to join': {
    ...EMPTY_OF_FORMED,
    Formed: {
      ...NO_QUORUM,
      'list me as a voter': 'remove-lost-identity LostIdentity',
      'list me unstarted': 'write-marker RegistrationSeen',
      'lack me': 'join-as-learner NotListed',
    },
  },
  'empty, registered': {
    ...EMPTY_OF_FORMED,
    Formed: {
      ...NO_QUORUM,
      'list me as a voter': 'remove-lost-identity LostIdentity',
      'list me unstarted': 'start-joined Registered',
      'lack me': 'write-marker JoinIntent',
    },
  },
  'empty, once released': { ...EMPTY_OF_FORMED, Formed: LOST },
};

/**
 * The whole table at the gate: what the volume holds × what the record says × what the voters say. The
 * types demand every cell, so a new state cannot be forgotten.
 */
export function gateCases(): readonly DecisionCase[] {
  return keysOf(VOLUMES).flatMap((volume) =>
    keysOf(RECORDS).flatMap((record) =>
      keysOf(VOTERS).map((voters) => {
        const cell = TABLE[volume][record];
        return {
          behaviour: `volume ${volume}, record ${record}, voters ${voters}`,
          view: aMemberView({ volume: VOLUMES[volume], record: RECORDS[record], voters: VOTERS[voters] }),
          expected: typeof cell === 'string' ? cell : cell[voters],
        };
      }),
    ),
  );
}

function withData(marker: 'present' | 'none', place?: string): Volume {
  return {
    kind: 'readable',
    marker: marker === 'none' ? { kind: 'none' } : { kind: 'present', marker: aMarker({ released: true }) },
    wal: { kind: 'present', clusterId: CLUSTER, memberId: memberId(1), ...placed(place) },
    prunable: 0,
  };
}

function placed(place: string | undefined): { readonly place?: string } {
  return place === undefined ? {} : { place };
}

function withForeignData(marker: 'present' | 'none', place?: string): Volume {
  const foreign = aMarker({ clusterUid: 'uid-0', clusterId: FOREIGN_CLUSTER, released: true });
  return {
    kind: 'readable',
    marker:
      marker === 'none' ? { kind: 'none' } : { kind: 'present', marker: { ...foreign, clusterId: null } },
    wal: { kind: 'present', clusterId: FOREIGN_CLUSTER, memberId: memberId(1), ...placed(place) },
    prunable: 0,
  };
}
