import { PATIENCE_MS } from '../../src/decide/patience.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Sibling } from '../../src/model/sibling.ts';
import type { ContactedMember, PeerContact } from '../../src/model/voters-word.ts';
import {
  aHistory,
  aMember,
  aMemberView,
  anAnsweringAgent,
  anUnstartedLearner,
  aQuorum,
  aSelf,
  aSibling,
  emptyVolume,
  memberId,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';

const HOUR_MS = 3_600_000;
const SILENT: PeerContact = { kind: 'silent' };
const UNRESOLVED: PeerContact = { kind: 'unresolved' };

/** Ordinal 2, registered as a learner that never started, beside `others`. */
export function aRegistered(
  others: readonly ContactedMember[],
  waitedMs = 0,
  fields: Partial<MemberView> = {},
): MemberView {
  return aMemberView({
    self: aSelf({ ordinal: 2 }),
    volume: emptyVolume({ intent: { kind: 'join', memberId: memberId(2) } }),
    voters: aQuorum([...others, anUnstartedLearner(2)]),
    siblings: [aSibling(0), aSibling(1)],
    history: aHistory('registered', waitedMs),
    ...fields,
  });
}

const ON_3_5 = { self: aSelf({ ordinal: 2, etcdVersion: { major: 3, minor: 5, patch: 35 } }) } as const;

/** An unstarted learner of ordinal 1, whose agent says nothing or is up. */
function beforeMe(
  agent: 'silent' | 'answers',
  waitedMs: number,
  fields: Partial<ContactedMember> = {},
): MemberView {
  const siblings = [
    aSibling(0),
    aSibling(1, agent === 'silent' ? {} : { agent: anAnsweringAgent({ stage: 'registered' }) }),
  ];
  return aRegistered([aMember(0), anUnstartedLearner(1, fields)], waitedMs, { siblings });
}

/** An unstarted learner that is no ordinal of this set, beside a Pod that is. */
function besideAStranger(): MemberView {
  const siblings = [aSibling(0), aSibling(1, { agent: anAnsweringAgent({ stage: 'gated' }) })];
  const stranger = anUnstartedLearner(1, { peerUrls: ['http://elsewhere:2380'] });
  return aRegistered([aMember(0), stranger], 0, { siblings });
}

/** Ordinal 1 is not listed, and its agent is in `stage`. */
function besideANewcomer(stage: 'joining' | 'gated' | 'registered', waitedMs: number): MemberView {
  const siblings = [aSibling(0), aSibling(1, { agent: anAnsweringAgent({ stage }) })];
  return aRegistered([aMember(0)], waitedMs, { siblings });
}

/** Ordinal 1 is not listed, and somebody is there who does not answer in time. */
function besideALateAgent(waitedMs: number): MemberView {
  const siblings = [aSibling(0), aSibling(1, { agent: { kind: 'silent', late: true } })];
  return aRegistered([aMember(0)], waitedMs, { siblings });
}

/** Ordinal 1 is listed, and its agent says that it joins. */
function besideAListed(decides: string): MemberView {
  const agent: Sibling['agent'] = anAnsweringAgent({ stage: 'joining', decides });
  return aRegistered([aMember(0), aMember(1)], 0, { siblings: [aSibling(0), aSibling(1, { agent })] });
}

export const FIRST_START_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'starts when every other member answers',
    view: aRegistered([aMember(0), aMember(1)]),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'starts when a listed member refuses connections',
    view: aRegistered([aMember(0), aMember(1, { contact: { kind: 'refuses' } })]),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'does not start while a peer URL leads astray, however long that lasts',
    view: aRegistered(
      [aMember(0), aMember(1, { contact: { kind: 'misdirected', why: 'it leads to me' } })],
      HOUR_MS,
    ),
    expected: 'wait PeerMisdirected',
  },
  {
    behaviour: 'waits for a peer that accepts and says nothing',
    view: aRegistered([aMember(0), aMember(1, { contact: SILENT })], PATIENCE_MS.peerNotAnswering - 1),
    expected: 'wait PeerNotAnswering',
  },
  {
    behaviour: 'waits for a peer whose name does not resolve',
    view: aRegistered([aMember(0), aMember(1, { contact: UNRESOLVED })], PATIENCE_MS.peerNotAnswering - 1),
    expected: 'wait PeerNotAnswering',
  },
  {
    behaviour: 'on 3.6 starts beside a silent peer once waiting costs more than starting',
    view: aRegistered([aMember(0), aMember(1, { contact: SILENT })], PATIENCE_MS.peerNotAnswering),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'on 3.6 starts beside an unresolved peer once waiting costs more than starting',
    view: aRegistered([aMember(0), aMember(1, { contact: UNRESOLVED })], PATIENCE_MS.peerNotAnswering),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'on 3.5 never starts beside a silent peer, which would hang it for ever',
    view: aRegistered([aMember(0), aMember(1, { contact: SILENT })], HOUR_MS, ON_3_5),
    expected: 'wait PeerNotAnswering',
  },
  {
    behaviour: 'on 3.5 starts beside an unresolved peer once waiting costs more than starting',
    view: aRegistered(
      [aMember(0), aMember(1, { contact: UNRESOLVED })],
      PATIENCE_MS.peerNotAnswering,
      ON_3_5,
    ),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'lets a lower learner whose agent is up start first',
    view: beforeMe('answers', PATIENCE_MS.startTurn - 1),
    expected: 'wait StartTurn',
  },
  {
    behaviour: 'stops letting a lower learner go first when its patience is over',
    view: beforeMe('answers', PATIENCE_MS.startTurn),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'does not wait for a lower learner whose agent is silent',
    view: beforeMe('silent', 0),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'does not wait for a lower learner that answers already',
    view: beforeMe('answers', 0, { contact: { kind: 'answers', etcdVersion: '3.6.16' } }),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'does not wait for a learner that is no ordinal of this set',
    view: besideAStranger(),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'does not wait for a higher learner',
    view: aRegistered([aMember(0), anUnstartedLearner(3)], 0, {
      siblings: [aSibling(0), aSibling(3, { agent: anAnsweringAgent({ stage: 'registered' }) })],
    }),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'lets a sibling register first, whose registration would change the list under its start',
    view: besideANewcomer('joining', PATIENCE_MS.change - 1),
    expected: 'wait StartTurn',
  },
  {
    behaviour: 'stops waiting for a registration when its patience is over',
    view: besideANewcomer('joining', PATIENCE_MS.change),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'waits when a sibling has registered since the list was read (F25)',
    view: besideANewcomer('registered', 0),
    expected: 'wait StartTurn',
  },
  {
    behaviour: 'waits a while for a sibling that is there and does not answer in time (F25)',
    view: besideALateAgent(PATIENCE_MS.lateAgent - 1),
    expected: 'wait StartTurn',
  },
  {
    behaviour: 'stops waiting for a sibling that never answers in time',
    view: besideALateAgent(PATIENCE_MS.lateAgent),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'waits for a sibling that is about to have a lost identity removed (F25)',
    view: besideAListed('remove-lost-identity'),
    expected: 'wait StartTurn',
  },
  {
    behaviour: 'does not wait for a sibling that has registered a moment ago',
    view: besideAListed('join-as-learner'),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'does not wait for a sibling that is not about to register',
    view: besideANewcomer('gated', 0),
    expected: 'start-joined Registered',
  },
  {
    behaviour: 'does not start when two Pods claim its name and the API knows the other one',
    view: aRegistered([aMember(0), aMember(1)], 0, {
      self: aSelf({ ordinal: 2, podUid: 'pod-of-yesterday' }),
    }),
    expected: 'wait PodSuperseded',
  },
];
