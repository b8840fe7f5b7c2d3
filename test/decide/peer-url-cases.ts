import { PATIENCE_MS } from '../../src/decide/patience.ts';
import type { EtcdStatus } from '../../src/model/local-etcd.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import type { ContactedMember } from '../../src/model/voters-word.ts';
import {
  aHistory,
  aMember,
  anIntent,
  aQuorum,
  aSibling,
  memberId,
  NAMES,
  running,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';
import { aLeadingView, COMPARED } from './housekeeping-cases.ts';
import { aNewcomer } from './registration-cases.ts';
import { aVoter } from './running-cases.ts';

/** As a plain etcd of one member advertises itself unless it is told better. */
export const PLAIN_URL = 'http://localhost:2380';

const OWN_URL = peerUrlOf(NAMES, 1);

/** Ordinal 1 as a voter that follows ordinal 0 and is listed like this. */
export function aMislistedVoter(
  listed: Partial<ContactedMember> = { peerUrls: [PLAIN_URL] },
  fields: Partial<MemberView> = {},
  status: Partial<EtcdStatus> = {},
): MemberView {
  return aVoter({
    etcd: running(status),
    voters: aQuorum([aMember(0), aMember(1, listed), aMember(2)]),
    ...fields,
  });
}

/** An empty volume of ordinal 1 that means to join beside a voter listed like this. */
function besideVoter(listed: Partial<ContactedMember>, waitedMs = 0): MemberView {
  return aNewcomer({
    voters: aQuorum([aMember(0, listed), aMember(2)]),
    history: aHistory('joining', waitedMs),
  });
}

export const PEER_URL_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'a voter listed under another URL than its own corrects that',
    view: aMislistedVoter(),
    expected: 'correct-peer-url PeerUrlDiffers',
  },
  {
    behaviour: 'a voter listed under its own URL and another one corrects that',
    view: aMislistedVoter({ peerUrls: [OWN_URL, PLAIN_URL] }),
    expected: 'correct-peer-url PeerUrlDiffers',
  },
  {
    behaviour: 'a voter listed without any URL corrects that',
    view: aMislistedVoter({ peerUrls: [] }),
    expected: 'correct-peer-url PeerUrlDiffers',
  },
  {
    behaviour: 'a voter listed under its own URL is left as it is',
    view: aMislistedVoter({}),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter corrects nothing before its own name was asked for',
    view: aMislistedVoter(undefined, { ownName: 'unasked' }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter corrects nothing while its own name leads nowhere',
    view: aMislistedVoter(undefined, { ownName: 'unpublished' }),
    expected: 'wait OwnNameUnpublished',
  },
  {
    behaviour: 'a voter corrects nothing while its own name leads elsewhere',
    view: aMislistedVoter(undefined, { ownName: 'elsewhere' }),
    expected: 'wait OwnNameUnpublished',
  },
  {
    behaviour: 'a voter leaves a URL alone that is listed for another member',
    view: aMislistedVoter(undefined, {
      voters: aQuorum([
        aMember(0),
        aMember(1, { peerUrls: [PLAIN_URL] }),
        aMember(2, { peerUrls: [OWN_URL] }),
      ]),
    }),
    expected: 'wait PeerMisdirected',
  },
  {
    behaviour: 'a voter corrects nothing on a list that no quorum confirms',
    view: aMislistedVoter(undefined, {
      voters: {
        kind: 'local-list',
        clusterId: aQuorum([]).clusterId,
        members: [aMember(1, { peerUrls: [PLAIN_URL] })],
        why: 'no leader',
      },
    }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter corrects nothing between two leaders',
    view: aMislistedVoter(undefined, {
      voters: aQuorum([aMember(1, { peerUrls: [PLAIN_URL] })], { leader: null }),
    }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter corrects nothing while it knows no leader',
    view: aMislistedVoter(undefined, {}, { leaderId: null }),
    expected: 'wait QuorumLost',
  },
  {
    behaviour: 'a member that is listed as a learner corrects nothing: old etcds make a voter of it (L26)',
    view: aMislistedVoter({ peerUrls: [PLAIN_URL], isLearner: true }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a learner under another URL neither corrects that nor becomes a voter (L26)',
    view: aMislistedVoter({ peerUrls: [PLAIN_URL], isLearner: true }, {}, { isLearner: true }),
    expected: 'wait PeerMisdirected',
  },
  {
    behaviour: 'a member that is not listed corrects nothing',
    view: aVoter({ voters: aQuorum([aMember(0), aMember(2, { peerUrls: [PLAIN_URL] })]) }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a leader corrects its own URL before it keeps house',
    view: aLeadingView({
      intent: anIntent({ replicas: 2 }),
      voters: aQuorum([aMember(1, { peerUrls: [PLAIN_URL] }), aMember(0), aMember(3)]),
    }),
    expected: 'correct-peer-url PeerUrlDiffers',
  },
  {
    behaviour: 'a leader that cannot correct its own URL keeps house all the same',
    view: aLeadingView(
      { ownName: 'unpublished', voters: aQuorum([aMember(1, { peerUrls: [PLAIN_URL] }), aMember(0)]) },
      {},
      { membershipKey: '' },
    ),
    expected: 'compare-hashes HashesUnverified',
  },
  {
    behaviour: 'a leader that keeps house says at last that it cannot correct its own URL',
    view: aLeadingView({
      ownName: 'unpublished',
      voters: aQuorum([aMember(1, { peerUrls: [PLAIN_URL] }), aMember(0), aMember(2)]),
      history: aHistory('serving', 0, { hashCheck: COMPARED }),
    }),
    expected: 'wait OwnNameUnpublished',
  },
  {
    behaviour: 'a joiner leaves time to a voter of this set that is still listed under another URL',
    view: besideVoter({ peerUrls: [PLAIN_URL] }, PATIENCE_MS.peerUrl - 1),
    expected: 'wait PeerUrlDiffers',
  },
  {
    behaviour: 'a joiner joins beside a voter whose URL nobody corrects',
    view: besideVoter({ peerUrls: [PLAIN_URL] }, PATIENCE_MS.peerUrl),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'a joiner does not wait for a voter that is none of this set’s',
    view: besideVoter({ name: 'default', peerUrls: [PLAIN_URL] }),
    expected: 'join-as-learner NotListed',
  },
  {
    behaviour: 'a joiner on a lost volume removes nobody by name alone',
    view: aNewcomer({
      voters: aQuorum([
        aMember(0),
        aMember(1, { peerUrls: ['http://old-1:2380'], contact: { kind: 'unresolved' } }),
      ]),
      history: aHistory('joining', PATIENCE_MS.peerUrl),
    }),
    expected: 'join-as-learner NotListed',
  },
];

/** A leader that sees `member` beyond the wanted size, or as a learner nobody started. */
export function aLeaderBeside(member: ContactedMember): MemberView {
  return aLeadingView({
    intent: anIntent({ replicas: 2 }),
    voters: aQuorum([aMember(1), aMember(0), member]),
    siblings: [
      aSibling(0),
      aSibling(2, { pod: { known: true, value: { kind: 'absent' }, observedAtMs: 0 } }),
    ],
    history: aHistory('serving', 0, {
      hashCheck: { ...COMPARED, membershipKey: 'a0,a1' },
      unstartedSinceMs: new Map([[memberId(2), -PATIENCE_MS.unstartedWithPod]]),
    }),
  });
}
