import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideLeave } from '../../src/decide/decide-leave.ts';
import { LEAVE_TURN_MAX_MS } from '../../src/decide/departure.ts';
import type { LeaveVerdict, LeaveView } from '../../src/decide/leave-verdict.ts';
import { PATIENCE_MS } from '../../src/decide/patience.ts';
import type { EtcdId } from '../../src/model/member.ts';
import type { PeerContact } from '../../src/model/voters-word.ts';
import { aLeaveView, ledBy } from '../support/a-leave-view.ts';
import { aMember, anIntent, aSelf, id, memberId, NOW_MS, running } from '../support/a-member-view.ts';
import { leaveCases } from './leave-table.ts';

const REFUSES: PeerContact = { kind: 'refuses' };

describe('the table of leaving', () => {
  for (const { behaviour, view, expected } of leaveCases()) {
    it(`${behaviour}: ${expected}`, () => {
      const verdict = decideLeave(view);
      assert.equal(wordsOf(verdict), expected);
      assert.match(verdict.message, /\.$/, 'a verdict says in a sentence what was seen');
    });
  }
});

describe('a removal', () => {
  it('names this member alone and goes to the leader', () => {
    const verdict = decideLeave(aLeaveView());
    assert.ok(verdict.kind === 'leave');
    assert.equal(verdict.memberId, memberId(2));
    assert.equal(verdict.voterUrl, aMember(0).clientUrls[0]);
  });

  it('goes to the voters that stay once the leader has not agreed for long (etcd-io/etcd#14523)', () => {
    const { leaderAgrees, voterAgrees } = PATIENCE_MS;
    const late = (turn: number): string => {
      const leavingSinceMs = NOW_MS - leaderAgrees - turn * voterAgrees;
      const self = { self: aSelf({ ordinal: 3 }), etcd: running({ memberId: memberId(3) }) };
      const voters = ledBy(0, [aMember(0), aMember(1), aMember(2), aMember(3)]);
      const verdict = decideLeave(aLeaveView({ ...self, leavingSinceMs, intent: wanting(2), voters }));
      assert.ok(verdict.kind === 'leave');
      return verdict.voterUrl;
    };
    const [leader, other] = [aMember(0).clientUrls[0], aMember(1).clientUrls[0]];
    assert.deepEqual([late(-1), late(0), late(1), late(2)], [leader, other, leader, other]);
  });

  it('of 2→1 is refused while the voter that stays does not answer', () => {
    const voters = ledBy(2, [aMember(0, { contact: REFUSES }), aMember(2)]);
    const verdict = decideLeave(aLeaveView({ intent: wanting(1), voters }));
    assert.equal(wordsOf(verdict), 'look-again QuorumAtRisk');
    assert.match(verdict.message, /Only 0 of the 1 voters that stay answer and 1 must/);
  });

  it('of 5→4 needs only a majority of those that stay', () => {
    const down = aMember(1, { contact: REFUSES });
    const voters = ledBy(0, [aMember(0), down, aMember(2), aMember(3), aMember(4)]);
    const view = { self: aSelf({ ordinal: 4 }), etcd: running({ memberId: memberId(4) }) };
    assert.equal(
      wordsOf(decideLeave(aLeaveView({ ...view, intent: wanting(4), voters }))),
      'leave ScaledAway',
    );
  });

  it('waits one turn for each higher member that leaves too', () => {
    const voters = ledBy(0, [aMember(0), aMember(1), aMember(2), aMember(3), aMember(4)]);
    const after = (waitedMs: number): string =>
      wordsOf(decideLeave(aLeaveView({ voters, nowMs: NOW_MS + waitedMs })));
    assert.equal(after(2 * LEAVE_TURN_MAX_MS - 1), 'look-again LeaveTurn');
    assert.equal(after(2 * LEAVE_TURN_MAX_MS), 'leave ScaledAway');
  });

  it('waits for no member that is no ordinal of this set', () => {
    const stranger = aMember(3, { name: 'default', peerUrls: [] });
    const voters = ledBy(0, [aMember(0), aMember(1), aMember(2), stranger]);
    assert.equal(wordsOf(decideLeave(aLeaveView({ voters }))), 'leave ScaledAway');
  });
});

describe('the next leader', () => {
  const members = [aMember(0), aMember(1), aMember(2)];

  it('is the most caught-up voter that stays', () => {
    assert.equal(successorOf({ voters: ledBy(2, members), raftIndexes: progress(90n, 91n) }), memberId(1));
    assert.equal(successorOf({ voters: ledBy(2, members), raftIndexes: progress(91n, 90n) }), memberId(0));
  });

  it('is found among indexes no number can hold', () => {
    const huge = 2n ** 63n;
    const raftIndexes = progress(huge, huge + 1n);
    assert.equal(successorOf({ voters: ledBy(2, members), raftIndexes }), memberId(1));
  });

  it('is the lowest ordinal among equals', () => {
    const voters = ledBy(2, [aMember(2), aMember(1), aMember(0)]);
    assert.equal(successorOf({ voters, raftIndexes: progress(90n, 90n) }), memberId(0));
  });

  it('is the one whose progress is known before one whose progress is not', () => {
    const raftIndexes = new Map([[memberId(1), 0n]]);
    assert.equal(successorOf({ voters: ledBy(2, members), raftIndexes }), memberId(1));
  });

  it('is a known ordinal before a stranger', () => {
    const stranger = aMember(3, { id: id('b3'), name: 'default', peerUrls: ['http://elsewhere:2380'] });
    assert.equal(successorOf({ voters: ledBy(2, [stranger, aMember(1), aMember(2)]) }), memberId(1));
    assert.equal(successorOf({ voters: ledBy(2, [aMember(1), stranger, aMember(2)]) }), memberId(1));
  });

  it('is never a learner', () => {
    const learner = aMember(0, { isLearner: true });
    assert.equal(successorOf({ voters: ledBy(2, [learner, aMember(1), aMember(2)]) }), memberId(1));
  });

  it('never leaves as well', () => {
    const voters = ledBy(2, [aMember(3), aMember(1), aMember(2)]);
    const nowMs = NOW_MS + LEAVE_TURN_MAX_MS;
    assert.equal(successorOf({ voters, nowMs, raftIndexes: new Map([[memberId(3), 999n]]) }), memberId(1));
  });

  it('is asked for once at a restart: two that stop together would hand over to and fro', () => {
    const view = aLeaveView({ intent: wanting(3), voters: ledBy(2, members), handedOver: true });
    assert.equal(wordsOf(decideLeave(view)), 'stay StillWanted');
  });

  it('stays itself, also at a restart', () => {
    const voters = ledBy(2, [aMember(3), aMember(1), aMember(2)]);
    const raftIndexes = new Map([[memberId(3), 999n]]);
    assert.equal(successorOf({ voters, intent: wanting(3), raftIndexes }), memberId(1));
  });

  it('is missing when only members that leave answer', () => {
    const nowMs = NOW_MS + LEAVE_TURN_MAX_MS;
    const voters = ledBy(2, [aMember(2), aMember(3), aMember(4)]);
    const early = decideLeave(aLeaveView({ intent: wanting(1), voters, calledAtMs: nowMs, nowMs }));
    assert.equal(wordsOf(early), 'look-again LeaveTurn');
    const late = decideLeave(
      aLeaveView({ intent: wanting(1), voters, nowMs: NOW_MS + 2 * LEAVE_TURN_MAX_MS }),
    );
    assert.equal(wordsOf(late), 'look-again LeadingStill');
  });

  function successorOf(fields: Partial<LeaveView>): EtcdId | undefined {
    const verdict = decideLeave(aLeaveView(fields));
    return verdict.kind === 'move-leader' ? verdict.target : undefined;
  }

  function progress(first: bigint, second: bigint): ReadonlyMap<EtcdId, bigint> {
    return new Map([
      [memberId(0), first],
      [memberId(1), second],
    ]);
  }
});

function wanting(replicas: number): LeaveView['intent'] {
  return anIntent({ replicas, ownPod: { uid: 'pod-1', deleting: true } });
}

function wordsOf(verdict: LeaveVerdict): string {
  return `${verdict.kind} ${verdict.reason}`;
}
