/**
 * Who changes the member list and who starts on it for the first time keep out of each other's way. etcd compares
 * the list it is given to that of its peers and exits when they differ (L10); what that costs is a container's
 * back-off of 10 s, and the identity with it.
 *
 * No look is so fresh that nothing can happen after it. So both say what they are about to do, in the status that
 * others read, before they look for the last time: of two that are about to act at the same time, at least one
 * sees the other. Changes go first: a first start waits for siblings that join, and who joins gives way only to
 * starts that are announced.
 */
import type { Decision } from '../model/decision.ts';
import { isStarted } from '../model/member.ts';
import { type MemberView, waitedMs } from '../model/member-view.ts';
import { isListedAs } from '../model/naming.ts';
import type { Sibling } from '../model/sibling.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { wait } from './because.ts';
import { PATIENCE_MS } from './patience.ts';
import type { Quorum } from './quorum.ts';

/** For a first start: a sibling is about to change the list, or has changed it since it was read. */
export function changeUnderWay(view: MemberView, word: Quorum): Decision | undefined {
  const isListed = listedIn(view, word);
  const waited = waitedMs(view, 'registered');
  const ahead = view.siblings.filter(
    (sibling) =>
      (waited < PATIENCE_MS.change && changesList(sibling, isListed(sibling.ordinal))) ||
      (waited < PATIENCE_MS.lateAgent && !isListed(sibling.ordinal) && isLate(sibling)),
  );
  return ahead.length > 0
    ? wait(
        'registered',
        'StartTurn',
        `Ordinal ${ahead.map((sibling) => sibling.ordinal).join(', ')} is registering; a list that changes would fail this start.`,
      )
    : undefined;
}

/** Whether somebody who is wanted may still register, so that a first start has to be announced. */
export function maySomebodyRegister(view: MemberView, word: Quorum): boolean {
  const isListed = listedIn(view, word);
  const wanted = view.intent.known ? view.intent.value.replicas : Number.POSITIVE_INFINITY;
  return view.siblings.some(({ ordinal }) => ordinal < wanted && !isListed(ordinal)) || !view.intent.known;
}

/** For a change of the list: a sibling's etcd is about to start for the first time, or is just starting. */
export function startUnderWay(view: MemberView, word: Quorum): Decision | undefined {
  const waited = waitedMs(view, 'joining');
  const starting = word.members.filter((member) => {
    const sibling = siblingOf(view, member);
    return (
      member.isLearner &&
      !isStarted(member) &&
      member.contact.kind !== 'answers' &&
      sibling !== undefined &&
      ((waited < PATIENCE_MS.start && starts(sibling)) || (waited < PATIENCE_MS.lateAgent && isLate(sibling)))
    );
  });
  return starting.length > 0
    ? wait(
        'joining',
        'JoinTurn',
        `Learner ${starting.map((member) => member.id).join(', ')} is starting; a list that changes would fail its start.`,
      )
    : undefined;
}

function listedIn({ self }: MemberView, { members }: Quorum): (ordinal: number) => boolean {
  return (ordinal) => members.some((member) => isListedAs(self.names, ordinal, member));
}

function siblingOf(view: MemberView, member: ContactedMember): Sibling | undefined {
  return view.siblings.find(({ ordinal }) => isListedAs(view.self.names, ordinal, member));
}

/**
 * Who joins and is listed has lost its identity, or has just registered. Who is registered by its own word and not
 * by the list at hand was so after that was read.
 */
function changesList({ agent }: Sibling, isListed: boolean): boolean {
  if (agent.kind !== 'answers') {
    return false;
  }
  return isListed
    ? agent.stage === 'joining' && agent.decides !== 'join-as-learner'
    : agent.stage === 'joining' || agent.stage === 'registered';
}

function starts({ agent }: Sibling): boolean {
  return agent.kind === 'answers' && (agent.decides === 'start-joined' || agent.stage === 'starting');
}

function isLate({ agent }: Sibling): boolean {
  return agent.kind === 'silent' && agent.late === true;
}
