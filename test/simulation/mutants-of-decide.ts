/** The shipped decision table with one mistake put into it, one function each. */
import { decide } from '../../src/decide/decide.ts';
import { markerOf } from '../../src/decide/ownership.ts';
import type { Decision } from '../../src/model/decision.ts';
import { type FormationRecord, tokenOf, type VersionedRecord } from '../../src/model/formation-record.ts';
import { known } from '../../src/model/known.ts';
import { isStarted } from '../../src/model/member.ts';
import { type Intent, type MemberView, waitedMs } from '../../src/model/member-view.ts';
import { memberNameOf, peerUrlOf } from '../../src/model/naming.ts';
import type { ContactedMember, LeaderWord } from '../../src/model/voters-word.ts';

const BECAUSE = { stage: 'starting', reason: 'SeedClaimed', message: 'A mutant says so.' } as const;

/** "Nobody answers and my volume is empty, so this cluster is new." */
export function newAfterLoss(view: MemberView): Decision {
  const decision = decide(view);
  const record = recordOf(view);
  const isAlone = decision.reason === 'PeersUnreachable' || decision.reason === 'QuorumLost';
  return isAlone && isEmptyAtGate(view) && record !== undefined ? seedOf(record) : decision;
}

/** "Ordinal 0 with an empty volume starts the cluster." */
export function seedHardWired(view: MemberView): Decision {
  const record = recordOf(view);
  return view.self.ordinal === 0 && isEmptyAtGate(view) && record !== undefined
    ? seedOf(record)
    : decide(view);
}

/** "My peer URL is listed, so I am that member." */
export function oldIdentity(view: MemberView): Decision {
  const decision = decide(view);
  return decision.kind === 'remove-lost-identity' ? startAs(view, decision.memberId) : decision;
}

/** "Somebody lists my peer URL, so I am that member", quorum or not. */
export function oldIdentityAnyway(view: MemberView): Decision {
  const url = peerUrlOf(view.self.names, view.self.ordinal);
  const listed = membersOf(view).find((member) => member.peerUrls.includes(url));
  return isEmptyAtGate(view) && listed !== undefined ? startAs(view, listed.id) : decide(view);
}

/** "There is no record, so nothing was ever formed." */
export function absentIsUnformed(view: MemberView): Decision {
  if (!view.record.known || view.record.value !== 'absent' || !view.intent.known) {
    return decide(view);
  }
  const clusterUid = view.intent.value.statefulSetUid;
  const record = { phase: 'Unformed', clusterUid, generation: 1, maxLearners: 8 } as const;
  return decide({ ...view, record: known({ record, resourceVersion: '' }, view.nowMs) });
}

/** "Changes are asked of the leader." */
export function asksLeaderAlone(view: MemberView): Decision {
  const decision = decide(view);
  const { voters } = view;
  return decision.kind === 'join-as-learner' && voters.kind === 'linearizable' && voters.leader !== null
    ? { ...decision, voterUrl: voters.leader.clientUrl }
    : decision;
}

/** "The seed takes too long; I can do it." */
export function takesOverSeed(view: MemberView): Decision {
  const decision = decide(view);
  const versioned = versionedOf(view);
  const marker = markerOf(view);
  if (versioned?.record.phase !== 'Forming' || marker === undefined || waitedMs(view, 'forming') < 1_000) {
    return decision;
  }
  const { record, resourceVersion } = versioned;
  const { ordinal, podUid } = view.self;
  const seed = { ordinal, podUid, volumeId: marker.volumeId, attempt: record.seed.attempt + 1 };
  return decision.reason === 'SeedElsewhere' && isEmptyAtGate(view)
    ? { ...BECAUSE, stage: 'forming', kind: 'claim-seed', resourceVersion, record: { ...record, seed } }
    : decision;
}

/** "The cluster's name is token enough." */
export function oneToken(view: MemberView): Decision {
  const decision = decide(view);
  return decision.kind === 'seed' ? { ...decision, token: 'etcd-cluster' } : decision;
}

/** "The record alone says whether a cluster was formed." */
export function forgetsFormation(view: MemberView): Decision {
  const marker = markerOf(view);
  const isOfSeed = marker?.intent.kind === 'seed' && view.volume.kind === 'readable';
  return isOfSeed && isEmptyAtGate(view) && view.volume.kind === 'readable'
    ? decide({
        ...view,
        volume: {
          ...view.volume,
          marker: { kind: 'present', marker: { ...marker, clusterId: null, released: false } },
        },
      })
    : decide(view);
}

/** "There is data, so start it." */
export function resumesRemoved(view: MemberView): Decision {
  const decision = decide(view);
  const wal = view.volume.kind === 'readable' ? view.volume.wal : undefined;
  return decision.kind === 'set-data-aside' && wal?.kind === 'present'
    ? { ...BECAUSE, kind: 'resume', memberId: wal.memberId, maxLearners: 8, initialCorruptCheck: false }
    : decision;
}

/** "Nobody knows me, so my data is stale." */
export function wipesAlone(view: MemberView): Decision {
  const isAlone = view.voters.kind === 'silent' || view.voters.kind === 'local-list';
  return isAlone && hasDataAtGate(view) ? asideOf() : decide(view);
}

/** "It restarts, so its data is broken; the others have it." */
export function wipesImpatiently(view: MemberView): Decision {
  const decision = decide(view);
  return decision.kind === 'resume' && view.voters.kind === 'linearizable' ? asideOf() : decision;
}

/** "What was set aside is not needed." */
export function prunesEarly(view: MemberView): Decision {
  const isFull = view.volume.kind === 'readable' && view.volume.prunable > 0;
  return isFull ? { ...BECAUSE, kind: 'prune-quarantine', keep: 0 } : decide(view);
}

/** "I lead, so I promote whoever has started." */
export function promotesOthers(view: MemberView): Decision {
  const decision = decide(view);
  const self = view.etcd.kind === 'running' ? view.etcd.status.memberId : undefined;
  const leader = leaderOf(view);
  const learner = membersOf(view).find((member) => member.isLearner && isStarted(member));
  return leader !== undefined && leader.id === self && learner !== undefined
    ? promotionOf(learner.id, leader)
    : decision;
}

/** "etcd accepts 90 %, and so do I." */
export function promotesLagging(view: MemberView): Decision {
  return promotesDespite(view, 'CatchingUp');
}

/** "I am fed, so I am reached." */
export function promotesUnreached(view: MemberView): Decision {
  return promotesDespite(view, 'VoterCannotReachMe');
}

/** "Registered, so start." */
export function skipsPreflight(view: MemberView): Decision {
  const decision = decide(view);
  const intent = markerOf(view)?.intent;
  const isHeldBack = decision.kind === 'wait' && decision.stage === 'registered';
  return isHeldBack && intent?.kind === 'join' && intent.memberId !== null
    ? startAs(view, intent.memberId)
    : decision;
}

/** "Not a member any more? Then I join." */
export function rejoins(view: MemberView): Decision {
  const decision = decide(view);
  return decision.kind === 'stay-out' ? decide(withIntent(view, { replicas: 9 })) : decision;
}

/** "It does not answer, so it is gone." */
export function removesUnreachable(view: MemberView): Decision {
  const decision = decide(view);
  const self = view.etcd.kind === 'running' ? view.etcd.status.memberId : undefined;
  const leader = leaderOf(view);
  const sick = membersOf(view).find((member) => member.id !== self && member.contact.kind !== 'answers');
  return decision.reason === 'MemberUnhealthy' && leader !== undefined && sick !== undefined
    ? { ...BECAUSE, kind: 'remove-orphan', memberId: sick.id, leaderUrl: leader.clientUrl }
    : decision;
}

/** "Size 0 means that everybody is too many." */
export function shrinksAtZero(view: MemberView): Decision {
  const isZero = view.intent.known && view.intent.value.replicas === 0;
  return isZero && view.etcd.kind === 'running' ? decide(withIntent(view, { replicas: 1 })) : decide(view);
}

/** "The API has no Pod of my name, so nobody else has it." */
export function joinsForNobody(view: MemberView): Decision {
  const isGone = view.intent.known && view.intent.value.ownPod === null;
  const ownPod = { uid: view.self.podUid, deleting: false };
  return isGone ? decide(withIntent(view, { ownPod })) : decide(view);
}

/** "etcd runs, so all is well." */
export function claimsToServe(view: MemberView): Decision {
  const decision = decide(view);
  return decision.reason === 'QuorumLost'
    ? { kind: 'settled', stage: 'serving', reason: 'Serving', message: 'A mutant says so.' }
    : decision;
}

function promotesDespite(view: MemberView, reason: Decision['reason']): Decision {
  const decision = decide(view);
  const leader = leaderOf(view);
  return decision.reason === reason && view.etcd.kind === 'running' && leader !== undefined
    ? promotionOf(view.etcd.status.memberId, leader)
    : decision;
}

function promotionOf(memberId: ContactedMember['id'], leader: LeaderWord): Decision {
  return { ...BECAUSE, kind: 'promote-self', memberId, leaderUrl: leader.clientUrl };
}

function seedOf(record: FormationRecord): Decision {
  return { ...BECAUSE, kind: 'seed', token: tokenOf(record, 1), maxLearners: record.maxLearners };
}

function asideOf(): Decision {
  return { ...BECAUSE, kind: 'set-data-aside', reason: 'DataUnusable' };
}

function startAs(view: MemberView, memberId: ContactedMember['id']): Decision {
  const record = recordOf(view);
  return {
    ...BECAUSE,
    kind: 'start-joined',
    memberId,
    token: record === undefined ? '' : tokenOf(record, 1),
    maxLearners: record?.maxLearners ?? 1,
    initialCluster: membersOf(view).map((member) => ({
      name: member.id === memberId ? memberNameOf(view.self.names, view.self.ordinal) : member.id,
      peerUrl: member.peerUrls[0] ?? peerUrlOf(view.self.names, view.self.ordinal),
    })),
  };
}

function withIntent(view: MemberView, change: Partial<Intent>): MemberView {
  return view.intent.known
    ? { ...view, intent: { ...view.intent, value: { ...view.intent.value, ...change } } }
    : view;
}

function isEmptyAtGate(view: MemberView): boolean {
  return view.etcd.kind === 'at-gate' && view.volume.kind === 'readable' && view.volume.wal.kind === 'none';
}

function hasDataAtGate(view: MemberView): boolean {
  return (
    view.etcd.kind === 'at-gate' && view.volume.kind === 'readable' && view.volume.wal.kind === 'present'
  );
}

function versionedOf(view: MemberView): VersionedRecord | undefined {
  return view.record.known && view.record.value !== 'absent' ? view.record.value : undefined;
}

function recordOf(view: MemberView): FormationRecord | undefined {
  return versionedOf(view)?.record;
}

function membersOf(view: MemberView): readonly ContactedMember[] {
  return 'members' in view.voters ? view.voters.members : [];
}

function leaderOf(view: MemberView): LeaderWord | undefined {
  return view.voters.kind === 'linearizable' ? (view.voters.leader ?? undefined) : undefined;
}
