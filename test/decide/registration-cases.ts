import { PATIENCE_MS } from '../../src/decide/patience.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Sibling } from '../../src/model/sibling.ts';
import type { ContactedMember } from '../../src/model/voters-word.ts';
import {
  aHistory,
  aMember,
  aMemberView,
  anAnsweringAgent,
  anIntent,
  anUnstartedLearner,
  aQuorum,
  aSelf,
  aSibling,
  emptyVolume,
  formed,
  memberId,
  NAMES,
  NOW_MS,
  recorded,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';

/** An empty volume that means to join a cluster which does not list it yet. */
export function aNewcomer(fields: Partial<MemberView> = {}): MemberView {
  return aMemberView({ volume: emptyVolume({ intent: { kind: 'join', memberId: null } }), ...fields });
}

/** Ordinal 2 beside ordinal 0 that is listed and 1 that is about to register. */
function behindASibling(
  stage: 'joining' | 'gated',
  waitedMs: number,
  fields: Partial<MemberView> = {},
): MemberView {
  return aNewcomer({
    self: aSelf({ ordinal: 2 }),
    voters: aQuorum([aMember(0)]),
    siblings: [aSibling(0), aSibling(1, { agent: anAnsweringAgent({ stage }) })],
    history: aHistory('joining', waitedMs),
    ...fields,
  });
}

/** A cluster that lists one learner already, beside members of these kinds. */
function besideALearner(member: Partial<ContactedMember>, agentVersion: string | undefined): MemberView {
  const agent =
    agentVersion === undefined ? undefined : { agent: anAnsweringAgent({ etcdVersion: agentVersion }) };
  return aNewcomer({
    voters: aQuorum([aMember(0, member), anUnstartedLearner(2)]),
    siblings: [aSibling(0, agent), aSibling(2, { agent: anAnsweringAgent() })],
  });
}

/** Ordinal 2 is a registered learner whose agent is in `stage`. */
function besideAStarting(
  stage: 'starting' | 'registered',
  waitedMs: number,
  learner: Partial<ContactedMember> = {},
  decides = 'wait',
): MemberView {
  return aNewcomer({
    voters: aQuorum([aMember(0), anUnstartedLearner(2, learner)]),
    siblings: [aSibling(0), aSibling(2, { agent: anAnsweringAgent({ stage, decides }) })],
    history: aHistory('joining', waitedMs),
  });
}

/** The voters list ordinal 1, which this volume has lost, and 2, which has not started yet. */
const LOST_BESIDE_A_LEARNER = aQuorum([
  aMember(0),
  aMember(1, { contact: { kind: 'refuses' } }),
  anUnstartedLearner(2),
]);

/** This member's identity is lost, and ordinal 2 a registered learner whose agent is as given. */
function lostBesideALearner(agent: Sibling['agent'], waitedMs: number): MemberView {
  return aNewcomer({
    volume: emptyVolume({ released: true }),
    voters: LOST_BESIDE_A_LEARNER,
    siblings: [aSibling(0), aSibling(2, { agent })],
    history: aHistory('joining', waitedMs),
  });
}

export const REGISTRATION_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'registers as soon as the voters lack it and its name is published',
    view: aNewcomer(),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'asks other voters, too, once the leader has not agreed for long (etcd-io/etcd#14523)',
    view: aNewcomer({
      history: aHistory('joining', 0, { registeringSinceMs: NOW_MS - PATIENCE_MS.leaderAgrees }),
    }),
    expected: 'join-as-learner LeaderDisagrees',
  },
  {
    behaviour: 'waits while its own name does not resolve',
    view: aNewcomer({ ownName: 'unpublished' }),
    expected: 'wait OwnNameUnpublished',
  },
  {
    behaviour: 'waits while its own name was not asked for',
    view: aNewcomer({ ownName: 'unasked' }),
    expected: 'wait OwnNameUnpublished',
  },
  {
    behaviour: 'waits while its own name leads to another address',
    view: aNewcomer({ ownName: 'elsewhere' }),
    expected: 'wait OwnNameUnpublished',
  },
  {
    behaviour: 'waits for the one learner slot of a 3.5 or adopted cluster',
    view: aNewcomer({
      record: recorded(formed({ maxLearners: 1 })),
      voters: aQuorum([aMember(0), anUnstartedLearner(2)]),
    }),
    expected: 'wait LearnerSlotTaken',
  },
  {
    behaviour: 'registers beside another learner when every listed member is known to run 3.6',
    view: besideALearner({}, undefined),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'believes the agent of a member whose etcd is down',
    view: besideALearner({ contact: { kind: 'refuses' } }, '3.7.3'),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'registers no second learner beside a voter of 3.5',
    view: besideALearner({ contact: { kind: 'answers', etcdVersion: '3.5.35' } }, '3.6.16'),
    expected: 'wait LearnerLimitUnproven',
  },
  {
    behaviour: 'registers no second learner beside a voter whose agent names 3.5',
    view: besideALearner({ contact: { kind: 'silent' } }, '3.5.35'),
    expected: 'wait LearnerLimitUnproven',
  },
  {
    behaviour: 'registers no second learner beside a voter of an unreadable version',
    view: besideALearner({ contact: { kind: 'answers', etcdVersion: 'main' } }, '3.6.16'),
    expected: 'wait LearnerLimitUnproven',
  },
  {
    behaviour: 'registers no second learner beside a member nobody speaks for',
    view: besideALearner({ contact: { kind: 'refuses' } }, undefined),
    expected: 'wait LearnerLimitUnproven',
  },
  {
    behaviour: 'registers no second learner beside a member that is no ordinal of this set',
    view: besideALearner({ contact: { kind: 'refuses' }, peerUrls: ['http://elsewhere:2380'] }, '3.6.16'),
    expected: 'wait LearnerLimitUnproven',
  },
  {
    behaviour: 'lets a lower sibling register first',
    view: behindASibling('joining', PATIENCE_MS.joinTurn - 1),
    expected: 'wait JoinTurn',
  },
  {
    behaviour: 'stops letting a lower sibling go first when its patience is over',
    view: behindASibling('joining', PATIENCE_MS.joinTurn),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'does not wait for a lower sibling that is not about to register',
    view: behindASibling('gated', 0),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'does not wait for a lower sibling that is silent',
    view: behindASibling('joining', 0, { siblings: [aSibling(0), aSibling(1)] }),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'does not wait for a lower sibling that is listed',
    view: behindASibling('joining', 0, { voters: aQuorum([aMember(0), aMember(1)]) }),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'does not wait for a higher sibling',
    view: aNewcomer({
      voters: aQuorum([aMember(0)]),
      siblings: [aSibling(0), aSibling(2, { agent: anAnsweringAgent({ stage: 'joining' }) })],
    }),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'lets a sibling start that is about to, for a list that changes would fail its start',
    view: besideAStarting('starting', PATIENCE_MS.start - 1),
    expected: 'wait JoinTurn',
  },
  {
    behaviour: 'stops waiting for a start when its patience is over',
    view: besideAStarting('starting', PATIENCE_MS.start),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'gives way to a first start that is announced (F25)',
    view: besideAStarting('registered', 0, {}, 'start-joined'),
    expected: 'wait JoinTurn',
  },
  {
    behaviour: 'has no lost identity removed while a first start is under way (F25)',
    view: lostBesideALearner(anAnsweringAgent({ stage: 'starting' }), 0),
    expected: 'wait JoinTurn',
  },
  {
    behaviour: 'waits a while for a learner whose agent is there and does not answer in time (F25)',
    view: lostBesideALearner({ kind: 'silent', late: true }, PATIENCE_MS.lateAgent - 1),
    expected: 'wait JoinTurn',
  },
  {
    behaviour: 'stops waiting for a learner whose agent never answers in time',
    view: lostBesideALearner({ kind: 'silent', late: true }, PATIENCE_MS.lateAgent),
    expected: 'remove-lost-identity LostIdentity',
  },
  {
    behaviour: 'does not wait for a learner that is only registered',
    view: besideAStarting('registered', 0),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'does not wait for a learner that has started',
    view: besideAStarting('starting', 0, { name: 'demo-2' }),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'does not wait for a learner that answers already',
    view: besideAStarting('starting', 0, { contact: { kind: 'answers', etcdVersion: '3.6.16' } }),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'joins nothing for a Pod that the API does not know any more',
    view: aNewcomer({ intent: anIntent({ ownPod: null }) }),
    expected: 'wait PodSuperseded',
  },
  {
    behaviour: 'notes its intent anew on a volume that meant to join another generation',
    view: aMemberView({
      volume: emptyVolume({ generation: 2, intent: { kind: 'join', memberId: null } }),
    }),
    expected: 'write-marker JoinIntent',
  },
  {
    behaviour: 'notes its intent anew on a volume that meant to join another cluster',
    view: aMemberView({
      volume: emptyVolume({ clusterUid: 'uid-0', intent: { kind: 'join', memberId: null } }),
    }),
    expected: 'write-marker JoinIntent',
  },
  {
    behaviour: 'takes no registration for its own that bears another ID than it noted',
    view: aMemberView({
      volume: emptyVolume({ intent: { kind: 'join', memberId: memberId(7) } }),
      voters: aQuorum([aMember(0), anUnstartedLearner(1)]),
    }),
    expected: 'remove-lost-identity LostIdentity',
  },
  {
    behaviour:
      'registers anew where it was registered under another scheme: etcd would not start under it (F82)',
    view: overHttps({ volume: emptyVolume({ intent: { kind: 'join', memberId: memberId(1) } }) }),
    expected: 'remove-lost-identity PeerUrlDiffers',
  },
  {
    behaviour: 'takes an identity that it lost under another scheme for its own (F82)',
    view: overHttps({ volume: emptyVolume() }),
    expected: 'remove-lost-identity LostIdentity',
  },
  {
    behaviour: 'removes nobody who answers under its own URL',
    view: aMemberView({ voters: aQuorum([aMember(0), aMember(1)]) }),
    expected: 'wait PeerMisdirected',
  },
  {
    behaviour: 'stays out when it is scaled away',
    view: aNewcomer({ intent: anIntent({ replicas: 1 }) }),
    expected: 'stay-out ScaledAway',
  },
  {
    behaviour: 'stays out when the whole set is being deleted',
    view: aNewcomer({ intent: anIntent({ statefulSetDeleting: true }) }),
    expected: 'stay-out ScaledAway',
  },
  {
    behaviour: 'does not join while the wanted size is unknown',
    view: aNewcomer({ intent: unknown('the API server timed out') }),
    expected: 'wait IntentUnknown',
  },
  {
    behaviour: 'does not join while the record is unknown',
    view: aNewcomer({ record: unknown('the API server timed out') }),
    expected: 'wait FormationUnknown',
  },
  {
    behaviour: 'does not join while the record is absent',
    view: aNewcomer({ record: known('absent', NOW_MS) }),
    expected: 'wait FormationUnknown',
  },
];

/** A member that is to speak https to its peers, beside a list that was written before. */
function overHttps(fields: Partial<MemberView>): MemberView {
  const voters = aQuorum([aMember(0), anUnstartedLearner(1)]);
  const self = aSelf({ names: { ...NAMES, peerScheme: 'https' } });
  return aMemberView({ self, voters, ...fields });
}
