import type { EtcdStatus } from '../../src/model/local-etcd.ts';
import type { EtcdId } from '../../src/model/member.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { aMember, aQuorum, aSelf, memberId, running } from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';
import { aLeadingView } from './housekeeping-cases.ts';

const QUOTA_BYTES = 1_000_000;
const NOSPACE = { errors: ['memberID:161 alarm:NOSPACE '] } as const;

/** How full a database is: its file, and what of it is in use. */
type Fill = { readonly dbSizeBytes: number; readonly dbSizeInUseBytes: number };
export const FULL: Fill = { dbSizeBytes: 1_000_000, dbSizeInUseBytes: 999_000 };
export const WASTEFUL: Fill = { dbSizeBytes: 1_000_000, dbSizeInUseBytes: 300_000 };
export const LOW: Fill = { dbSizeBytes: 300_000, dbSizeInUseBytes: 299_000 };

/** Ordinal 1 leads voters that are this full, by ordinal; etcd raised NOSPACE. */
export function anExhaustedView(fills: readonly Fill[], silent: readonly number[] = []): MemberView {
  const statuses = fills.map((fill, ordinal): [EtcdId, EtcdStatus] => [
    memberId(ordinal),
    statusOf(ordinal, fill),
  ]);
  const members = fills.map((_fill, ordinal) => aMember(ordinal));
  return aLeadingView(
    {
      self: aSelf({ quotaBytes: QUOTA_BYTES }),
      voters: aQuorum(members, {
        leader: { id: memberId(1), clientUrl: 'http://leader:2379', raftIndex: 9n, raftTerm: 2n },
      }),
      voterStatuses: new Map(statuses.filter((_status, ordinal) => !silent.includes(ordinal))),
    },
    { ...NOSPACE, ...fills[1] },
  );
}

function statusOf(ordinal: number, fill: Fill): EtcdStatus {
  const etcd = running({ memberId: memberId(ordinal), ...fill });
  if (etcd.kind !== 'running') {
    throw new Error('a running etcd runs');
  }
  return etcd.status;
}

const ALONE = anExhaustedView([WASTEFUL, WASTEFUL]);

export const SPACE_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'without an alarm leaves wasteful databases alone',
    view: { ...anExhaustedView([WASTEFUL, WASTEFUL]), etcd: running({ leaderId: memberId(1) }) },
    expected: 'compare-hashes HashesUnverified',
  },
  {
    behaviour: 'defragments a follower first',
    view: anExhaustedView([FULL, WASTEFUL, WASTEFUL]),
    expected: 'defragment SpaceExhausted',
  },
  {
    behaviour: 'hands over before its own database is defragmented',
    view: anExhaustedView([LOW, WASTEFUL, LOW]),
    expected: 'hand-over SpaceExhausted',
  },
  {
    behaviour: 'defragments its own database where nobody can lead instead',
    view: { ...ALONE, voters: aQuorum([aMember(1)]) },
    expected: 'defragment SpaceExhausted',
  },
  {
    behaviour: 'lifts the alarm once every database is well below its quota',
    view: anExhaustedView([LOW, LOW, LOW]),
    expected: 'disarm-space-alarm SpaceReclaimed',
  },
  {
    behaviour: 'leaves the alarm where one database is full of what is in use',
    view: anExhaustedView([LOW, LOW, FULL]),
    expected: 'wait SpaceExhausted',
  },
  {
    behaviour: 'defragments nobody while a voter does not say how full it is',
    view: anExhaustedView([WASTEFUL, LOW, WASTEFUL], [2]),
    expected: 'wait SpaceExhausted',
  },
];
