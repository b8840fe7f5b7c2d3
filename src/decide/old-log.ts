/**
 * A log that an older etcd wrote in part. etcd 3.5 writes some of its own requests in the form of etcd 2: each
 * start publishes the member so, each change of the cluster version is one. 3.6 still converts them, 3.7 dies
 * of the first that it replays or is sent. A snapshot puts an end to them, and 3.6 writes one only every
 * 10,000 entries: a small cluster would keep them for ever.
 */
import type { Decision, DecisionOf } from '../model/decision.ts';
import { type EtcdVersion, parseEtcdVersion } from '../model/etcd-version.ts';
import { CONVERTS_MINOR, type LogTail, UNREADABLE_SINCE_MINOR } from '../model/log-tail.ts';
import type { Marker } from '../model/marker.ts';
import { isStarted } from '../model/member.ts';
import type { MemberView } from '../model/member-view.ts';
import type { Wal } from '../model/volume.ts';
import { wait } from './because.ts';
import { isNoted } from './log-note.ts';
import { markerOf } from './ownership.ts';
import { findQuorum } from './quorum.ts';

/**
 * A leader of 3.6 keeps its log in memory since its own start, and a newcomer gets all of it, unless the leader
 * has made a snapshot in memory since. It does after 100 entries (`memorySnapshotCount`, 3.6.0 to 3.7.3);
 * measured: a newcomer of 3.7 died of a leader with 8 entries and lived with one of 118.
 */
const LEADER_INDEX_MIN = 200n;

/** Whether the log must be read through before etcd starts: once noted, never again under this minor. */
export function isLogInQuestion(view: MemberView): boolean {
  const { volume, self } = view;
  return (
    self.etcdVersion.minor >= CONVERTS_MINOR &&
    view.etcd.kind === 'at-gate' &&
    volume.kind === 'readable' &&
    volume.wal.kind === 'present' &&
    volume.wal.place === undefined &&
    !isNoted(view, markerOf(view))
  );
}

/** Whether this etcd cannot read what is in its log. */
export function isTooOld(view: MemberView): boolean {
  return view.self.etcdVersion.minor >= UNREADABLE_SINCE_MINOR && lastV2IndexOf(view.log) !== null;
}

/** Own data whose log this etcd would die of is never started; undefined where it may be. */
export function decideOldLog(view: MemberView, wal: Extract<Wal, { kind: 'present' }>): Decision | undefined {
  if (!isTooOld(view)) {
    return undefined;
  }
  const marker = markerOf(view);
  if (marker?.logCleanFor !== undefined) {
    return forgetNote(marker);
  }
  const found = `The log of member ${wal.memberId} holds requests up to index ${lastV2IndexOf(view.log)} that etcd 3.5 wrote and 3.${view.self.etcdVersion.minor} dies of`;
  return canJoinAnew(view, wal)
    ? {
        kind: 'set-data-aside',
        stage: 'gated',
        reason: 'DataTooOld',
        message: `${found}, while a quorum serves without it; the data is set aside and the member joins anew.`,
      }
    : wait(
        'gated',
        'DataTooOld',
        `${found}; not starting it, touching nothing. Set the version back to 3.6, which cleans the log as it starts, and then to this one again.`,
      );
}

/** What was noted once was wrong, so that 3.6 must look for itself. */
function forgetNote({ volumeId: _kept, logCleanFor: _wrong, ...marker }: Marker): Decision {
  return {
    kind: 'write-marker',
    stage: 'gated',
    reason: 'DataTooOld',
    message: 'The log was noted as clean, and is not; taking that note back.',
    marker,
  };
}

/**
 * A newcomer gets its data from the leader: not from one of 3.5, which 3.7 may not join, and not entry by entry
 * from one of 3.6 whose memory goes back to before its upgrade. Who does not answer may be either.
 */
function canJoinAnew(view: MemberView, wal: Extract<Wal, { kind: 'present' }>): boolean {
  const finding = findQuorum(view.voters);
  if (!finding.found) {
    return false;
  }
  const { members, leader } = finding.quorum;
  const others = members.filter((member) => member.id !== wal.memberId && isStarted(member));
  const leaderMinor = versionOf(others.find((member) => member.id === leader.id))?.minor ?? 0;
  return (
    others.every((member) => (versionOf(member)?.minor ?? 0) >= CONVERTS_MINOR) &&
    (leaderMinor >= UNREADABLE_SINCE_MINOR ||
      (leaderMinor === CONVERTS_MINOR && leader.raftIndex >= LEADER_INDEX_MIN))
  );
}

type Contacted = Extract<MemberView['voters'], { kind: 'linearizable' }>['members'][number];

function versionOf(member: Contacted | undefined): EtcdVersion | undefined {
  return member?.contact.kind === 'answers' ? parseEtcdVersion(member.contact.etcdVersion) : undefined;
}

/**
 * How a log with old requests is started by an etcd that converts them: etcd writes a snapshot once it has
 * applied more entries than this since the last one (`shouldSnapshotToDisk`), so right when it has replayed
 * them. Higher would be later, and lower would make more snapshots than needed until the next start.
 */
export function cleaningOf(view: MemberView): Pick<DecisionOf<'resume'>, 'snapshotCount'> {
  const { log, self } = view;
  if (self.etcdVersion.minor !== CONVERTS_MINOR || log.kind !== 'read' || log.lastV2Index === null) {
    return {};
  }
  return { snapshotCount: Math.max(1, Number(log.entries) - 1) };
}

function lastV2IndexOf(log: LogTail): bigint | null {
  return log.kind === 'read' ? log.lastV2Index : null;
}
