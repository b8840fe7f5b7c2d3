import type { Decision } from '../model/decision.ts';
import { type FormingRecord, tokenOf, type UnformedRecord } from '../model/formation-record.ts';
import type { Marker } from '../model/marker.ts';
import { type MemberView, waitedMs } from '../model/member-view.ts';
import { wait } from './because.ts';
import { isSeedOf } from './ownership.ts';
import { PATIENCE_MS } from './patience.ts';

/** The volume is empty and the record says that this cluster was never formed. */
export function decideUnformed(
  view: MemberView,
  record: UnformedRecord,
  resourceVersion: string,
  marker: Marker,
): Decision {
  const holder = view.siblings.find((sibling) => sibling.agent.kind === 'answers' && sibling.agent.hasData);
  if (holder !== undefined) {
    return wait(
      'forming',
      'ForeignData',
      `The record says Unformed, but the volume of ordinal ${holder.ordinal} holds data; not seeding over it.`,
    );
  }
  const turn = seedTurn(view);
  return turn ?? claimSeed(view, record, resourceVersion, marker, 1);
}

/** The volume is empty and a seed was named, but has not formed the cluster yet. */
export function decideForming(
  view: MemberView,
  record: FormingRecord,
  resourceVersion: string,
  marker: Marker,
): Decision {
  if (record.seed.ordinal !== view.self.ordinal) {
    return wait(
      'forming',
      'SeedElsewhere',
      `Ordinal ${record.seed.ordinal} is forming the cluster; joining once it is formed.`,
    );
  }
  if (record.seed.volumeId !== marker.volumeId) {
    return claimSeed(view, record, resourceVersion, marker, record.seed.attempt + 1);
  }
  if (!isSeedOf(marker, record)) {
    return {
      kind: 'write-marker',
      stage: 'forming',
      reason: 'SeedClaimed',
      message: 'This member is the seed; noting it on the volume before etcd starts.',
      marker: {
        clusterUid: record.clusterUid,
        generation: record.generation,
        maxLearners: record.maxLearners,
        clusterId: null,
        intent: { kind: 'seed', token: tokenOf(record, record.seed.attempt) },
        released: false,
      },
    };
  }
  if (marker.released) {
    // It was let start before and nothing is left of that. Only a swap proves that the record still says
    // Forming: an old answer must not start a second cluster under the first one's token.
    return claimSeed(view, record, resourceVersion, marker, record.seed.attempt + 1);
  }
  return {
    kind: 'seed',
    stage: 'starting',
    reason: 'SeedClaimed',
    message: `Starting a new cluster alone, attempt ${record.seed.attempt}; nothing was ever served under this record.`,
    token: tokenOf(record, record.seed.attempt),
    maxLearners: record.maxLearners,
  };
}

/** Ordinal 0 goes at once; others only while it is proven not to run, and later the higher they are. */
function seedTurn(view: MemberView): Decision | undefined {
  if (view.self.ordinal === 0) {
    return undefined;
  }
  const first = view.siblings.find((sibling) => sibling.ordinal === 0);
  if (first === undefined || !first.pod.known) {
    return wait('forming', 'SeedTurn', 'Ordinal 0 seeds first, and whether it runs is unknown.');
  }
  if (first.pod.value.kind === 'present' && first.pod.value.running) {
    return wait('forming', 'SeedElsewhere', 'Ordinal 0 runs and seeds first.');
  }
  const dueMs = PATIENCE_MS.seedPerOrdinal * view.self.ordinal;
  return waitedMs(view, 'forming') < dueMs
    ? wait(
        'forming',
        'SeedTurn',
        `Ordinal 0 does not run; this member seeds in its place after ${dueMs / 1000} s.`,
      )
    : undefined;
}

function claimSeed(
  view: MemberView,
  record: UnformedRecord | FormingRecord,
  resourceVersion: string,
  marker: Marker,
  attempt: number,
): Decision {
  return {
    kind: 'claim-seed',
    stage: 'forming',
    reason: attempt === 1 ? 'Unformed' : 'SeedVolumeLost',
    message:
      attempt === 1
        ? 'This cluster was never formed; claiming to be its seed.'
        : `The seed's data was lost before the cluster was formed; claiming attempt ${attempt} under a new token.`,
    resourceVersion,
    record: {
      phase: 'Forming',
      clusterUid: record.clusterUid,
      generation: record.generation,
      maxLearners: record.maxLearners,
      seed: { ordinal: view.self.ordinal, podUid: view.self.podUid, volumeId: marker.volumeId, attempt },
    },
  };
}
