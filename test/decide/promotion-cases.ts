import { PATIENCE_MS, PROMOTION_LAG_MAX } from '../../src/decide/patience.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
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
  CLUSTER,
  dataVolume,
  FOREIGN_CLUSTER,
  formed,
  memberId,
  NAMES,
  NOW_MS,
  recorded,
  running,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';

const LEADER_INDEX = 1_000n;
const LEADER = { id: memberId(0), clientUrl: 'http://leader:2379', raftIndex: LEADER_INDEX, raftTerm: 2n };
const ME = aMember(1, { isLearner: true });

/** Ordinal 1 as a started learner that is caught up; the voter of ordinal 0 reaches it. */
export function aLearner(fields: Partial<MemberView> = {}, lag = 0n): MemberView {
  return aMemberView({
    volume: dataVolume(),
    etcd: running({ isLearner: true, raftAppliedIndex: LEADER_INDEX - lag }),
    voters: aQuorum([aMember(0), ME, aMember(2)], { leader: LEADER }),
    siblings: [aSibling(0, { agent: anAnsweringAgent() }), aSibling(2)],
    history: aHistory('promoting'),
    ...fields,
  });
}

/** A learner of 1→3 whose sibling has not registered yet. */
function atTheDoor(
  sibling: Partial<Sibling>,
  waitedMs: number,
  fields: Partial<MemberView> = {},
): MemberView {
  return aLearner({
    voters: aQuorum([aMember(0), ME], { leader: LEADER }),
    siblings: [aSibling(0, { agent: anAnsweringAgent() }), aSibling(2, sibling)],
    history: aHistory('promoting', waitedMs),
    ...fields,
  });
}

/** Ordinal 2 as a caught-up learner, ordinal 1 being one too. */
function inTurn(waitedMs: number, first = aMember(1, { isLearner: true })): MemberView {
  return aLearner({
    self: aSelf({ ordinal: 2 }),
    etcd: running({ isLearner: true, memberId: memberId(2), raftAppliedIndex: LEADER_INDEX }),
    voters: aQuorum([aMember(0), first, aMember(2, { isLearner: true })], { leader: LEADER }),
    siblings: [aSibling(0, { agent: anAnsweringAgent() }), aSibling(1)],
    history: aHistory('promoting', waitedMs),
  });
}

function reachedBy(canReachMe: boolean | 'unasked', listed = [aMember(0), ME]): MemberView {
  return aLearner({
    voters: aQuorum(listed, { leader: LEADER }),
    intent: anIntent({ replicas: 2 }),
    siblings: [aSibling(0, { agent: anAnsweringAgent({ canReachMe }) })],
  });
}

/** The voters list `me` in the place of this member. */
function listedAs(me: ContactedMember): MemberView {
  return aLearner({ voters: aQuorum([aMember(0), me, aMember(2)], { leader: LEADER }) });
}

export const PROMOTION_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'is promoted when it is caught up, reached, and nobody has to go first',
    view: aLearner(),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'is promoted at the bound of its lag',
    view: aLearner({}, PROMOTION_LAG_MAX),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'waits beyond the bound of its lag, though etcd would promote it',
    view: aLearner({}, PROMOTION_LAG_MAX + 1n),
    expected: 'wait CatchingUp',
  },
  {
    behaviour: 'is promoted when it is ahead of what the leader last said',
    view: aLearner({}, -5n),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'is not promoted while no voter could dial it',
    view: reachedBy(false),
    expected: 'wait VoterCannotReachMe',
  },
  {
    behaviour: 'is not promoted before a voter was asked to dial it',
    view: reachedBy('unasked'),
    expected: 'wait VoterCannotReachMe',
  },
  {
    behaviour: 'is not promoted on the word of another learner',
    view: reachedBy(true, [aMember(2), ME, aMember(0, { isLearner: true })]),
    expected: 'wait VoterCannotReachMe',
  },
  {
    behaviour: 'is not promoted while every agent is silent',
    view: aLearner({ siblings: [aSibling(0), aSibling(2)] }),
    expected: 'wait VoterCannotReachMe',
  },
  {
    behaviour: 'holds the door for a sibling that has not registered',
    view: atTheDoor({}, PATIENCE_MS.door - 1),
    expected: 'wait HoldingDoor',
  },
  {
    behaviour: 'stops holding the door when its patience is over',
    view: atTheDoor({}, PATIENCE_MS.door),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door for a sibling whose Pod does not exist',
    view: atTheDoor({ pod: known({ kind: 'absent' }, NOW_MS) }, 0),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door for a sibling whose Pod is being deleted',
    view: atTheDoor(
      {
        pod: known({ kind: 'present', podUid: 'pod-2', address: '', running: true, deleting: true }, NOW_MS),
      },
      0,
    ),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door for a sibling of which nothing is known',
    view: atTheDoor({ pod: unknown('the API server timed out') }, 0),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door for a sibling beyond the wanted size',
    view: atTheDoor({}, 0, { intent: anIntent({ replicas: 2 }) }),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door that is shut: the only learner slot is its own',
    view: atTheDoor({}, 0, { record: recorded(formed({ maxLearners: 1 })) }),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door while the record is unknown',
    view: atTheDoor({}, 0, { record: unknown('the API server timed out') }),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door while the record is absent',
    view: atTheDoor({}, 0, { record: known('absent', NOW_MS) }),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'holds no door while the wanted size is unknown',
    view: atTheDoor({}, 0, { intent: unknown('the API server timed out') }),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'lets a lower learner be promoted first',
    view: inTurn(PATIENCE_MS.promotionTurn - 1),
    expected: 'wait PromotionTurn',
  },
  {
    behaviour: 'stops letting a lower learner go first when its patience is over',
    view: inTurn(PATIENCE_MS.promotionTurn),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'does not wait for a lower learner that has not started',
    view: inTurn(0, anUnstartedLearner(1)),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'does not wait for a learner that is no ordinal of this set',
    view: inTurn(
      0,
      aMember(1, { isLearner: true, peerUrls: ['http://elsewhere:2380', peerUrlOf(NAMES, 1)] }),
    ),
    expected: 'promote-self CaughtUp',
  },
  {
    behaviour: 'does not become a voter when it is scaled away',
    view: aLearner({ intent: anIntent({ replicas: 1 }) }),
    expected: 'stay-out ScaledAway',
  },
  {
    behaviour: 'is not promoted without a quorum',
    view: aLearner({ voters: { kind: 'local-list', clusterId: CLUSTER, members: [], why: 'no leader' } }),
    expected: 'wait QuorumLost',
  },
  {
    behaviour: 'is not promoted before the voters were asked',
    view: aLearner({ voters: { kind: 'unasked' } }),
    expected: 'wait PeersUnreachable',
  },
  {
    behaviour: 'is not promoted between two leaders',
    view: aLearner({ voters: aQuorum([aMember(0), ME], { leader: null }) }),
    expected: 'wait NoLeader',
  },
  {
    behaviour: 'is not promoted in a cluster that is not the recorded one',
    view: aLearner({ etcd: running({ isLearner: true, clusterId: FOREIGN_CLUSTER }) }),
    expected: 'wait ForeignCluster',
  },
  {
    behaviour: 'is not promoted again while its own etcd has not applied the promotion',
    view: listedAs(aMember(1)),
    expected: 'wait CaughtUp',
  },
  {
    behaviour: 'is not promoted once the voters do not list it any more, which is noted on the volume',
    view: listedAs(aMember(5)),
    expected: 'write-marker RemovedData',
  },
  {
    behaviour: 'waits for its end once it is noted that the voters do not list it any more',
    view: { ...listedAs(aMember(5)), volume: dataVolume({ removedMember: memberId(1) }) },
    expected: 'wait RemovedData',
  },
  {
    behaviour: 'is not promoted under the ID of a member that is registered elsewhere',
    view: listedAs(aMember(1, { isLearner: true, peerUrls: [peerUrlOf(NAMES, 5)] })),
    expected: 'wait PeerMisdirected',
  },
  {
    behaviour: 'is promoted while the API is away',
    view: aLearner({ intent: unknown('connection refused'), record: unknown('connection refused') }),
    expected: 'promote-self CaughtUp',
  },
];
