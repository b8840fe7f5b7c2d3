import { PATIENCE_MS } from '../../src/decide/patience.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { EtcdStatus } from '../../src/model/local-etcd.ts';
import type { HashCheck, MemberView } from '../../src/model/member-view.ts';
import type { Sibling } from '../../src/model/sibling.ts';
import type { ContactedMember } from '../../src/model/voters-word.ts';
import {
  aHistory,
  aMember,
  aMemberView,
  anIntent,
  anUnstartedLearner,
  aQuorum,
  aSibling,
  dataVolume,
  formed,
  memberId,
  NOW_MS,
  recorded,
  running,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';

const DOWN: Partial<ContactedMember> = { contact: { kind: 'refuses' } };
const NO_POD: Partial<Sibling> = { pod: known({ kind: 'absent' }, NOW_MS) };
const UNKNOWN_POD: Partial<Sibling> = { pod: unknown('the API server timed out') };

/** The voters `aLeadingView` has, as their hashes were compared. */
export const COMPARED: HashCheck = { membershipKey: 'a0,a1,a2', verdict: 'equal', checkedAtMs: NOW_MS };

/** Ordinal 1 leads three voters that answer and whose hashes were equal. */
export function aLeadingView(
  fields: Partial<MemberView> = {},
  status: Partial<EtcdStatus> = {},
  hashCheck: Partial<HashCheck> = {},
): MemberView {
  return aMemberView({
    volume: dataVolume(),
    etcd: running({ leaderId: memberId(1), ...status }),
    record: recorded(formed()),
    voters: aQuorum([aMember(1), aMember(0), aMember(2)]),
    siblings: [aSibling(0), aSibling(2)],
    history: aHistory('serving', 0, { hashCheck: { ...COMPARED, ...hashCheck } }),
    ...fields,
  });
}

/** The same with `member` of ordinal 2 beyond a wanted size of 2. */
function shrunkTo(
  replicas: number,
  member: Partial<ContactedMember>,
  pod: Partial<Sibling>,
  fields: Partial<MemberView> = {},
): MemberView {
  return aLeadingView({
    intent: anIntent({ replicas }),
    voters: aQuorum([aMember(1), aMember(0), aMember(2, member)]),
    siblings: [aSibling(0), aSibling(2, pod)],
    ...fields,
  });
}

/** The same with ordinal 2 registered `sinceMs` ago and not started since. */
function besideUnstarted(
  sinceMs: number | undefined,
  pod: Partial<Sibling>,
  member: Partial<ContactedMember> = {},
  voter: Partial<ContactedMember> = {},
): MemberView {
  const unstartedSinceMs = new Map(sinceMs === undefined ? [] : [[memberId(2), NOW_MS - sinceMs]]);
  const hashCheck: HashCheck = { ...COMPARED, membershipKey: 'a0,a1' };
  return aLeadingView({
    voters: aQuorum([aMember(1), aMember(0, voter), anUnstartedLearner(2, member)]),
    siblings: [aSibling(0), aSibling(2, pod)],
    history: aHistory('serving', 0, { unstartedSinceMs, hashCheck }),
  });
}

export const HOUSEKEEPING_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'has nothing to do where all is well',
    view: aLeadingView(),
    expected: 'settled Serving',
  },
  {
    behaviour: 'changes nothing without a quorum',
    view: aLeadingView({ voters: { kind: 'silent', why: 'no answer in time' } }),
    expected: 'wait PeersUnreachable',
  },
  {
    behaviour: 'changes nothing between two leaders',
    view: aLeadingView({ voters: aQuorum([aMember(1)], { leader: null }) }),
    expected: 'wait NoLeader',
  },
  // Members beyond the wanted size
  {
    behaviour: 'removes a member beyond the wanted size whose Pod is gone',
    view: shrunkTo(2, DOWN, NO_POD),
    expected: 'remove-orphan OrphanedMember',
  },
  {
    behaviour: 'keeps a member beyond the wanted size whose Pod still exists',
    view: shrunkTo(2, DOWN, {}),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'keeps a member beyond the wanted size whose Pod is unknown',
    view: shrunkTo(2, DOWN, UNKNOWN_POD),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'keeps a member beyond the wanted size whose Pod was not asked for',
    view: shrunkTo(2, DOWN, NO_POD, { siblings: [] }),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'keeps a member below the wanted size whose Pod is gone',
    view: shrunkTo(3, DOWN, NO_POD),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'removes nobody from a set scaled to 0, which is hibernation',
    view: shrunkTo(0, DOWN, NO_POD),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'removes nobody from a set that is being deleted',
    view: shrunkTo(2, DOWN, NO_POD, { intent: anIntent({ replicas: 2, statefulSetDeleting: true }) }),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'removes nobody while the wanted size is unknown',
    view: shrunkTo(2, DOWN, NO_POD, { intent: unknown('the API server timed out') }),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'never removes itself',
    view: aLeadingView({
      intent: anIntent({ replicas: 1 }),
      siblings: [aSibling(0), aSibling(1, NO_POD), aSibling(2)],
    }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'removes no member that is no ordinal of this set',
    view: shrunkTo(2, { ...DOWN, peerUrls: ['http://elsewhere:2380'] }, NO_POD),
    expected: 'wait MemberUnhealthy',
  },
  // Learners that never started
  {
    behaviour: 'gives a registered learner with a Pod its time',
    view: besideUnstarted(PATIENCE_MS.unstartedWithPod - 1, {}),
    expected: 'wait AwaitingLearner',
  },
  {
    behaviour: 'frees the slot of a learner that never started though it has a Pod',
    view: besideUnstarted(PATIENCE_MS.unstartedWithPod, {}),
    expected: 'remove-orphan LearnerNeverStarted',
  },
  {
    behaviour: 'gives a registered learner without a Pod less time',
    view: besideUnstarted(PATIENCE_MS.unstartedWithoutPod - 1, NO_POD),
    expected: 'wait AwaitingLearner',
  },
  {
    behaviour: 'frees the slot of a learner that never started and has no Pod',
    view: besideUnstarted(PATIENCE_MS.unstartedWithoutPod, NO_POD),
    expected: 'remove-orphan LearnerNeverStarted',
  },
  {
    behaviour: 'gives a learner whose Pod is unknown the longer time',
    view: besideUnstarted(PATIENCE_MS.unstartedWithPod - 1, UNKNOWN_POD),
    expected: 'wait AwaitingLearner',
  },
  {
    behaviour: 'counts the time of a learner from when it first saw it',
    view: besideUnstarted(undefined, NO_POD),
    expected: 'wait AwaitingLearner',
  },
  {
    behaviour: 'keeps a learner that answers, though its name is not published yet',
    view: besideUnstarted(
      PATIENCE_MS.unstartedWithPod,
      {},
      {
        contact: { kind: 'answers', etcdVersion: '3.6.16' },
      },
    ),
    expected: 'wait AwaitingLearner',
  },
  {
    behaviour: 'names a sick voter before an unstarted learner',
    view: besideUnstarted(0, {}, {}, DOWN),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'keeps a learner that is no ordinal of this set',
    view: besideUnstarted(PATIENCE_MS.unstartedWithPod, {}, { peerUrls: [] }),
    expected: 'wait AwaitingLearner',
  },
  // Health and alarms
  {
    behaviour: 'names a member that does not answer',
    view: aLeadingView({ voters: aQuorum([aMember(1), aMember(0, DOWN), aMember(2)]) }),
    expected: 'wait MemberUnhealthy',
  },
  {
    behaviour: 'does not ask itself whether it answers',
    view: aLeadingView({
      voters: aQuorum([aMember(1, { contact: { kind: 'silent' } }), aMember(0), aMember(2)]),
    }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'disarms no CORRUPT alarm',
    view: aLeadingView({}, { errors: ['memberID:161 alarm:CORRUPT '] }),
    expected: 'wait DataCorrupt',
  },
  // Hashes
  {
    behaviour: 'compares the voters’ hashes after the voters changed',
    view: aLeadingView({}, {}, { membershipKey: 'a0,a1' }),
    expected: 'compare-hashes HashesUnverified',
  },
  {
    behaviour: 'compares the voters’ hashes once after it came to lead',
    view: aLeadingView({}, {}, { membershipKey: '', verdict: 'unknown' }),
    expected: 'compare-hashes HashesUnverified',
  },
  {
    behaviour: 'serves on while the voters’ hashes are compared',
    view: aLeadingView({}, {}, { verdict: 'under-way', checkedAtMs: 0 }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'compares anew when the voters change while they are compared',
    view: aLeadingView({}, {}, { membershipKey: 'a0,a1', verdict: 'under-way' }),
    expected: 'compare-hashes HashesUnverified',
  },
  {
    behaviour: 'says that hashes differ for as long as the voters are the same',
    view: aLeadingView({}, {}, { verdict: 'unequal', checkedAtMs: 0 }),
    expected: 'wait HashMismatch',
  },
  {
    behaviour: 'gives hashes that could not be compared some time',
    view: aLeadingView(
      {},
      {},
      {
        verdict: 'unknown',
        checkedAtMs: NOW_MS - PATIENCE_MS.hashRetry + 1,
      },
    ),
    expected: 'settled Serving',
  },
  {
    behaviour: 'compares hashes again that could not be compared',
    view: aLeadingView({}, {}, { verdict: 'unknown', checkedAtMs: NOW_MS - PATIENCE_MS.hashRetry }),
    expected: 'compare-hashes HashesUnverified',
  },
];
