import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wantsOf } from '../../src/decide/wants.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { ContactedMember } from '../../src/model/voters-word.ts';
import {
  aMember,
  aMemberView,
  anUnstartedLearner,
  aQuorum,
  dataVolume,
  emptyVolume,
  FOREIGN_CLUSTER,
  memberId,
  running,
  STARTING,
} from '../support/a-member-view.ts';

const NOTHING = {
  api: false,
  voters: 'none',
  contacts: false,
  siblings: false,
  siblingPods: false,
  reach: false,
  voterStatuses: false,
  ownName: false,
  brief: false,
} as const;

const ALL = [aMember(0), aMember(1), aMember(2)];

function aVoter(fields: Partial<MemberView> = {}): MemberView {
  return aMemberView({ volume: dataVolume(), etcd: running(), voters: aQuorum(ALL), ...fields });
}

function aLeader(members: readonly ContactedMember[], fields: Partial<MemberView> = {}): MemberView {
  return aVoter({ etcd: running({ leaderId: memberId(1) }), voters: aQuorum(members), ...fields });
}

describe('what the next view asks for', () => {
  it('is nothing while etcd is absent, starts, or answers no more', () => {
    for (const etcd of [{ kind: 'absent' } as const, { kind: 'unresponsive' } as const, STARTING]) {
      assert.deepEqual(wantsOf(aMemberView({ etcd }), false), NOTHING);
    }
  });

  it('is everything but reach at the gate with an empty volume', () => {
    const wants = wantsOf(aMemberView({ volume: emptyVolume() }), false);
    assert.deepEqual(wants, {
      api: true,
      voters: 'peers',
      contacts: true,
      siblings: true,
      siblingPods: true,
      reach: false,
      voterStatuses: false,
      ownName: true,
      brief: false,
    });
  });

  it('is brief at the gate with own data, which waits for nobody', () => {
    const wants = wantsOf(aMemberView({ volume: dataVolume() }), false);
    assert.deepEqual(wants, { ...NOTHING, api: true, voters: 'peers', brief: true });
  });

  it('is not brief once something destructive is to be confirmed', () => {
    const wants = wantsOf(aMemberView({ volume: dataVolume() }), true);
    assert.equal(wants.brief, false);
    assert.equal(wants.contacts, true);
  });

  it('is not brief after a start that failed: it may be that of a removed member (F17)', () => {
    const etcd = { kind: 'at-gate', sinceMs: 0, failedStarts: 1 } as const;
    assert.equal(wantsOf(aMemberView({ volume: dataVolume(), etcd }), false).brief, false);
  });

  it('is not brief with data whose member was removed, as the volume notes (F17)', () => {
    const brief = (removedMember: typeof FOREIGN_CLUSTER): boolean =>
      wantsOf(aMemberView({ volume: dataVolume({ removedMember }) }), false).brief;
    assert.equal(brief(memberId(1)), false);
    assert.equal(brief(memberId(7)), true, 'a note on another member says nothing');
  });

  it('is not brief with data of another cluster, without a marker, or on an unreadable volume', () => {
    const volumes = [
      dataVolume({ clusterId: FOREIGN_CLUSTER }),
      { ...dataVolume(), marker: { kind: 'none' } } as const,
      { kind: 'unreadable', why: 'EIO' } as const,
    ];
    for (const volume of volumes) {
      assert.equal(wantsOf(aMemberView({ volume }), false).brief, false);
    }
  });

  it('is the peers, the siblings and their reach for a learner', () => {
    const view = aVoter({ etcd: running({ isLearner: true }) });
    assert.deepEqual(wantsOf(view, false), {
      ...NOTHING,
      api: true,
      voters: 'peers',
      siblings: true,
      siblingPods: true,
      reach: true,
    });
  });

  it('is only the own member list for a settled voter', () => {
    assert.deepEqual(wantsOf(aVoter(), false), { ...NOTHING, voters: 'own' });
  });

  it('is the members’ ports, and never the API, for a settled leader', () => {
    assert.deepEqual(wantsOf(aLeader(ALL), false), { ...NOTHING, voters: 'own', contacts: true });
  });

  it('is the API for a voter whose volume does not know yet that the cluster is formed', () => {
    for (const marker of [{ released: false }, { clusterId: null }, { clusterUid: null }]) {
      assert.equal(wantsOf(aVoter({ volume: dataVolume(marker) }), false).api, true);
    }
  });

  it('is the API and the Pods for a leader whose members are not as they should be', () => {
    const lists = [
      [aMember(0, { contact: { kind: 'refuses' } }), aMember(1), aMember(2)],
      [
        aMember(0),
        aMember(1),
        anUnstartedLearner(2, { contact: { kind: 'answers', etcdVersion: '3.6.16' } }),
      ],
      [aMember(0), aMember(1), aMember(2, { isLearner: true })],
    ];
    for (const members of lists) {
      const wants = wantsOf(aLeader(members), false);
      assert.deepEqual([wants.api, wants.siblingPods], [true, true]);
    }
  });

  it('is not the API for a leader that cannot be dialled from its own side', () => {
    const members = [aMember(0), aMember(1, { contact: { kind: 'silent' } }), aMember(2)];
    assert.equal(wantsOf(aLeader(members), false).api, false);
  });

  it('is not the API for a leader that has no list yet', () => {
    assert.equal(wantsOf(aLeader([], { voters: { kind: 'unasked' } }), false).api, false);
  });

  it('is the API, anew, for whatever a voter has to confirm', () => {
    assert.equal(wantsOf(aVoter(), true).api, true);
    assert.equal(wantsOf(aLeader(ALL), true).siblingPods, true);
  });
});
