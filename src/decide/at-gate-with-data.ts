import type { Decision } from '../model/decision.ts';
import type { FormationRecord, VersionedRecord } from '../model/formation-record.ts';
import type { MemberView } from '../model/member-view.ts';
import type { Wal } from '../model/volume.ts';
import { wait } from './because.ts';
import { cleaningOf, decideOldLog } from './old-log.ts';
import { markerOf, ownershipOf } from './ownership.ts';
import { FAILED_STARTS_MAX, FREE_BYTES_MIN } from './patience.ts';
import { decideRemovedData } from './removed-data.ts';

/** etcd waits at the gate and the volume holds a write-ahead log. */
export function decideWithData(view: MemberView, wal: Extract<Wal, { kind: 'present' }>): Decision {
  const versioned = view.record.known && view.record.value !== 'absent' ? view.record.value : undefined;
  switch (ownershipOf(view, wal)) {
    case 'own':
      return decideOwnData(view, wal);
    case 'foreign':
      return setAside(
        wal,
        'ForeignData',
        `The volume holds data of cluster ${wal.clusterId}, which is not this cluster's; setting it aside in quarantine/.`,
      );
    case 'unclaimed':
      return versioned === undefined
        ? waitForFormation(view, wal)
        : (setDiscardedAside(view, wal) ??
            blockFormation(
              view,
              versioned,
              'ForeignData',
              `member ${wal.memberId} of cluster ${wal.clusterId}`,
            ));
    case 'unknown':
      return waitForFormation(view, wal);
  }
}

/** etcd waits at the gate and the volume holds a write-ahead log that cannot be read. */
export function decideUnreadableData(view: MemberView, wal: Extract<Wal, { kind: 'unreadable' }>): Decision {
  if (view.voters.kind === 'linearizable') {
    return setAside(
      wal,
      'DataUnreadable',
      `The write-ahead log cannot be read (${wal.why}); a quorum holds every committed entry, so it is set aside and the member joins anew.`,
    );
  }
  return (
    decideUnclaimedDamage(view, wal) ??
    wait(
      'gated',
      'DataUnreadable',
      `The write-ahead log cannot be read (${wal.why}) and no quorum answers; it may be the last copy, so nothing is touched. Restore the volume or a snapshot.`,
    )
  );
}

/** Damaged data of a cluster that was never formed is nobody's to repair, so a human decides about it, too. */
function decideUnclaimedDamage(
  view: MemberView,
  wal: Extract<Wal, { kind: 'unreadable' }>,
): Decision | undefined {
  const versioned = view.record.known && view.record.value !== 'absent' ? view.record.value : undefined;
  return versioned?.record.phase !== 'Unformed' || isBegunUnder(versioned.record, view)
    ? undefined
    : (setDiscardedAside(view, wal) ??
        blockFormation(view, versioned, 'DataUnreadable', `data that cannot be read (${wal.why})`));
}

/** This very cluster wrote to the volume, so a record that says that nothing was begun is an old one. */
function isBegunUnder(record: FormationRecord, view: MemberView): boolean {
  const marker = markerOf(view);
  return marker?.clusterUid === record.clusterUid && marker.generation === record.generation;
}

/**
 * A human has looked at a cluster that was never formed and given up whatever lies on its volumes, legible or
 * not: what cannot be read would else hold up the formation, and be set aside as foreign right after it. What
 * this very cluster itself began to write was not meant, and the record that was read is older than that.
 */
function setDiscardedAside(view: MemberView, wal: HeldData): Decision | undefined {
  const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
  if (record?.phase !== 'Unformed' || record.discarding !== true || isBegunUnder(record, view)) {
    return undefined;
  }
  const whose = wal.kind === 'present' ? `data of cluster ${wal.clusterId}` : 'data that cannot be read';
  return setAside(
    wal,
    'DataDiscarded',
    `The volume holds ${whose}, which a human has discarded; setting it aside in quarantine/.`,
  );
}

type HeldData = Exclude<Wal, { kind: 'none' }>;

function decideOwnData(view: MemberView, wal: Extract<Wal, { kind: 'present' }>): Decision {
  const removed = decideRemovedData(view, wal);
  if (removed !== undefined) {
    return removed;
  }
  const failedStarts = view.etcd.kind === 'at-gate' ? view.etcd.failedStarts : 0;
  if (failedStarts > 0 && freeBytesOf(view) < FREE_BYTES_MIN) {
    return wait(
      'gated',
      'VolumeFull',
      `etcd failed to start and the volume has only ${freeBytesOf(view)} bytes free; nothing on it is touched. Free or enlarge it.`,
    );
  }
  if (view.voters.kind === 'linearizable' && failedStarts >= FAILED_STARTS_MAX) {
    return setAside(
      wal,
      'DataUnusable',
      `etcd failed ${failedStarts} times in a row on this data while a quorum serves without it; it is set aside and the member joins anew.`,
    );
  }
  return takeIn(wal) ?? decideOldLog(view, wal) ?? resume(view, wal);
}

function takeIn({ memberId, clusterId, place }: Extract<Wal, { kind: 'present' }>): Decision | undefined {
  return place === undefined
    ? undefined
    : {
        kind: 'take-in-data',
        stage: 'gated',
        reason: 'PlainData',
        message: `Member ${memberId} of cluster ${clusterId} lies in ${place} on the volume, as a plain etcd left it; moving it to data/.`,
        memberId,
        place,
      };
}

function resume(view: MemberView, { memberId, clusterId }: Extract<Wal, { kind: 'present' }>): Decision {
  const cleaning = cleaningOf(view);
  const how =
    cleaning.snapshotCount === undefined
      ? ''
      : `, with a snapshot after ${cleaning.snapshotCount} entries, since its log still holds requests of etcd 3.5 that 3.7 could not read`;
  return {
    kind: 'resume',
    stage: 'starting',
    reason: 'OwnData',
    message: `The volume holds member ${memberId} of cluster ${clusterId}; starting it${how}.`,
    memberId,
    maxLearners: maxLearnersFor(view),
    initialCorruptCheck: view.voters.kind === 'linearizable',
    ...cleaning,
  };
}

/** A file system that does not say how much it has left is not taken for full. */
function freeBytesOf(view: MemberView): number {
  const free = view.volume.kind === 'readable' ? view.volume.freeBytes : undefined;
  return free ?? Number.POSITIVE_INFINITY;
}

/** The record's limit, else the one noted on the volume; clusters that never noted one are adopted and have 1. */
function maxLearnersFor(view: MemberView): number {
  const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
  return record?.maxLearners ?? markerOf(view)?.maxLearners ?? 1;
}

function setAside(
  { place }: HeldData,
  reason: 'ForeignData' | 'DataDiscarded' | 'DataUnreadable' | 'DataUnusable',
  message: string,
): Decision {
  const where = place === undefined ? {} : { place };
  return { kind: 'set-data-aside', stage: 'gated', reason, message, ...where };
}

/** The record that was read said Unformed, or nothing would count as unclaimed. */
function blockFormation(
  view: MemberView,
  { record, resourceVersion }: VersionedRecord,
  reason: 'ForeignData' | 'DataUnreadable',
  found: string,
): Decision {
  const message =
    `Volume of ordinal ${view.self.ordinal} holds ${found}, ` +
    'but this cluster was never formed. Adopt the data or discard it; nothing starts until then.';
  return {
    kind: 'block-formation',
    stage: 'gated',
    reason,
    message,
    resourceVersion,
    record: {
      phase: 'Blocked',
      clusterUid: record.clusterUid,
      generation: record.generation,
      maxLearners: record.maxLearners,
      reason: 'ForeignData',
      message,
    },
  };
}

function waitForFormation(view: MemberView, wal: Extract<Wal, { kind: 'present' }>): Decision {
  if (view.record.known && view.record.value !== 'absent' && view.record.value.record.phase === 'Blocked') {
    return wait('gated', 'FormationBlocked', view.record.value.record.message);
  }
  const why = view.record.known ? 'the formation record is absent' : view.record.why;
  return wait(
    'gated',
    'FormationUnknown',
    `The volume holds data of cluster ${wal.clusterId} that nothing ties to this cluster, and ${why}.`,
  );
}
