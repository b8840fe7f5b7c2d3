import type { Decision } from '../model/decision.ts';
import type { FormedRecord } from '../model/formation-record.ts';
import type { Marker, MarkerIntent } from '../model/marker.ts';
import { isStarted } from '../model/member.ts';
import type { MemberView } from '../model/member-view.ts';
import { isListedAs, peerUrlOf } from '../model/naming.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { wait } from './because.ts';
import { decideFirstStart } from './first-start.ts';
import { startUnderWay } from './list-change.ts';
import { findQuorum, type Quorum } from './quorum.ts';
import { decideRegistration } from './registration.ts';

/** The volume is empty and the cluster is formed: join it, and never under an ID that already voted. */
export function decideJoining(view: MemberView, record: FormedRecord, marker: Marker): Decision {
  const finding = findQuorum(view.voters);
  if (!finding.found) {
    return finding.wait;
  }
  const word = finding.quorum;
  const { names, ordinal } = view.self;
  const listed = word.members.find((member) => isListedAs(names, ordinal, member));
  if (listed === undefined) {
    return isIntentOfNewcomer(marker, record)
      ? decideRegistration(view, record, word)
      : writeIntent(
          record,
          'JoinIntent',
          null,
          'The voters do not list this member; noting on the volume that it joins.',
        );
  }
  return decideListed(view, record, marker, word, listed);
}

/** The volume is empty and my peer URL is listed: either my own registration, or an identity lost. */
function decideListed(
  view: MemberView,
  record: FormedRecord,
  marker: Marker,
  word: Quorum,
  listed: ContactedMember,
): Decision {
  if (!isOwnRegistration(marker, record, listed)) {
    if (listed.contact.kind === 'answers') {
      return wait(
        'joining',
        'PeerMisdirected',
        `Member ${listed.id} answers under this member's peer URL although no etcd runs here; not removing it.`,
      );
    }
    const starting = startUnderWay(view, word);
    if (starting !== undefined) {
      return starting;
    }
    return {
      kind: 'remove-lost-identity',
      stage: 'joining',
      reason: 'LostIdentity',
      message: `The volume is empty but member ${listed.id} is listed under its URL and may have voted; removing that identity, then joining anew.`,
      memberId: listed.id,
      leaderUrl: word.leader.clientUrl,
    };
  }
  const peerUrl = peerUrlOf(view.self.names, view.self.ordinal);
  if (!listed.peerUrls.includes(peerUrl)) {
    // etcd starts under no other URL than the listed one, and a learner's is never changed (etcd-io/etcd#21736).
    return {
      kind: 'remove-lost-identity',
      stage: 'joining',
      reason: 'PeerUrlDiffers',
      message: `Learner ${listed.id} was registered under ${listed.peerUrls.join(', ')} and never started; removing it, then joining under ${peerUrl}.`,
      memberId: listed.id,
      leaderUrl: word.leader.clientUrl,
    };
  }
  if (marker.intent.kind === 'join' && marker.intent.memberId === null) {
    return writeIntent(
      record,
      'RegistrationSeen',
      listed.id,
      `Registered as learner ${listed.id}; noting it on the volume.`,
    );
  }
  return decideFirstStart(view, record, word, listed);
}

/** An unstarted learner under my URL is mine when this volume meant to join and was never let start. */
function isOwnRegistration(marker: Marker, record: FormedRecord, listed: ContactedMember): boolean {
  return (
    isMeantToJoin(marker, record) &&
    marker.intent.kind === 'join' &&
    (marker.intent.memberId === null || marker.intent.memberId === listed.id) &&
    listed.isLearner &&
    !isStarted(listed)
  );
}

function isIntentOfNewcomer(marker: Marker, record: FormedRecord): boolean {
  return isMeantToJoin(marker, record) && marker.intent.kind === 'join' && marker.intent.memberId === null;
}

function isMeantToJoin(marker: Marker, record: FormedRecord): boolean {
  return (
    !marker.released &&
    marker.clusterUid === record.clusterUid &&
    marker.generation === record.generation &&
    marker.clusterId === record.clusterId
  );
}

function writeIntent(
  record: FormedRecord,
  reason: 'JoinIntent' | 'RegistrationSeen',
  memberId: ContactedMember['id'] | null,
  message: string,
): Decision {
  const intent: MarkerIntent = { kind: 'join', memberId };
  return {
    kind: 'write-marker',
    stage: memberId === null ? 'joining' : 'registered',
    reason,
    message,
    marker: {
      clusterUid: record.clusterUid,
      generation: record.generation,
      maxLearners: record.maxLearners,
      clusterId: record.clusterId,
      intent,
      released: false,
    },
  };
}
