import { emptyHistory } from '../../src/decide/remember.ts';
import type { Stage } from '../../src/model/decision.ts';
import type { FormationRecord, VersionedRecord } from '../../src/model/formation-record.ts';
import { tokenOf } from '../../src/model/formation-record.ts';
import { type Known, known } from '../../src/model/known.ts';
import type { EtcdStatus, LocalEtcd } from '../../src/model/local-etcd.ts';
import type { Marker } from '../../src/model/marker.ts';
import { type EtcdId, etcdIdOfHex } from '../../src/model/member.ts';
import type { History, Intent, MemberView, Self } from '../../src/model/member-view.ts';
import { type ClusterNames, clientUrlOf, memberNameOf, peerUrlOf } from '../../src/model/naming.ts';
import type { Sibling } from '../../src/model/sibling.ts';
import type { Volume } from '../../src/model/volume.ts';
import type { ContactedMember, PeerContact, VotersWord } from '../../src/model/voters-word.ts';

export const NAMES: ClusterNames = {
  cluster: 'demo',
  namespace: 'default',
  service: 'demo-peer',
  clusterDomain: 'cluster.local',
  hostTemplate: '{fqdn}',
  peerScheme: 'http',
  clientScheme: 'http',
  peerPort: 2380,
  clientPort: 2379,
};

export const UID = 'uid-1';
export const CLUSTER = id('c1');
export const FOREIGN_CLUSTER = id('cf');
export const VOLUME_ID = 'volume-1';
export const NOW_MS = 1_000_000;

/** An ID of the given hexadecimal digits. */
export function id(hex: string): EtcdId {
  const value = etcdIdOfHex(hex);
  if (value === undefined) {
    throw new Error(`"${hex}" is no etcd ID`);
  }
  return value;
}

/** The ID of the member of `ordinal` in these tests. */
export function memberId(ordinal: number): EtcdId {
  return id(`a${ordinal}`);
}

export function aSelf(fields: Partial<Self> = {}): Self {
  return {
    names: NAMES,
    ordinal: 1,
    podUid: 'pod-1',
    etcdVersion: { major: 3, minor: 6, patch: 16 },
    quotaBytes: 2 * 1024 ** 3,
    ...fields,
  };
}

export function aMarker(fields: Partial<Marker> = {}): Marker {
  return {
    volumeId: VOLUME_ID,
    clusterUid: UID,
    generation: 1,
    maxLearners: 8,
    clusterId: CLUSTER,
    intent: { kind: 'none' },
    released: false,
    ...fields,
  };
}

const BASE = { clusterUid: UID, generation: 1, maxLearners: 8 };

export function unformed(): FormationRecord {
  return { ...BASE, phase: 'Unformed' };
}

/** A human has said that old data may be set aside. */
export function discarding(): FormationRecord {
  return { ...BASE, phase: 'Unformed', discarding: true };
}

export function formed(
  fields: { maxLearners?: number; generation?: number; clusterUid?: string } = {},
): FormationRecord {
  return { ...BASE, ...fields, phase: 'Formed', clusterId: CLUSTER };
}

export function forming(
  seed: { ordinal?: number; volumeId?: string; attempt?: number } = {},
): FormationRecord {
  return {
    ...BASE,
    phase: 'Forming',
    seed: { ordinal: 1, podUid: 'pod-1', volumeId: VOLUME_ID, attempt: 1, ...seed },
  };
}

export function blocked(): FormationRecord {
  return { ...BASE, phase: 'Blocked', reason: 'ForeignData', message: 'Foreign data was found.' };
}

export const SEED_TOKEN = tokenOf(unformed(), 1);

export function recorded(record: FormationRecord): Known<VersionedRecord> {
  return known({ record, resourceVersion: '7' }, NOW_MS);
}

export function anIntent(fields: Partial<Intent> = {}): Known<Intent> {
  return known(
    {
      statefulSetUid: UID,
      replicas: 3,
      statefulSetDeleting: false,
      ownPod: { uid: 'pod-1', deleting: false },
      ...fields,
    },
    NOW_MS,
  );
}

export const ANSWERS: PeerContact = { kind: 'answers', etcdVersion: '3.6.16' };

/** A started voter of `ordinal` that answers, unless said otherwise. */
export function aMember(ordinal: number, fields: Partial<ContactedMember> = {}): ContactedMember {
  return {
    id: memberId(ordinal),
    name: memberNameOf(NAMES, ordinal),
    peerUrls: [peerUrlOf(NAMES, ordinal)],
    clientUrls: [clientUrlOf(NAMES, ordinal)],
    isLearner: false,
    contact: ANSWERS,
    ...fields,
  };
}

export function anUnstartedLearner(ordinal: number, fields: Partial<ContactedMember> = {}): ContactedMember {
  return aMember(ordinal, {
    name: '',
    clientUrls: [],
    isLearner: true,
    contact: { kind: 'refuses' },
    ...fields,
  });
}

/** A quorum that lists `members`, led by the first. */
export function aQuorum(
  members: readonly ContactedMember[],
  fields: Partial<Extract<VotersWord, { kind: 'linearizable' }>> = {},
): Extract<VotersWord, { kind: 'linearizable' }> {
  const [leader] = members;
  return {
    kind: 'linearizable',
    clusterId: CLUSTER,
    members,
    leader:
      leader === undefined
        ? null
        : { id: leader.id, clientUrl: leader.clientUrls[0] ?? '', raftIndex: 100n, raftTerm: 2n },
    observedAtMs: NOW_MS,
    ...fields,
  };
}

/** Another Pod that runs, whose agent says nothing, unless said otherwise. */
export function aSibling(ordinal: number, fields: Partial<Sibling> = {}): Sibling {
  return {
    ordinal,
    pod: known(
      { kind: 'present', podUid: `pod-${ordinal}`, address: '', running: true, deleting: false },
      NOW_MS,
    ),
    agent: { kind: 'silent' },
    ...fields,
  };
}

export function anAnsweringAgent(
  fields: Partial<Extract<Sibling['agent'], { kind: 'answers' }>> = {},
): Sibling['agent'] {
  return {
    kind: 'answers',
    stage: 'serving',
    decides: 'settled',
    hasData: false,
    etcdVersion: '3.6.16',
    canReachMe: true,
    ...fields,
  };
}

/** A volume that holds no data and a marker of these fields. */
export function emptyVolume(marker: Partial<Marker> = {}): Volume {
  return {
    kind: 'readable',
    marker: { kind: 'present', marker: aMarker(marker) },
    wal: { kind: 'none' },
    prunable: 0,
  };
}

/** A volume that holds the data of ordinal 1 and the marker of a member that has served. */
export function dataVolume(marker: Partial<Marker> = {}): Volume {
  return {
    kind: 'readable',
    marker: { kind: 'present', marker: aMarker({ released: true, ...marker }) },
    wal: { kind: 'present', clusterId: CLUSTER, memberId: memberId(1) },
    prunable: 0,
  };
}

/** What is remembered by a member that has been in `stage` for `waitedMs`. */
export function aHistory(stage: Stage, waitedMs = 0, fields: Partial<History> = {}): History {
  return { ...emptyHistory(NOW_MS), stage, stageSinceMs: NOW_MS - waitedMs, ...fields };
}

export const AT_GATE: LocalEtcd = { kind: 'at-gate', sinceMs: NOW_MS, failedStarts: 0 };

export const STARTING: LocalEtcd = { kind: 'starting', sinceMs: NOW_MS, alive: false, hasLeader: false };

export function running(status: Partial<EtcdStatus> = {}): LocalEtcd {
  return {
    kind: 'running',
    sinceMs: NOW_MS,
    status: {
      clusterId: CLUSTER,
      memberId: memberId(1),
      isLearner: false,
      leaderId: memberId(0),
      version: '3.6.16',
      raftTerm: 2n,
      raftIndex: 100n,
      raftAppliedIndex: 100n,
      dbSizeBytes: 20_480,
      dbSizeInUseBytes: 16_384,
      errors: [],
      ...status,
    },
  };
}

/**
 * Ordinal 1 of a formed cluster of three, at the gate with an empty, named volume; the other two answer
 * and do not list it.
 */
export function aMemberView(fields: Partial<MemberView> = {}): MemberView {
  return {
    nowMs: NOW_MS,
    self: aSelf(),
    certificates: { kind: 'unused' },
    volume: {
      kind: 'readable',
      marker: { kind: 'present', marker: aMarker() },
      wal: { kind: 'none' },
      prunable: 0,
    },
    etcd: AT_GATE,
    intent: anIntent(),
    record: recorded(formed()),
    voters: aQuorum([aMember(0), aMember(2)]),
    ownName: 'published',
    siblings: [aSibling(0), aSibling(2)],
    log: { kind: 'unread' },
    clusterMinor: null,
    voterStatuses: new Map(),
    history: emptyHistory(NOW_MS),
    ...fields,
  };
}
