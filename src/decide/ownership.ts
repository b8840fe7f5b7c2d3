import { type FormationRecord, type FormingRecord, tokenOf } from '../model/formation-record.ts';
import type { Marker } from '../model/marker.ts';
import type { MemberView } from '../model/member-view.ts';
import type { Wal } from '../model/volume.ts';

/**
 * Whose data a volume holds.
 * - `own`: of this cluster and generation.
 * - `foreign`: the formation record names another cluster or generation.
 * - `unclaimed`: there is data, but the record says that nothing was ever formed.
 * - `unknown`: nothing at hand tells.
 */
export type Ownership = 'own' | 'foreign' | 'unclaimed' | 'unknown';

/** Judges the write-ahead log `wal` by the formation record and the marker beside it. */
export function ownershipOf(view: MemberView, wal: Extract<Wal, { kind: 'present' }>): Ownership {
  const marker = markerOf(view);
  const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
  if (record === undefined) {
    return marker !== undefined && isOwnWithoutRecord(view, marker, wal) ? 'own' : 'unknown';
  }
  if (record.phase === 'Formed') {
    return wal.clusterId === record.clusterId && isOfGeneration(marker, record) ? 'own' : 'foreign';
  }
  if (marker !== undefined && sawItFormed(marker, record) && marker.clusterId === wal.clusterId) {
    return 'own';
  }
  if (record.phase === 'Forming') {
    return marker !== undefined && isSeedOf(marker, record) ? 'own' : 'foreign';
  }
  return record.phase === 'Unformed' ? 'unclaimed' : 'unknown';
}

/**
 * Whether the marker alone proves that the data is of this cluster, for starts without the API (F84). The marker
 * of an earlier cluster of this name does not (F18), where this Pod was told which cluster it is of.
 */
export function isOwnWithoutRecord(
  { self }: MemberView,
  marker: Marker,
  wal: Extract<Wal, { kind: 'present' }>,
): boolean {
  const isOfThisCluster = self.clusterUid === undefined || self.clusterUid === marker.clusterUid;
  return marker.clusterId === wal.clusterId && isOfThisCluster;
}

/** The marker, when there is a readable one. */
export function markerOf(view: MemberView): Marker | undefined {
  return view.volume.kind === 'readable' && view.volume.marker.kind === 'present'
    ? view.volume.marker.marker
    : undefined;
}

/** Whether this volume is the one the record names as the seed's, meant to seed under its token. */
export function isSeedOf(marker: Marker, record: FormingRecord): boolean {
  return (
    marker.volumeId === record.seed.volumeId &&
    marker.intent.kind === 'seed' &&
    marker.intent.token === tokenOf(record, record.seed.attempt)
  );
}

/** A volume without a marker may be adopted; one of another generation may not. */
function isOfGeneration(marker: Marker | undefined, record: FormationRecord): boolean {
  return marker === undefined || marker.generation === record.generation;
}

/**
 * Whether this volume once saw this UID and generation formed. That outweighs a record that says "not yet": the
 * record never goes back by itself, so what was read is stale or was reset by hand.
 */
export function sawItFormed(marker: Marker, record: FormationRecord): boolean {
  return (
    marker.clusterId !== null &&
    marker.clusterUid === record.clusterUid &&
    marker.generation === record.generation
  );
}
