import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  boardAfter,
  boardWithStatus,
  endpointsOf,
  type MemberBoard,
  membersOf,
} from '../../src/demo/member-board.ts';
import { roleOf } from '../../src/demo/member-role.ts';
import type { ClusterHappening } from '../../src/local/cluster-event.ts';
import type { AgentStatus } from '../../src/model/agent-status.ts';
import { anAgentStatus } from '../support/an-agent-status.ts';

/** When the statuses of `anAgentStatus` were observed. */
const OBSERVED_MS = Date.parse('2026-01-02T03:04:05.678Z');

const POD = { ordinal: 1, podUid: 'uid-1' };

function after(happenings: readonly ClusterHappening[], atMs = OBSERVED_MS - 1_000): MemberBoard {
  return happenings.reduce<MemberBoard>(
    (board, happening) => boardAfter(board, { ...happening, atMs }),
    new Map(),
  );
}

const UP: readonly ClusterHappening[] = [
  { ...POD, kind: 'pod-created' },
  { ...POD, kind: 'container-started', container: 'agent', pid: 10, restarts: 0 },
  { ...POD, kind: 'container-started', container: 'etcd', pid: 11, restarts: 0 },
];

const KILLED = { code: null, signal: 'SIGKILL' } as const;

function says(board: MemberBoard, status: AgentStatus | null): MemberBoard {
  return boardWithStatus(board, POD, status, OBSERVED_MS);
}

test('follows the processes of a Pod', () => {
  const up = after(UP).get(1);
  assert.deepEqual([up?.agentPid, up?.etcdPid], [10, 11]);
  const down = after([...UP, { ...POD, kind: 'container-exited', container: 'etcd', pid: 11, exit: KILLED }]);
  assert.deepEqual([down.get(1)?.agentPid, down.get(1)?.etcdPid], [10, null]);
});

test('news of a Pod that was replaced changes nothing', () => {
  const replaced = after([...UP, { ...POD, podUid: 'uid-2', kind: 'pod-created' }]);
  assert.equal(boardAfter(replaced, { ...POD, kind: 'pod-gone', atMs: 0 }), replaced);
  assert.equal(says(replaced, anAgentStatus()), replaced);
  assert.equal(replaced.get(1)?.agentPid, null);
});

test('a member that serves is an endpoint until its Pod is being deleted', () => {
  const serving = says(after(UP), anAgentStatus({ ordinal: 1 }));
  assert.deepEqual(endpointsOf(serving), [anAgentStatus({ ordinal: 1 }).clientUrl]);
  const deleting = boardAfter(serving, { ...POD, kind: 'pod-deleting', graceSeconds: 30, atMs: 0 });
  assert.deepEqual(endpointsOf(deleting), []);
  assert.deepEqual(endpointsOf(says(after(UP), anAgentStatus({ ordinal: 1, stage: 'joining' }))), []);
});

test('a silent agent leaves what it said last, marked as not current', () => {
  const silent = says(says(after(UP), anAgentStatus({ ordinal: 1 })), null).get(1);
  assert.equal(silent?.isStatusCurrent, false);
  assert.equal(silent?.status?.name, 'demo-1');
});

test('what was said of the etcd process before this one is not believed', () => {
  const restarted = boardAfter(says(after(UP), anAgentStatus({ ordinal: 1 })), {
    ...POD,
    kind: 'container-started',
    container: 'etcd',
    pid: 12,
    restarts: 1,
    atMs: OBSERVED_MS + 1,
  });
  const stale = says(restarted, anAgentStatus({ ordinal: 1 })).get(1);
  assert.ok(stale !== undefined);
  assert.equal(stale.etcdServesSinceMs, null);
  assert.equal(roleOf(stale), 'starting');
});

test('lists members lowest ordinal first', () => {
  const board = after([
    { ordinal: 2, podUid: 'b', kind: 'pod-created' },
    { ordinal: 0, podUid: 'a', kind: 'pod-created' },
  ]);
  assert.deepEqual(
    membersOf(board).map((member) => member.ordinal),
    [0, 2],
  );
});

test('the role of a member is what its etcd and its Pod say', () => {
  const role = (status: AgentStatus | null, happenings = UP): string => {
    const board = status === null ? after(happenings) : says(after(happenings), status);
    const member = board.get(1);
    return member === undefined ? 'none' : roleOf(member);
  };
  const status = anAgentStatus({ ordinal: 1 });
  const etcd = (change: Partial<AgentStatus['etcd']>): AgentStatus => ({
    ...status,
    etcd: { ...status.etcd, ...change },
  });
  assert.equal(role(null), 'starting');
  assert.equal(role(status), 'voter');
  assert.equal(role(etcd({ leaderId: 'a1' })), 'leader');
  assert.equal(role(etcd({ isLearner: true })), 'learner');
  assert.equal(role(etcd({ state: 'at-gate' })), 'at-gate');
  assert.equal(role(etcd({ state: 'starting' })), 'starting');
  assert.equal(role(etcd({ state: 'absent' })), 'starting');
  assert.equal(role(status, [...UP, { ...POD, kind: 'pod-deleting', graceSeconds: 1 }]), 'leaving');
  assert.equal(role(status, UP.slice(0, 2)), 'down');
  assert.equal(
    role(
      null,
      [UP[0], UP[2]].filter((each) => each !== undefined),
    ),
    'unknown',
  );
});
