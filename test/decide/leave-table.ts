import { LEAVE_UNKNOWN_MAX_MS } from '../../src/decide/decide-leave.ts';
import { LEAVE_TURN_MAX_MS } from '../../src/decide/departure.ts';
import type { LeaveReason, LeaveVerdict, LeaveView } from '../../src/decide/leave-verdict.ts';
import { type Known, unknown } from '../../src/model/known.ts';
import type { LocalEtcd } from '../../src/model/local-etcd.ts';
import type { Intent } from '../../src/model/member-view.ts';
import type { PeerContact, VotersWord } from '../../src/model/voters-word.ts';
import { aLeaveView, LEAVE_BUDGET_MS, ledBy } from '../support/a-leave-view.ts';
import {
  AT_GATE,
  aMember,
  anIntent,
  CLUSTER,
  FOREIGN_CLUSTER,
  memberId,
  NOW_MS,
  running,
  STARTING,
} from '../support/a-member-view.ts';
import { keysOf } from '../support/keys-of.ts';

/** What is concluded and why. */
export type ExpectedVerdict = `${LeaveVerdict['kind']} ${LeaveReason}`;

/** One view of a preStop hook and what must follow from it. */
export type LeaveCase = {
  readonly behaviour: string;
  readonly view: LeaveView;
  readonly expected: ExpectedVerdict;
};

const ETCDS = {
  absent: { kind: 'absent' },
  'at the gate': AT_GATE,
  starting: STARTING,
  'starting and alive': { kind: 'starting', sinceMs: NOW_MS, alive: true, hasLeader: false },
  unresponsive: { kind: 'unresponsive' },
  running: running({ memberId: memberId(2) }),
} as const satisfies Record<string, LocalEtcd>;

const DELETED = { uid: 'pod-1', deleting: true } as const;
const AWAY = { replicas: 2, ownPod: DELETED } as const;

const INTENTS = {
  unknown: unknown('the API server timed out'),
  'scaled away': anIntent(AWAY),
  'scaled away, my Pod not deleted': anIntent({ ...AWAY, ownPod: { uid: 'pod-1', deleting: false } }),
  'scaled away, no Pod of my name': anIntent({ ...AWAY, ownPod: null }),
  'scaled away, another Pod of my name': anIntent({ ...AWAY, ownPod: { uid: 'pod-9', deleting: true } }),
  'still wanted': anIntent({ replicas: 3, ownPod: DELETED }),
  'scaled to 0': anIntent({ replicas: 0, ownPod: DELETED }),
  'set deleted': anIntent({ ...AWAY, statefulSetDeleting: true }),
  'set deleted, scaled to 0': anIntent({ replicas: 0, ownPod: DELETED, statefulSetDeleting: true }),
} as const satisfies Record<string, Known<Intent>>;

const REFUSES: PeerContact = { kind: 'refuses' };
const ME_LEARNING = aMember(2, { isLearner: true });
const ALL = [aMember(0), aMember(1), aMember(2)];
const OTHERS_DOWN = [aMember(0, { contact: REFUSES }), aMember(1, { contact: REFUSES }), aMember(2)];

const VOTERS = {
  unasked: { kind: 'unasked' },
  silent: { kind: 'silent', why: 'connection refused' },
  foreign: { kind: 'foreign', clusterId: FOREIGN_CLUSTER, from: 'http://x:2380' },
  'local list': { kind: 'local-list', clusterId: CLUSTER, members: ALL, why: 'no leader' },
  'between leaders': { ...ledByNobody(), members: ALL },
  'another leads': ledBy(0, ALL),
  'I lead': ledBy(2, ALL),
  'I lead, the others are down': ledBy(2, OTHERS_DOWN),
  'another leads, a voter that stays is down': ledBy(0, [
    aMember(0),
    aMember(1, { contact: REFUSES }),
    aMember(2),
  ]),
  'I lead alone': ledBy(2, [aMember(2)]),
  'I am a learner': ledBy(0, [aMember(0), aMember(1), ME_LEARNING]),
  'I am a learner, a voter is down': ledBy(0, [aMember(0), aMember(1, { contact: REFUSES }), ME_LEARNING]),
  'a higher member leaves too': ledBy(0, [...ALL, aMember(3)]),
  'a higher member that is down leaves too': ledBy(0, [...ALL, aMember(3, { contact: REFUSES })]),
  'lack me': ledBy(0, [aMember(0), aMember(1)]),
} as const satisfies Record<string, VotersWord>;

const TIMES = {
  'just called': 0,
  'waited for long': Math.max(LEAVE_UNKNOWN_MAX_MS, LEAVE_TURN_MAX_MS),
  'out of time': LEAVE_BUDGET_MS,
} as const satisfies Record<string, number>;

type EtcdState = keyof typeof ETCDS;
type IntentState = keyof typeof INTENTS;
type VotersState = keyof typeof VOTERS;
type Time = keyof typeof TIMES;

/** A cell that is a string holds for all that varies beneath it. */
type ByTime = ExpectedVerdict | Readonly<Record<Time, ExpectedVerdict>>;
type ByVoters = ByTime | { readonly voters: Readonly<Record<VotersState, ByTime>> };
type ByIntent = ByVoters | { readonly intents: Readonly<Record<IntentState, ByVoters>> };

const OUT_OF_TIME = 'stay DeadlineReached';

function always(verdict: ExpectedVerdict): ByTime {
  return { 'just called': verdict, 'waited for long': verdict, 'out of time': OUT_OF_TIME };
}

function lookAgain(reason: LeaveReason): ByTime {
  return {
    'just called': `look-again ${reason}`,
    'waited for long': `stay ${reason}`,
    'out of time': OUT_OF_TIME,
  };
}

/** A leader hands over where somebody can take over; nobody else does anything. */
function stayAndHandOver(reason: LeaveReason): ByVoters {
  const stay = always(`stay ${reason}`);
  return {
    voters: {
      unasked: stay,
      silent: stay,
      foreign: stay,
      'local list': stay,
      'between leaders': stay,
      'another leads': stay,
      'I lead': always(`move-leader ${reason}`),
      'I lead, the others are down': stay,
      'another leads, a voter that stays is down': stay,
      'I lead alone': stay,
      'I am a learner': stay,
      'I am a learner, a voter is down': stay,
      'a higher member leaves too': stay,
      'a higher member that is down leaves too': stay,
      'lack me': stay,
    },
  };
}

const LEAVE = always('leave ScaledAway');

const DEPARTURE: ByVoters = {
  voters: {
    unasked: always('look-again QuorumLost'),
    silent: always('look-again QuorumLost'),
    foreign: always('look-again QuorumLost'),
    'local list': always('look-again QuorumLost'),
    'between leaders': always('look-again QuorumLost'),
    'another leads': LEAVE,
    'I lead': always('move-leader LeadingStill'),
    'I lead, the others are down': always('look-again QuorumAtRisk'),
    'another leads, a voter that stays is down': always('look-again QuorumAtRisk'),
    'I lead alone': always('stay LastVoter'),
    'I am a learner': LEAVE,
    'I am a learner, a voter is down': LEAVE,
    'a higher member leaves too': {
      'just called': 'look-again LeaveTurn',
      'waited for long': 'leave ScaledAway',
      'out of time': OUT_OF_TIME,
    },
    'a higher member that is down leaves too': LEAVE,
    'lack me': always('already-gone AlreadyGone'),
  },
};

/** `unknown`: nobody says whether it is to leave; `departing`: it is; and it is not. */
function unanswered(unknown: ByTime, departing: ByTime, staying: ByTime): ByIntent {
  return {
    intents: {
      unknown,
      'scaled away': departing,
      'scaled away, my Pod not deleted': staying,
      'scaled away, no Pod of my name': staying,
      'scaled away, another Pod of my name': staying,
      'still wanted': staying,
      'scaled to 0': staying,
      'set deleted': staying,
      'set deleted, scaled to 0': staying,
    },
  };
}

const NOT_RUNNING = unanswered(
  lookAgain('EtcdNotRunning'),
  lookAgain('EtcdNotRunning'),
  always('stay EtcdNotRunning'),
);
const SLOW = unanswered(
  lookAgain('EtcdUnresponsive'),
  always('look-again EtcdUnresponsive'),
  always('stay EtcdUnresponsive'),
);

const TABLE: Readonly<Record<EtcdState, ByIntent>> = {
  absent: NOT_RUNNING,
  'at the gate': always('stay EtcdNotRunning'),
  starting: NOT_RUNNING,
  'starting and alive': SLOW,
  unresponsive: SLOW,
  running: {
    intents: {
      unknown: lookAgain('IntentUnknown'),
      'scaled away': DEPARTURE,
      'scaled away, my Pod not deleted': stayAndHandOver('PodNotDeleted'),
      'scaled away, no Pod of my name': stayAndHandOver('PodNotDeleted'),
      'scaled away, another Pod of my name': stayAndHandOver('PodNotDeleted'),
      'still wanted': stayAndHandOver('StillWanted'),
      'scaled to 0': always('stay Hibernation'),
      'set deleted': always('stay SetDeleted'),
      'set deleted, scaled to 0': always('stay SetDeleted'),
    },
  },
};

/**
 * The whole table of leaving: what etcd does × what is wanted × what the voters say × how long the hook
 * has been waiting. The types demand every cell, so a new state cannot be forgotten.
 */
export function leaveCases(): readonly LeaveCase[] {
  return keysOf(ETCDS).flatMap((etcd) =>
    keysOf(INTENTS).flatMap((intent) =>
      keysOf(VOTERS).flatMap((voters) =>
        keysOf(TIMES).map((time) => ({
          behaviour: `etcd ${etcd}, ${intent}, voters: ${voters}, ${time}`,
          view: aLeaveView({
            etcd: ETCDS[etcd],
            intent: INTENTS[intent],
            voters: VOTERS[voters],
            nowMs: NOW_MS + TIMES[time],
          }),
          expected: cellOf(TABLE[etcd], intent, voters, time),
        })),
      ),
    ),
  );
}

function cellOf(byIntent: ByIntent, intent: IntentState, voters: VotersState, time: Time): ExpectedVerdict {
  const byVoters =
    typeof byIntent === 'object' && 'intents' in byIntent ? byIntent.intents[intent] : byIntent;
  const byTime = typeof byVoters === 'object' && 'voters' in byVoters ? byVoters.voters[voters] : byVoters;
  return typeof byTime === 'string' ? byTime : byTime[time];
}

function ledByNobody(): Extract<VotersWord, { kind: 'linearizable' }> {
  return { kind: 'linearizable', clusterId: CLUSTER, members: [], leader: null, observedAtMs: NOW_MS };
}
