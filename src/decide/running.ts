import type { Decision } from '../model/decision.ts';
import type { FormingRecord, VersionedRecord } from '../model/formation-record.ts';
import type { EtcdStatus, LocalEtcd } from '../model/local-etcd.ts';
import type { MemberView } from '../model/member-view.ts';
import { wait } from './because.ts';
import { decideHousekeeping } from './housekeeping.ts';
import { noteCleanLog } from './log-note.ts';
import { isSeedOf, markerOf } from './ownership.ts';
import { PATIENCE_MS, QUARANTINE_KEEP } from './patience.ts';
import { decidePeerUrl } from './peer-url.ts';
import { decidePromotion } from './promotion.ts';

/** etcd runs: seal what it formed, become a voter, or serve. */
export function decideRunning(view: MemberView, etcd: Extract<LocalEtcd, { kind: 'running' }>): Decision {
  const versioned = view.record.known && view.record.value !== 'absent' ? view.record.value : undefined;
  if (versioned?.record.phase === 'Forming') {
    return decideSeal(view, etcd.status, versioned.record, versioned.resourceVersion);
  }
  if (versioned?.record.phase === 'Formed' && versioned.record.clusterId !== etcd.status.clusterId) {
    return wait(
      'serving',
      'ForeignCluster',
      `etcd runs in cluster ${etcd.status.clusterId}, but the formation record names ${versioned.record.clusterId}; changing nothing.`,
    );
  }
  if (etcd.status.isLearner) {
    return decidePromotion(view, etcd.status);
  }
  return noteFormation(view, versioned) ?? unsealed(view, versioned) ?? decideServing(view, etcd.status);
}

function decideSeal(
  view: MemberView,
  status: EtcdStatus,
  record: FormingRecord,
  resourceVersion: string,
): Decision {
  const marker = markerOf(view);
  if (marker === undefined || !isSeedOf(marker, record)) {
    return wait(
      'forming',
      'SeedElsewhere',
      `etcd runs in cluster ${status.clusterId} while ordinal ${record.seed.ordinal} is still forming; sealing nothing.`,
    );
  }
  if (view.voters.kind !== 'linearizable') {
    return wait('forming', 'EtcdStarting', 'The seed runs and has not answered a linearizable read yet.');
  }
  return {
    kind: 'seal',
    stage: 'forming',
    reason: 'QuorumProven',
    message: `The seed serves linearizable reads; sealing cluster ${status.clusterId}.`,
    resourceVersion,
    record: {
      phase: 'Formed',
      clusterUid: record.clusterUid,
      generation: record.generation,
      maxLearners: record.maxLearners,
      clusterId: status.clusterId,
    },
  };
}

/** The volume learns once that its cluster is formed, so that it can resume while the API is away (F84). */
function noteFormation(view: MemberView, versioned: VersionedRecord | undefined): Decision | undefined {
  const marker = markerOf(view);
  if (versioned?.record.phase !== 'Formed') {
    return undefined;
  }
  const { record } = versioned;
  if (
    marker?.released === true &&
    marker.clusterId === record.clusterId &&
    marker.clusterUid === record.clusterUid
  ) {
    return undefined;
  }
  return {
    kind: 'write-marker',
    stage: 'serving',
    reason: 'FormationSeen',
    message: `Cluster ${record.clusterId} is formed; noting it on the volume.`,
    marker: {
      clusterUid: record.clusterUid,
      generation: record.generation,
      maxLearners: record.maxLearners,
      clusterId: record.clusterId,
      intent: marker?.intent ?? { kind: 'none' },
      released: true,
    },
  };
}

/** A seed that never saw its cluster formed keeps asking for the record: only the seal makes it last. */
function unsealed(view: MemberView, versioned: VersionedRecord | undefined): Decision | undefined {
  const marker = markerOf(view);
  if (versioned !== undefined || (marker !== undefined && marker.clusterId !== null)) {
    return undefined;
  }
  const why = view.record.known ? 'the formation record is absent' : view.record.why;
  return wait(
    'forming',
    'FormationUnknown',
    `etcd runs, but whether its cluster is sealed is unknown: ${why}.`,
  );
}

/**
 * Set-aside data of this cluster is superseded once this member is a healthy voter again; only then, and
 * only beyond the newest few, does it go (invariant 6).
 */
function pruneQuarantine(view: MemberView, status: EtcdStatus): Decision | undefined {
  const { volume, etcd } = view;
  if (volume.kind !== 'readable' || volume.prunable <= QUARANTINE_KEEP || status.leaderId === null) {
    return undefined;
  }
  if (etcd.kind !== 'running' || view.nowMs - etcd.sinceMs < PATIENCE_MS.healthyBeforePruning) {
    return undefined;
  }
  return {
    kind: 'prune-quarantine',
    stage: 'serving',
    reason: 'QuarantineFull',
    message: `${volume.prunable} set-aside copies of this cluster's data lie on the volume of a healthy voter; keeping the newest ${QUARANTINE_KEEP}.`,
    keep: QUARANTINE_KEEP,
  };
}

function decideServing(view: MemberView, status: EtcdStatus): Decision {
  if (status.leaderId === null) {
    return wait('serving', 'QuorumLost', 'This voter knows no leader; waiting, changing nothing.');
  }
  const correction = decidePeerUrl(view, status);
  if (correction?.kind === 'correct-peer-url') {
    return correction;
  }
  const pruning = pruneQuarantine(view, status);
  if (pruning !== undefined) {
    return pruning;
  }
  const housekeeping = status.leaderId === status.memberId ? decideHousekeeping(view, status) : undefined;
  return (
    housekeeping ??
    correction ??
    noteCleanLog(view, status) ?? {
      kind: 'settled',
      stage: 'serving',
      reason: 'Serving',
      message:
        status.leaderId === status.memberId
          ? 'Serving as leader.'
          : `Serving as voter; ${status.leaderId} leads.`,
    }
  );
}
