import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusBoard } from '../../../src/agent/serve/status-board.ts';
import { type AgentStatus, parseAgentStatus } from '../../../src/model/agent-status.ts';
import type { Decision } from '../../../src/model/decision.ts';
import { unknown } from '../../../src/model/known.ts';
import type { MemberView } from '../../../src/model/member-view.ts';
import type { Volume } from '../../../src/model/volume.ts';
import { aManualClock } from '../../support/a-clock.ts';
import {
  aMember,
  aMemberView,
  anUnstartedLearner,
  aQuorum,
  aSelf,
  CLUSTER,
  dataVolume,
  emptyVolume,
  memberId,
  running,
} from '../../support/a-member-view.ts';

/** Nobody waits for it: every test here shows something or gives up. */
const FOR_EVER_MS = 1_000_000;
const SERVING: Decision = { kind: 'settled', stage: 'serving', reason: 'Serving', message: 'Serving.' };

function aBoard(): { board: StatusBoard; clock: ReturnType<typeof aManualClock> } {
  const clock = aManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  return { board: new StatusBoard(aSelf(), clock), clock };
}

function servingView(fields: Partial<MemberView> = {}): MemberView {
  const learner = aMember(3, { isLearner: true });
  const members = [aMember(0), aMember(1), learner, anUnstartedLearner(4)];
  return aMemberView({ volume: dataVolume(), etcd: running(), voters: aQuorum(members), ...fields });
}

describe('the status of an agent', () => {
  it('claims nothing before anything was seen', () => {
    const { board } = aBoard();
    const { status } = board;
    assert.deepEqual(parseAgentStatus(JSON.parse(JSON.stringify(status))), status);
    assert.deepEqual(
      [status.formation, status.replicas, status.volumeId, status.hasData, status.members],
      [null, null, null, false, []],
    );
    assert.deepEqual([status.etcd.state, status.etcd.version], ['absent', '3.6.16']);
  });

  it('says what was seen and decided, and when', () => {
    const { board } = aBoard();
    board.show(servingView(), SERVING, 0);
    const { status } = board;
    assert.deepEqual(parseAgentStatus(JSON.parse(JSON.stringify(status))), status);
    assert.equal(status.observedAt, '2026-01-02T03:04:05.000Z');
    assert.deepEqual(
      [status.formation, status.replicas, status.hasData, status.generation],
      ['Formed', 3, true, 1],
    );
    assert.deepEqual(
      [status.etcd.memberId, status.etcd.clusterId, status.etcd.leaderId],
      ['a1', CLUSTER, 'a0'],
    );
    assert.deepEqual(
      status.members.map(({ id, role }) => [id, role]),
      [
        ['a0', 'Leader'],
        ['a1', 'Voter'],
        ['a3', 'Learner'],
        ['a4', 'Unstarted'],
      ],
    );
  });

  it('says whether the log is old, or was noted as clean, and nothing as long as that is not known', () => {
    const { board } = aBoard();
    const logOf = (fields: Partial<MemberView>): AgentStatus['log'] => {
      board.show(servingView(fields), SERVING, 0);
      assert.deepEqual(parseAgentStatus(JSON.parse(JSON.stringify(board.status))), board.status);
      return board.status.log;
    };
    assert.equal(logOf({}), undefined);
    assert.equal(logOf({ log: { kind: 'read', entries: 9n, lastIndex: 9n, lastV2Index: 4n } }), 'old');
    assert.equal(logOf({ log: { kind: 'read', entries: 9n, lastIndex: 9n, lastV2Index: null } }), undefined);
    const noted = { volume: dataVolume({ logCleanFor: 6 }) };
    assert.equal(logOf(noted), 'clean');
    const etcdVersion = { major: 3, minor: 5, patch: 35 } as const;
    assert.equal(logOf({ ...noted, self: aSelf({ etcdVersion }) }), undefined);
  });

  it('says whose data the volume holds, and what the marker beside it notes', () => {
    const { board } = aBoard();
    const dataOn = (volume: Volume): AgentStatus['data'] => {
      board.show(aMemberView({ volume }), SERVING, 0);
      return board.status.data;
    };
    const whose = { clusterId: CLUSTER, memberId: memberId(1) };
    assert.deepEqual(dataOn(dataVolume({ generation: 3, maxLearners: 4 })), {
      ...whose,
      generation: 3,
      maxLearners: 4,
    });
    const wal = { kind: 'present', ...whose } as const;
    for (const marker of [{ kind: 'none' }, { kind: 'invalid', why: 'no JSON' }] as const) {
      const unmarked = dataOn({ kind: 'readable', marker, wal, prunable: 0 });
      assert.deepEqual(unmarked, { ...whose, generation: null, maxLearners: null });
    }
  });

  it('tells data that cannot be read from none', () => {
    const { board } = aBoard();
    const seen = (volume: Volume): readonly unknown[] => {
      board.show(aMemberView({ volume }), SERVING, 0);
      return [board.status.hasData, board.status.data];
    };
    const torn = { ...dataVolume(), wal: { kind: 'unreadable', why: 'torn' } } as const;
    assert.deepEqual(seen(torn as Volume), [true, null]);
    assert.deepEqual(seen({ kind: 'unreadable', why: 'two places', holdsData: true }), [true, null]);
    assert.deepEqual(seen({ kind: 'unreadable', why: 'EIO' }), [false, null]);
    assert.deepEqual(seen(emptyVolume()), [false, null]);
  });

  it('keeps what it saw last of what is unknown now', () => {
    const { board } = aBoard();
    board.show(servingView(), SERVING, 0);
    const away = unknown('connection refused');
    board.show(servingView({ intent: away, record: away, voters: { kind: 'unasked' } }), SERVING, 0);
    const { status } = board;
    assert.deepEqual([status.formation, status.replicas, status.members.length], ['Formed', 3, 4]);
  });

  it('names no leader of a list that nobody confirmed', () => {
    const { board } = aBoard();
    const word = { kind: 'local-list', clusterId: CLUSTER, members: [aMember(0)], why: 'slow' } as const;
    board.show(servingView({ voters: word }), SERVING, 0);
    assert.deepEqual(
      board.status.members.map(({ role }) => role),
      ['Voter'],
    );
  });

  it('keeps since when a decision stands, until it is another one', () => {
    const { board, clock } = aBoard();
    board.show(servingView(), SERVING, clock.nowMs());
    const since = board.status.decision.since;
    clock.advance(5_000);
    board.show(servingView(), SERVING, 0);
    assert.equal(board.status.decision.since, since);
    board.show(servingView(), { ...SERVING, reason: 'QuorumLost', kind: 'wait' }, clock.nowMs() - 60_000);
    assert.ok(Date.parse(board.status.decision.since) < Date.parse(since));
  });

  it('has another etag when anything but raft’s figures changed', () => {
    const { board, clock } = aBoard();
    const etagAfter = (view: MemberView, decision = SERVING): string => {
      clock.advance(1_000);
      board.show(view, decision, 0);
      return board.status.etag;
    };
    const first = etagAfter(servingView());
    const moved = running({ raftIndex: 999n, raftAppliedIndex: 998n, raftTerm: 3n, dbSizeBytes: 1 });
    assert.equal(etagAfter(servingView({ etcd: moved })), first);
    assert.notEqual(etagAfter(servingView({ etcd: running({ leaderId: memberId(1) }) })), first);
    assert.notEqual(etagAfter(servingView(), { ...SERVING, message: 'Serving on.' }), first);
  });
});

describe('a long-poll', () => {
  it('is answered at once when the asker’s status is old', async (t) => {
    const { board } = aBoard();
    assert.equal(await board.after('old', FOR_EVER_MS, t.signal), board.status);
  });

  it('is answered as soon as anything changes, and everybody is', async (t) => {
    const { board } = aBoard();
    const { etag } = board.status;
    const waiting = [1, 2, 3].map(() => board.after(etag, FOR_EVER_MS, t.signal));
    board.show(servingView(), SERVING, 0);
    for (const status of await Promise.all(waiting)) {
      assert.equal(status.decision.kind, 'settled');
    }
  });

  it('waits on while only raft’s figures change', async (t) => {
    const { board } = aBoard();
    board.show(servingView(), SERVING, 0);
    let isOver = false;
    const waiting = board.after(board.status.etag, FOR_EVER_MS, t.signal).then((status) => {
      isOver = true;
      return status;
    });
    board.show(servingView({ etcd: running({ raftIndex: 101n }) }), SERVING, 0);
    await new Promise(setImmediate);
    assert.equal(isOver, false);
    board.show(servingView(), { ...SERVING, message: 'Now.' }, 0);
    assert.equal((await waiting).decision.message, 'Now.');
  });

  it('is answered with the same status when its time is up, or nobody listens any more', async (t) => {
    const { board } = aBoard();
    assert.equal(await board.after('0', 1, t.signal), board.status);
    assert.equal(await board.after('0', FOR_EVER_MS, AbortSignal.abort()), board.status);
  });

  it('is held for a bounded number of askers; the next is answered at once', async (t) => {
    const { board } = aBoard();
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, t.signal]);
    const held = Array.from({ length: 32 }, () => board.after('0', FOR_EVER_MS, signal));
    assert.equal(await board.after('0', FOR_EVER_MS, t.signal), board.status);
    stop.abort();
    await Promise.all(held);
    let isOver = false;
    const again = board.after('0', FOR_EVER_MS, t.signal).then(() => {
      isOver = true;
    });
    await new Promise(setImmediate);
    assert.equal(isOver, false, 'whoever has gone makes room');
    board.show(servingView(), SERVING, 0);
    await again;
  });
});
