import { FAILED_STARTS_MAX } from '../../src/decide/patience.ts';
import type { LogTail } from '../../src/model/log-tail.ts';
import type { MemberView, Self } from '../../src/model/member-view.ts';
import type { ContactedMember, PeerContact, VotersWord } from '../../src/model/voters-word.ts';
import {
  aMember,
  aMemberView,
  anUnstartedLearner,
  aQuorum,
  aSelf,
  CLUSTER,
  dataVolume,
  memberId,
  NOW_MS,
  running,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';

export const OLD_LOG: LogTail = { kind: 'read', entries: 12n, lastIndex: 12n, lastV2Index: 4n };
export const CLEAN_LOG: LogTail = { kind: 'read', entries: 2n, lastIndex: 12n, lastV2Index: null };
const UNKNOWN_LOG: LogTail = { kind: 'unknown', why: 'a record is garbled' };

export function selfOf(minor: number): Self {
  return aSelf({ etcdVersion: { major: 3, minor, patch: 9 } });
}

function answers(etcdVersion: string): { readonly contact: PeerContact } {
  return { contact: { kind: 'answers', etcdVersion } };
}

/** What a quorum says that ordinal 0 leads; this member is down. */
function quorumOf(
  leader: Partial<ContactedMember>,
  other: Partial<ContactedMember> = answers('3.6.16'),
  raftIndex = 1_000n,
): VotersWord {
  const members = [aMember(0, leader), aMember(1, { contact: { kind: 'refuses' } }), aMember(2, other)];
  const word = aQuorum(members);
  return { ...word, leader: word.leader === null ? null : { ...word.leader, raftIndex } };
}

/** Ordinal 1 at the gate of etcd 3.`minor` with its own data, whose log is old. */
export function anOldLog(minor: number, fields: Partial<MemberView> = {}): MemberView {
  const voters = quorumOf(answers('3.7.3'));
  return aMemberView({ self: selfOf(minor), volume: dataVolume(), log: OLD_LOG, voters, ...fields });
}

/** Ordinal 1 as a voter of etcd 3.`minor` that serves, and has not noted anything of its log. */
export function anUnnotedVoter(minor: number, fields: Partial<MemberView> = {}): MemberView {
  return aMemberView({
    self: selfOf(minor),
    volume: dataVolume(),
    etcd: running(),
    voters: aQuorum([aMember(0), aMember(1), aMember(2)]),
    ...fields,
  });
}

const WAITS = 'wait DataTooOld';
const RESUMES = 'resume OwnData';

export const OLD_LOG_CASES: readonly DecisionCase[] = [
  { behaviour: '3.5 starts on a log that it wrote itself', view: anOldLog(5), expected: RESUMES },
  { behaviour: '3.6 starts on an old log, which it converts', view: anOldLog(6), expected: RESUMES },
  {
    behaviour: '3.6 starts on an old log alone as well',
    view: anOldLog(6, { voters: { kind: 'silent', why: 'nobody' } }),
    expected: RESUMES,
  },
  {
    behaviour: '3.7 starts on a log without old requests',
    view: anOldLog(7, { log: CLEAN_LOG }),
    expected: RESUMES,
  },
  {
    behaviour: '3.7 starts on a log that cannot be read, for etcd to judge',
    view: anOldLog(7, { log: UNKNOWN_LOG }),
    expected: RESUMES,
  },
  {
    behaviour: '3.7 sets an old log aside while a leader of 3.7 serves',
    view: anOldLog(7),
    expected: 'set-data-aside DataTooOld',
  },
  {
    behaviour: 'a later etcd does as 3.7',
    view: anOldLog(8),
    expected: 'set-data-aside DataTooOld',
  },
  {
    behaviour: '3.7 sets an old log aside while a leader of 3.6 serves that has compacted its memory',
    view: anOldLog(7, { voters: quorumOf(answers('3.6.16'), answers('3.6.16'), 200n) }),
    expected: 'set-data-aside DataTooOld',
  },
  {
    behaviour: '3.7 waits with an old log while a leader of 3.6 would send the same requests again',
    view: anOldLog(7, { voters: quorumOf(answers('3.6.16'), answers('3.7.3'), 199n) }),
    expected: WAITS,
  },
  {
    behaviour: '3.7 waits with an old log among members of 3.5, which it may not join',
    view: anOldLog(7, { voters: quorumOf(answers('3.5.35'), answers('3.5.35')) }),
    expected: WAITS,
  },
  {
    behaviour: '3.7 waits with an old log while the leader’s version is not known',
    view: anOldLog(7, { voters: quorumOf({ contact: { kind: 'silent' } }) }),
    expected: WAITS,
  },
  {
    behaviour: '3.7 waits with an old log while another member does not answer',
    view: anOldLog(7, { voters: quorumOf(answers('3.7.3'), { contact: { kind: 'refuses' } }) }),
    expected: WAITS,
  },
  {
    behaviour: '3.7 does not wait with an old log for a learner that never started',
    view: anOldLog(7, {
      voters: aQuorum([aMember(0, answers('3.7.3')), aMember(1), aMember(2), anUnstartedLearner(3)]),
    }),
    expected: 'set-data-aside DataTooOld',
  },
  {
    behaviour: '3.7 waits with an old log between two leaders',
    view: anOldLog(7, { voters: aQuorum([aMember(0), aMember(1)], { leader: null }) }),
    expected: WAITS,
  },
  {
    behaviour: '3.7 waits with an old log while no quorum serves',
    view: anOldLog(7, {
      voters: { kind: 'local-list', clusterId: CLUSTER, members: [aMember(0)], why: 'no leader' },
    }),
    expected: WAITS,
  },
  {
    behaviour: '3.7 waits with an old log alone',
    view: anOldLog(7, { voters: { kind: 'silent', why: 'nobody' } }),
    expected: WAITS,
  },
  {
    behaviour: '3.7 takes back a note that denies what is in the log',
    view: anOldLog(7, { volume: dataVolume({ logCleanFor: 6 }) }),
    expected: 'write-marker DataTooOld',
  },
  {
    behaviour: '3.7 joins anew with an old log of a member that was removed',
    view: anOldLog(7, { voters: aQuorum([aMember(0), aMember(2)]) }),
    expected: 'set-data-aside RemovedData',
  },
  {
    behaviour: '3.7 that failed on an old log often enough gives it up as data that is no use',
    view: anOldLog(7, { etcd: { kind: 'at-gate', sinceMs: NOW_MS, failedStarts: FAILED_STARTS_MAX } }),
    expected: 'set-data-aside DataUnusable',
  },
  {
    behaviour: '3.7 takes in what a plain etcd left before it looks into the log',
    view: anOldLog(7, {
      volume: {
        kind: 'readable',
        marker: { kind: 'none' },
        wal: { kind: 'present', clusterId: CLUSTER, memberId: memberId(1), place: 'default.etcd' },
        prunable: 0,
      },
    }),
    expected: 'take-in-data PlainData',
  },
  {
    behaviour: 'a voter of 3.6 notes a log that is clean once the cluster is of 3.6',
    view: anUnnotedVoter(6, { log: CLEAN_LOG, clusterMinor: 6 }),
    expected: 'write-marker LogClean',
  },
  {
    behaviour: 'a voter of 3.6 notes nothing while members of 3.5 may add to the log',
    view: anUnnotedVoter(6, { log: CLEAN_LOG, clusterMinor: 5 }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter of 3.6 notes nothing while the cluster version is not known',
    view: anUnnotedVoter(6, { log: CLEAN_LOG }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter of 3.6 notes nothing of a log that is old',
    view: anUnnotedVoter(6, { log: OLD_LOG, clusterMinor: 6 }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter of 3.6 notes nothing of a log that could not be read',
    view: anUnnotedVoter(6, { log: UNKNOWN_LOG, clusterMinor: 6 }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter of 3.7 notes that it could read its log',
    view: anUnnotedVoter(7),
    expected: 'write-marker LogClean',
  },
  {
    behaviour: 'a voter of 3.7 notes so anew after it was noted for 3.6',
    view: anUnnotedVoter(7, { volume: dataVolume({ logCleanFor: 6 }) }),
    expected: 'write-marker LogClean',
  },
  {
    behaviour: 'a voter of 3.5 notes nothing',
    view: anUnnotedVoter(5, { log: CLEAN_LOG, clusterMinor: 6 }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter of 3.6 that was of 3.7 before keeps that note',
    view: anUnnotedVoter(6, { volume: dataVolume({ logCleanFor: 7 }), log: CLEAN_LOG, clusterMinor: 6 }),
    expected: 'settled Serving',
  },
];
