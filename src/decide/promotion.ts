import type { Decision } from '../model/decision.ts';
import type { EtcdStatus } from '../model/local-etcd.ts';
import { isStarted, learnersOf, votersOf } from '../model/member.ts';
import { type MemberView, waitedMs } from '../model/member-view.ts';
import { isListedAs, memberNameOf, ordinalOfMember, ordinalOfPeerUrl } from '../model/naming.ts';
import { stayOut, wait } from './because.ts';
import { markerOf } from './ownership.ts';
import { PATIENCE_MS, PROMOTION_LAG_MAX } from './patience.ts';
import { findQuorum, type Quorum } from './quorum.ts';
import { isNotedAsRemoved, noteRemoval } from './removed-data.ts';

/**
 * Promote this member, which alone can see that its own etcd is alive: etcd itself promotes a dead
 * learner without complaint (F29).
 */
export function decidePromotion(view: MemberView, status: EtcdStatus): Decision {
  if (view.intent.known && view.self.ordinal >= view.intent.value.replicas) {
    return stayOut(
      'ScaledAway',
      `Still a learner, and the cluster is scaled to ${view.intent.value.replicas}; not becoming a voter.`,
    );
  }
  const finding = findQuorum(view.voters);
  if (!finding.found) {
    return { ...finding.wait, stage: 'catching-up' };
  }
  const word = finding.quorum;
  const misfit = misfitOf(view, word, status);
  if (misfit !== undefined) {
    return misfit;
  }
  const lag = word.leader.raftIndex - status.raftAppliedIndex;
  if (lag > PROMOTION_LAG_MAX) {
    return wait(
      'catching-up',
      'CatchingUp',
      `${lag} raft entries behind the leader; becoming a voter within ${PROMOTION_LAG_MAX}.`,
    );
  }
  return (
    reachableByVoter(view, word) ??
    holdDoor(view, word) ??
    promotionTurn(view, word, status) ?? {
      kind: 'promote-self',
      stage: 'promoting',
      reason: 'CaughtUp',
      message: `Caught up to ${lag < 0n ? 0n : lag} entries behind the leader; becoming a voter.`,
      memberId: status.memberId,
      leaderUrl: word.leader.clientUrl,
    }
  );
}

/**
 * What the voters say of this member may differ from what its own etcd knows: it was promoted or removed a
 * moment ago, or it started under the ID of a member whose name led here (L13).
 */
function misfitOf(view: MemberView, word: Quorum, status: EtcdStatus): Decision | undefined {
  const listed = word.members.find((member) => member.id === status.memberId);
  if (listed === undefined) {
    const marker = markerOf(view);
    if (marker !== undefined && !isNotedAsRemoved(marker, status.memberId)) {
      return { ...noteRemoval(marker, status.memberId), stage: 'catching-up' };
    }
    return wait(
      'catching-up',
      'RemovedData',
      `The voters do not list ${status.memberId} any more; its etcd stops by itself.`,
    );
  }
  if (!isListedAs(view.self.names, view.self.ordinal, listed)) {
    return wait(
      'catching-up',
      'PeerMisdirected',
      `etcd runs as ${status.memberId}, which is registered under ${listed.peerUrls.join(', ')}; not becoming a voter in its place.`,
    );
  }
  return listed.isLearner
    ? undefined
    : wait('promoting', 'CaughtUp', 'Promoted; its own etcd has not applied that yet.');
}

/** Streams are dialled by the joiner, so being fed does not prove that a voter can dial it (F59, L30). */
function reachableByVoter(view: MemberView, word: Quorum): Decision | undefined {
  const voters = new Set(votersOf(word.members).map((voter) => ordinalOfMember(view.self.names, voter)));
  const reached = view.siblings.some(
    (sibling) =>
      voters.has(sibling.ordinal) && sibling.agent.kind === 'answers' && sibling.agent.canReachMe === true,
  );
  return reached
    ? undefined
    : wait(
        'promoting',
        'VoterCannotReachMe',
        'Caught up, but no voter could dial this member yet; not becoming a voter.',
      );
}

/** The first promotion shuts the door for 5 s, so siblings that are there register first. */
function holdDoor(view: MemberView, word: Quorum): Decision | undefined {
  const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
  if (!view.intent.known || record === undefined || learnersOf(word.members).length >= record.maxLearners) {
    return undefined;
  }
  const { replicas } = view.intent.value;
  const listed = new Set(word.members.map((member) => ordinalOfMember(view.self.names, member)));
  const missing = view.siblings.filter(
    (sibling) =>
      sibling.ordinal < replicas &&
      !listed.has(sibling.ordinal) &&
      sibling.pod.known &&
      sibling.pod.value.kind === 'present' &&
      !sibling.pod.value.deleting,
  );
  return missing.length > 0 && waitedMs(view, 'promoting') < PATIENCE_MS.door
    ? wait(
        'promoting',
        'HoldingDoor',
        `Caught up; holding the door for ${missing.map((sibling) => memberNameOf(view.self.names, sibling.ordinal)).join(', ')}.`,
      )
    : undefined;
}

function promotionTurn(view: MemberView, word: Quorum, status: EtcdStatus): Decision | undefined {
  const ahead = learnersOf(word.members).filter((learner) => {
    const ordinal = ordinalOfPeerUrl(view.self.names, learner.peerUrls[0] ?? '');
    return (
      learner.id !== status.memberId &&
      isStarted(learner) &&
      ordinal !== undefined &&
      ordinal < view.self.ordinal
    );
  });
  return ahead.length > 0 && waitedMs(view, 'promoting') < PATIENCE_MS.promotionTurn * ahead.length
    ? wait(
        'promoting',
        'PromotionTurn',
        `Learner ${ahead.map((learner) => learner.id).join(', ')} is promoted first.`,
      )
    : undefined;
}
