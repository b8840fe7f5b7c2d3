import type { Decision } from '../model/decision.ts';
import { parseEtcdVersion } from '../model/etcd-version.ts';
import type { FormedRecord } from '../model/formation-record.ts';
import { learnersOf, votersOf } from '../model/member.ts';
import { type MemberView, waitedMs } from '../model/member-view.ts';
import { isListedAs, ordinalOfMember, ordinalOfPeerUrl, peerUrlOf } from '../model/naming.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { wait } from './because.ts';
import { startUnderWay } from './list-change.ts';
import { PATIENCE_MS } from './patience.ts';
import type { Quorum } from './quorum.ts';
import { voterToAsk } from './voter-to-ask.ts';

/** Register as a learner, once that can neither hold up others nor be lost in a crowd. */
export function decideRegistration(view: MemberView, record: FormedRecord, word: Quorum): Decision {
  if (view.ownName !== 'published') {
    return wait(
      'gated',
      'OwnNameUnpublished',
      view.ownName === 'elsewhere'
        ? 'The name of this Pod resolves to another address; registering it now would send voters there.'
        : 'The name of this Pod does not resolve yet; registering it now would hang every other joiner for 30 s.',
    );
  }
  return (
    learnerSlot(view, record, word) ??
    correctionUnderWay(view, word) ??
    joinTurn(view, word) ??
    startUnderWay(view, word) ??
    register(view, word)
  );
}

function register(view: MemberView, word: Quorum): Decision {
  const askedSinceMs = view.history.registeringSinceMs ?? view.nowMs;
  const { id, clientUrl, isPastLeader } = voterToAsk(word, view.nowMs - askedSinceMs, () => true);
  return {
    kind: 'join-as-learner',
    stage: 'joining',
    ...(isPastLeader
      ? {
          reason: 'LeaderDisagrees',
          message: `Leader ${word.leader.id} has not registered this member in time; asking the voters in turn, now ${id}.`,
        }
      : { reason: 'NotListed', message: `Registering as a learner with leader ${id}.` }),
    peerUrl: peerUrlOf(view.self.names, view.self.ordinal),
    voterUrl: clientUrl,
    ...(view.history.stage === 'joining' ? {} : { unannounced: true }),
  };
}

function learnerSlot(view: MemberView, record: FormedRecord, word: Quorum): Decision | undefined {
  const learners = learnersOf(word.members);
  if (learners.length >= record.maxLearners) {
    return wait(
      'gated',
      'LearnerSlotTaken',
      `${learners.length} of ${record.maxLearners} learner slots are taken (${learners.map((learner) => learner.id).join(', ')}); waiting for one.`,
    );
  }
  if (learners.length === 0) {
    return undefined;
  }
  const unproven = word.members.find((member) => !knowsManyLearners(view, member));
  return unproven === undefined
    ? undefined
    : wait(
        'gated',
        'LearnerLimitUnproven',
        `Member ${unproven.id} is not known to run etcd 3.6 or newer, so a second learner is not registered beside the first.`,
      );
}

/** A joiner's first start dials every listed peer URL, and the list must not change under it. */
function correctionUnderWay(view: MemberView, word: Quorum): Decision | undefined {
  const { names } = view.self;
  const elsewhere = votersOf(word.members).find((member) => {
    const ordinal = ordinalOfMember(names, member);
    return ordinal !== undefined && !member.peerUrls.includes(peerUrlOf(names, ordinal));
  });
  return elsewhere !== undefined && waitedMs(view, 'joining') < PATIENCE_MS.peerUrl
    ? wait(
        'joining',
        'PeerUrlDiffers',
        `Member ${elsewhere.id} (${elsewhere.name}) is still listed under ${elsewhere.peerUrls.join(', ')}; its own agent corrects that first.`,
      )
    : undefined;
}

/** Unequal limits corrupt member lists, so each listed member must be known to run a minor that has it. */
function knowsManyLearners(view: MemberView, member: ContactedMember): boolean {
  if (member.contact.kind === 'answers') {
    return isSince36(member.contact.etcdVersion);
  }
  const ordinal = member.peerUrls.map((url) => ordinalOfPeerUrl(view.self.names, url))[0];
  const sibling = view.siblings.find((candidate) => candidate.ordinal === ordinal);
  return sibling?.agent.kind === 'answers' && isSince36(sibling.agent.etcdVersion);
}

function isSince36(etcdVersion: string): boolean {
  const version = parseEtcdVersion(etcdVersion);
  return version !== undefined && version.minor >= 6;
}

/** Lower siblings that are up and want to register go first, for a while. */
function joinTurn(view: MemberView, word: Quorum): Decision | undefined {
  const ahead = view.siblings.filter(
    (sibling) =>
      sibling.ordinal < view.self.ordinal &&
      !word.members.some((member) => isListedAs(view.self.names, sibling.ordinal, member)) &&
      sibling.agent.kind === 'answers' &&
      sibling.agent.stage === 'joining',
  );
  return ahead.length > 0 && waitedMs(view, 'joining') < PATIENCE_MS.joinTurn * ahead.length
    ? wait(
        'joining',
        'JoinTurn',
        `Ordinal ${ahead.map((sibling) => sibling.ordinal).join(', ')} registers first.`,
      )
    : undefined;
}
