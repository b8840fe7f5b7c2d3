import type { Marker } from '../model/marker.ts';
import { isStarted, votersOf } from '../model/member.ts';
import type { MemberView } from '../model/member-view.ts';
import { isTooOld } from './old-log.ts';
import { isOwnWithoutRecord, markerOf } from './ownership.ts';
import { isListedElsewhere } from './peer-url.ts';
import { isNotedAsRemoved } from './removed-data.ts';
import { isSpaceExhausted } from './space.ts';

/**
 * What the next view must contain. Everything asked costs somebody something, so a settled member asks
 * nobody but the etcd beside it, and never the Kubernetes API.
 */
export type Wants = {
  /** The StatefulSet, the formation record and the own Pod. */
  readonly api: boolean;
  /** The member list: of the etcd beside the agent, or of the peers. */
  readonly voters: 'own' | 'peers' | 'none';
  /** How each listed member's peer port behaves. */
  readonly contacts: boolean;
  /** What the agents in the other Pods say. */
  readonly siblings: boolean;
  /** Which of the other Pods exist; asks the API once per Pod. */
  readonly siblingPods: boolean;
  /** Whether a voter can dial this member. */
  readonly reach: boolean;
  /** What each voter says of itself. */
  readonly voterStatuses: boolean;
  /** What this Pod's own name resolves to. */
  readonly ownName: boolean;
  /** The data is this cluster's own and must start soon: ask briefly, then do without (F43, F84). */
  readonly brief: boolean;
};

const NOTHING: Wants = {
  api: false,
  voters: 'none',
  contacts: false,
  siblings: false,
  siblingPods: false,
  reach: false,
  voterStatuses: false,
  ownName: false,
  brief: false,
};

/**
 * What to ask, given the local facts of `view` (volume, etcd, log, history) and the last answers in it. While
 * `confirming`, everything a destructive decision rests on is asked anew.
 */
export function wantsOf(view: MemberView, confirming: boolean): Wants {
  switch (view.etcd.kind) {
    case 'absent':
    case 'unresponsive':
    case 'gate-unusable':
    case 'starting':
      return NOTHING;
    case 'at-gate':
      return wantsAtGate(view, confirming);
    case 'running':
      return view.etcd.status.isLearner ? wantsOfLearner() : wantsOfVoter(view, confirming);
  }
}

function wantsAtGate(view: MemberView, confirming: boolean): Wants {
  const brief = !confirming && mayStartUnasked(view);
  return {
    api: true,
    voters: 'peers',
    contacts: !brief,
    siblings: !brief,
    siblingPods: !brief,
    reach: false,
    voterStatuses: false,
    ownName: !brief,
    brief,
  };
}

function wantsOfLearner(): Wants {
  return { ...NOTHING, api: true, voters: 'peers', siblings: true, siblingPods: true, reach: true };
}

function wantsOfVoter(view: MemberView, confirming: boolean): Wants {
  const marker = markerOf(view);
  const isNoted =
    marker?.released === true && marker.clusterId !== null && marker.clusterUid === uidToNote(view, marker);
  const leads = view.etcd.kind === 'running' && view.etcd.status.leaderId === view.etcd.status.memberId;
  const api = !isNoted || confirming || (leads && isUnsettled(view));
  return {
    ...NOTHING,
    api,
    voters: 'own',
    contacts: leads,
    siblingPods: leads && api,
    voterStatuses: leads && view.etcd.kind === 'running' && isSpaceExhausted(view.etcd.status),
    ownName: isListedElsewhere(view),
  };
}

/** The marker is to name the recorded cluster; before the record was read, the one this Pod was made for. */
function uidToNote({ record, self }: MemberView, marker: Marker): string {
  const recorded = record.known && record.value !== 'absent' ? record.value.record.clusterUid : undefined;
  return recorded ?? self.clusterUid ?? marker.clusterUid ?? '';
}

/** A leader asks the API only while something in the member list is not as it should be. */
function isUnsettled(view: MemberView): boolean {
  if (view.voters.kind !== 'linearizable') {
    return false;
  }
  const { members } = view.voters;
  return (
    members.some((member) => member.contact.kind !== 'answers' && !isSelf(view, member.id)) ||
    members.some((member) => !isStarted(member)) ||
    votersOf(members).length !== members.length
  );
}

function isSelf(view: MemberView, memberId: string): boolean {
  return view.etcd.kind === 'running' && view.etcd.status.memberId === memberId;
}

/**
 * Own data waits for nobody, unless something says that it may be the wrong thing to start: a start that failed,
 * as that of a removed member does, or what the volume itself says.
 */
function mayStartUnasked(view: MemberView): boolean {
  const wal = view.volume.kind === 'readable' ? view.volume.wal : undefined;
  const marker = markerOf(view);
  return (
    wal?.kind === 'present' &&
    marker !== undefined &&
    isOwnWithoutRecord(view, marker, wal) &&
    !isNotedAsRemoved(marker, wal.memberId) &&
    !isTooOld(view) &&
    view.etcd.kind === 'at-gate' &&
    view.etcd.failedStarts === 0
  );
}
