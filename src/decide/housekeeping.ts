import type { Decision } from '../model/decision.ts';
import type { EtcdStatus } from '../model/local-etcd.ts';
import { type EtcdId, isStarted, type Member, votersOf } from '../model/member.ts';
import type { Intent, MemberView } from '../model/member-view.ts';
import { ordinalOfPeerUrl } from '../model/naming.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { wait } from './because.ts';
import { PATIENCE_MS } from './patience.ts';
import { findQuorum, type Quorum } from './quorum.ts';
import { decideSpace } from './space.ts';

/** How etcd spells the alarm in a member's `errors` (3.5–3.7). */
const ALARM_CORRUPT = 'CORRUPT';

/**
 * The janitor: done by the agent beside the leader alone, one action at a time. Undefined when there is
 * nothing to do.
 */
export function decideHousekeeping(view: MemberView, status: EtcdStatus): Decision | undefined {
  const finding = findQuorum(view.voters);
  if (!finding.found) {
    return { ...finding.wait, stage: 'serving' };
  }
  const word = finding.quorum;
  return (
    removeOrphan(view, word, status) ??
    removeStuckLearner(view, word) ??
    corruptAlarm(status) ??
    unhealthyMember(word, status) ??
    decideSpace(view, word, status) ??
    compareHashes(view, word)
  );
}

/** A member beyond the wanted size whose Pod is proven gone; its preStop hook never ran to the end (F39). */
function removeOrphan(view: MemberView, word: Quorum, status: EtcdStatus): Decision | undefined {
  const intent = view.intent.known ? view.intent.value : undefined;
  if (intent === undefined || !mayShrink(intent)) {
    return undefined;
  }
  for (const member of word.members) {
    const ordinal = ordinalOfMember(view, member);
    if (ordinal === undefined || ordinal < intent.replicas || member.id === status.memberId) {
      continue;
    }
    if (podIsGone(view, ordinal)) {
      return remove(
        member.id,
        word,
        'OrphanedMember',
        `Member ${member.id} is beyond the wanted ${intent.replicas} and its Pod is gone; removing it.`,
      );
    }
  }
  return undefined;
}

/** A registration nobody started holds a learner slot; removing a learner never costs quorum (F32). */
function removeStuckLearner(view: MemberView, word: Quorum): Decision | undefined {
  for (const member of word.members) {
    const sinceMs = view.history.unstartedSinceMs.get(member.id);
    const ordinal = ordinalOfMember(view, member);
    if (!member.isLearner || isStarted(member) || sinceMs === undefined || ordinal === undefined) {
      continue;
    }
    const dueMs = podIsGone(view, ordinal) ? PATIENCE_MS.unstartedWithoutPod : PATIENCE_MS.unstartedWithPod;
    if (view.nowMs - sinceMs >= dueMs && member.contact.kind !== 'answers') {
      return remove(
        member.id,
        word,
        'LearnerNeverStarted',
        `Learner ${member.id} was registered ${Math.round((view.nowMs - sinceMs) / 1000)} s ago and never started; freeing its slot.`,
      );
    }
  }
  return undefined;
}

function corruptAlarm(status: EtcdStatus): Decision | undefined {
  return status.errors.some((error) => error.includes(ALARM_CORRUPT))
    ? wait(
        'serving',
        'DataCorrupt',
        'etcd raised CORRUPT: members differ. Nothing is disarmed; find the member that differs and replace its volume.',
      )
    : undefined;
}

function unhealthyMember(word: Quorum, status: EtcdStatus): Decision | undefined {
  const others = word.members.filter((member) => member.id !== status.memberId);
  const sick = others.find((member) => isStarted(member) && member.contact.kind !== 'answers');
  if (sick !== undefined) {
    return wait(
      'serving',
      'MemberUnhealthy',
      `Leading, but member ${sick.id} (${sick.name}) does not answer: ${sick.contact.kind}.`,
    );
  }
  const unstarted = others.find((member) => !isStarted(member));
  return unstarted === undefined
    ? undefined
    : wait(
        'serving',
        'AwaitingLearner',
        `Leading; learner ${unstarted.id} is registered and has not started yet.`,
      );
}

/** After every change of the voters their hashes are compared once at a common revision (F20). */
function compareHashes(view: MemberView, word: Quorum): Decision | undefined {
  const key = membershipKeyOf(word.members);
  const { hashCheck } = view.history;
  if (
    hashCheck.membershipKey === key &&
    (hashCheck.verdict === 'equal' || hashCheck.verdict === 'under-way')
  ) {
    return undefined;
  }
  if (hashCheck.membershipKey === key && hashCheck.verdict === 'unequal') {
    return wait(
      'serving',
      'HashMismatch',
      'The voters hold different data at one revision; nothing is repaired by itself. Find the odd one and replace its volume.',
    );
  }
  if (hashCheck.membershipKey === key && view.nowMs - hashCheck.checkedAtMs < PATIENCE_MS.hashRetry) {
    return undefined;
  }
  const clientUrls = votersOf(word.members)
    .map((voter) => voter.clientUrls[0] ?? '')
    .filter((url) => url !== '');
  return {
    kind: 'compare-hashes',
    stage: 'serving',
    reason: 'HashesUnverified',
    message: `The voters changed; comparing their hashes at a common revision.`,
    membershipKey: key,
    clientUrls,
  };
}

/** Whether a comparison of hashes is this member's to make: once another leads, that one compares. */
export function isComparisonOfUse({ etcd }: MemberView): boolean {
  return etcd.kind === 'running' && etcd.status.leaderId === etcd.status.memberId;
}

/** Names one set of voters, so that their hashes are compared once. */
export function membershipKeyOf(members: readonly Member[]): string {
  return votersOf(members)
    .map((voter) => voter.id)
    .toSorted()
    .join(',');
}

/** Size 0 is hibernation and a set being deleted keeps its members: neither shrinks a cluster (F42, F43). */
function mayShrink(intent: Intent): boolean {
  return intent.replicas > 0 && !intent.statefulSetDeleting;
}

function podIsGone(view: MemberView, ordinal: number): boolean {
  const sibling = view.siblings.find((candidate) => candidate.ordinal === ordinal);
  return sibling?.pod.known === true && sibling.pod.value.kind === 'absent';
}

function ordinalOfMember(view: MemberView, member: ContactedMember): number | undefined {
  return ordinalOfPeerUrl(view.self.names, member.peerUrls[0] ?? '');
}

function remove(
  memberId: EtcdId,
  word: Quorum,
  reason: 'OrphanedMember' | 'LearnerNeverStarted',
  message: string,
): Decision {
  return {
    kind: 'remove-orphan',
    stage: 'serving',
    reason,
    message,
    memberId,
    leaderUrl: word.leader.clientUrl,
  };
}
