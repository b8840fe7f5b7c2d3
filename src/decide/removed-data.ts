/**
 * Data of a member that the voters have removed: it is never started (F17). A removal is for good, since etcd
 * never gives an ID twice, so one linearizable list that lacks the member is proof for ever, and is noted on the
 * volume where the data stays: the next start may come when nobody can be asked in time.
 */
import type { Decision } from '../model/decision.ts';
import type { Marker } from '../model/marker.ts';
import type { EtcdId } from '../model/member.ts';
import type { MemberView } from '../model/member-view.ts';
import type { Wal } from '../model/volume.ts';
import { stayOut, wait } from './because.ts';
import { markerOf } from './ownership.ts';
import { findQuorum } from './quorum.ts';

/** What becomes of own data whose member was removed; undefined where nothing says that it was. */
export function decideRemovedData(
  view: MemberView,
  wal: Extract<Wal, { kind: 'present' }>,
): Decision | undefined {
  const marker = markerOf(view);
  const isNoted = isNotedAsRemoved(marker, wal.memberId);
  if (view.voters.kind !== 'linearizable') {
    return isNoted && !isCountedOn(view, wal.memberId) ? waitForVoters(view, wal.memberId) : undefined;
  }
  if (!view.voters.members.some((member) => member.id === wal.memberId)) {
    return putAway(view, wal, isNoted ? undefined : marker);
  }
  return isNoted && marker !== undefined ? takeBackNote(marker, wal.memberId) : undefined;
}

/** Whether the volume notes that this member was removed. */
export function isNotedAsRemoved(marker: Marker | undefined, memberId: EtcdId): boolean {
  return marker?.removedMember === memberId;
}

/** The decision to note on the volume that `memberId` was removed, which a quorum has said. */
export function noteRemoval({ volumeId: _kept, ...fields }: Marker, memberId: EtcdId): Decision {
  return {
    kind: 'write-marker',
    stage: 'gated',
    reason: 'RemovedData',
    message: `The voters do not list member ${memberId} any more; noting on the volume that it was removed.`,
    marker: { ...fields, removedMember: memberId },
  };
}

/** Where the data stays, the removal is noted first: `toNote` is the marker that does not say so yet. */
function putAway(
  view: MemberView,
  { memberId, place }: Extract<Wal, { kind: 'present' }>,
  toNote: Marker | undefined,
): Decision {
  const staying = whyItStays(view, memberId);
  if (staying !== undefined) {
    return toNote === undefined ? staying : noteRemoval(toNote, memberId);
  }
  return {
    kind: 'set-data-aside',
    stage: 'gated',
    reason: 'RemovedData',
    message: `Member ${memberId} is no longer listed by the voters; its data is set aside and the member joins anew.`,
    ...(place === undefined ? {} : { place }),
  };
}

/** Removed data that nobody needs room for, or not yet, stays where it is. */
function whyItStays({ intent, self }: MemberView, memberId: EtcdId): Decision | undefined {
  if (!intent.known) {
    return wait(
      'gated',
      'IntentUnknown',
      `Member ${memberId} was removed; whether it should join again is unknown while ${intent.why}.`,
    );
  }
  return self.ordinal >= intent.value.replicas
    ? stayOut(
        'ScaledAway',
        `Member ${memberId} was removed and the cluster is scaled to ${intent.value.replicas}.`,
      )
    : undefined;
}

/**
 * A voter that stayed, and was killed before it had on disk that the removal is committed, needs this member's vote
 * to find that out: where there were two, it has no quorum without it, for ever. It still lists the member then.
 */
function isCountedOn({ voters }: MemberView, memberId: EtcdId): boolean {
  return voters.kind === 'local-list' && voters.members.some((member) => member.id === memberId);
}

/** As good as an empty volume while no quorum answers, but that the data may not be touched either. */
function waitForVoters(view: MemberView, memberId: EtcdId): Decision | undefined {
  const staying = whyItStays(view, memberId);
  const finding = findQuorum(view.voters);
  if (staying !== undefined || finding.found) {
    return staying;
  }
  return wait(
    'gated',
    finding.wait.reason,
    `Member ${memberId} was removed, as noted on the volume, so its data is not started; whether it may join anew only the voters can say. ${finding.wait.message}`,
  );
}

/** The voters know better than the volume, as after all of them were put back to an earlier state. */
function takeBackNote(
  { volumeId: _kept, removedMember: _wrong, ...fields }: Marker,
  memberId: EtcdId,
): Decision {
  return {
    kind: 'write-marker',
    stage: 'gated',
    reason: 'OwnData',
    message: `The volume notes that member ${memberId} was removed, and the voters list it; taking that note back.`,
    marker: fields,
  };
}
