import type { Decision } from '../model/decision.ts';
import { type FormedRecord, tokenOf } from '../model/formation-record.ts';
import { type MemberView, waitedMs } from '../model/member-view.ts';
import { memberNameOf, ordinalOfPeerUrl } from '../model/naming.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { wait } from './because.ts';
import { changeUnderWay, maySomebodyRegister } from './list-change.ts';
import { PATIENCE_MS } from './patience.ts';
import type { Quorum } from './quorum.ts';

/**
 * Start as the registered learner `self`, once no other listed peer would hang the start: each peer URL
 * resolves, and its port either answers or refuses (measured on 3.5, 3.6 and 3.7).
 */
export function decideFirstStart(
  view: MemberView,
  record: FormedRecord,
  word: Quorum,
  self: ContactedMember,
): Decision {
  const others = word.members.filter((member) => member.id !== self.id);
  return (
    misdirected(others) ??
    notAnswering(view, others) ??
    changeUnderWay(view, word) ??
    startTurn(view, others) ?? {
      kind: 'start-joined',
      stage: 'registered',
      reason: 'Registered',
      message: `Starting as learner ${self.id} of cluster ${record.clusterId}.`,
      memberId: self.id,
      token: tokenOf(record, 1),
      maxLearners: record.maxLearners,
      initialCluster: word.members.map((member) => ({
        name: member.id === self.id ? memberNameOf(view.self.names, view.self.ordinal) : nameOf(view, member),
        peerUrl: member.peerUrls[0] ?? '',
      })),
      ...(maySomebodyRegister(view, word) ? { unannounced: true } : {}),
    }
  );
}

/** Starting while a peer's name leads astray made 23 of 23 joins fail, six by a panic (F34). */
function misdirected(others: readonly ContactedMember[]): Decision | undefined {
  for (const member of others) {
    if (member.contact.kind === 'misdirected') {
      return wait(
        'registered',
        'PeerMisdirected',
        `The peer URL of member ${member.id} leads astray: ${member.contact.why}.`,
      );
    }
  }
  return undefined;
}

function notAnswering(view: MemberView, others: readonly ContactedMember[]): Decision | undefined {
  const stuck = others.find(
    (member) => member.contact.kind === 'silent' || member.contact.kind === 'unresolved',
  );
  if (stuck === undefined) {
    return undefined;
  }
  const hangsForEver = stuck.contact.kind === 'silent' && view.self.etcdVersion.minor < 6;
  if (!hangsForEver && waitedMs(view, 'registered') >= PATIENCE_MS.peerNotAnswering) {
    return undefined;
  }
  const what =
    stuck.contact.kind === 'silent'
      ? 'accepts connections but says nothing'
      : 'has a peer URL that does not resolve';
  return wait(
    'registered',
    'PeerNotAnswering',
    `Member ${stuck.id} ${what}; a first start would hang on it.`,
  );
}

/** Two first starts at once wait for each other, so lower siblings whose agents are up go first. */
function startTurn(view: MemberView, others: readonly ContactedMember[]): Decision | undefined {
  const ahead = others.filter((member) => {
    const ordinal = ordinalOf(view, member);
    const sibling = view.siblings.find((candidate) => candidate.ordinal === ordinal);
    return (
      member.name === '' &&
      member.isLearner &&
      member.contact.kind === 'refuses' &&
      ordinal !== undefined &&
      ordinal < view.self.ordinal &&
      sibling?.agent.kind === 'answers'
    );
  });
  return ahead.length > 0 && waitedMs(view, 'registered') < PATIENCE_MS.startTurn * ahead.length
    ? wait('registered', 'StartTurn', `Learner ${ahead.map((member) => member.id).join(', ')} starts first.`)
    : undefined;
}

/** An unstarted member has no name yet; etcd matches the list by URL, so the name only has to be unique. */
function nameOf(view: MemberView, member: ContactedMember): string {
  const ordinal = ordinalOf(view, member);
  return member.name !== '' || ordinal === undefined
    ? member.name || member.id
    : memberNameOf(view.self.names, ordinal);
}

function ordinalOf(view: MemberView, member: ContactedMember): number | undefined {
  return ordinalOfPeerUrl(view.self.names, member.peerUrls[0] ?? '');
}
