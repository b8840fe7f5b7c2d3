import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryOfEvent, entryOfLine } from '../../src/demo/timeline.ts';
import type { ClusterHappening } from '../../src/local/cluster-event.ts';
import type { HttpAnswer } from '../../src/runtime/http-client.ts';

const POD = { ordinal: 2, podUid: 'uid' };

function answered(body: string): HttpAnswer {
  return { kind: 'answered', status: 200, header: () => '', body };
}

test('tells every event of the supervisor in one line', () => {
  const cases: readonly (readonly [ClusterHappening, string, string])[] = [
    [{ kind: 'scaled', replicas: 5, replicasBefore: 3 }, 'cluster', 'wanted size 3 → 5'],
    [{ ...POD, kind: 'pod-created' }, 'demo-2', 'Pod created'],
    [{ ...POD, kind: 'pod-deleting', graceSeconds: 30 }, 'demo-2', 'Pod is being deleted'],
    [{ ...POD, kind: 'pod-gone' }, 'demo-2', 'Pod is gone'],
    [
      { ...POD, kind: 'container-started', container: 'etcd', pid: 7, restarts: 0 },
      'demo-2',
      'etcd started (process 7)',
    ],
    [
      {
        ...POD,
        kind: 'container-exited',
        container: 'etcd',
        pid: 7,
        exit: { code: null, signal: 'SIGKILL' },
      },
      'demo-2',
      'etcd ended by SIGKILL',
    ],
    [
      { ...POD, kind: 'container-exited', container: 'agent', pid: 7, exit: { code: 1, signal: null } },
      'demo-2',
      'agent exited with 1',
    ],
    [
      { ...POD, kind: 'container-waiting', container: 'etcd', delayMs: 10_000 },
      'demo-2',
      'etcd is restarted in 10 s (back-off)',
    ],
    [{ ...POD, kind: 'pre-stop-called' }, 'demo-2', 'preStop: asks its agent whether to leave'],
    [
      { ...POD, kind: 'pre-stop-returned', answer: answered('{"message":"It leaves."}') },
      'demo-2',
      'preStop: It leaves.',
    ],
    [
      { ...POD, kind: 'pre-stop-returned', answer: { kind: 'refused' } },
      'demo-2',
      'preStop: its agent gives no verdict',
    ],
    [{ kind: 'volume-emptied', ordinal: 2 }, 'demo-2', 'its disk is empty now'],
    [{ kind: 'orphans-ended', count: 4 }, 'cluster', 'ended 4 processes of a killed predecessor'],
    [{ kind: 'trouble', message: 'no space left' }, 'cluster', 'no space left'],
  ];
  for (const [happening, who, text] of cases) {
    const entry = entryOfEvent({ ...happening, atMs: 5 }, 'demo');
    assert.deepEqual([entry.atMs, entry.who, entry.text], [5, who, text]);
  }
});

test('tells decisions, membership calls and warnings of an agent, and nothing else', () => {
  const text = (line: Record<string, unknown>): string | undefined => entryOfLine('demo-2', line, 5)?.text;
  assert.equal(
    text({ level: 30, decision: 'wait', reason: 'JoinTurn', msg: 'Others join first.' }),
    'Others join first.',
  );
  assert.equal(
    text({ level: 30, membershipCall: 'MemberAdd', outcome: { kind: 'done' }, durationMs: 7, msg: 'x' }),
    'MemberAdd done, 7 ms',
  );
  assert.equal(text({ level: 40, msg: 'data set aside' }), 'data set aside');
  assert.equal(text({ level: 30, msg: 'agent started' }), undefined);
  assert.equal(text({ level: 30, decision: 'write-marker', msg: 'noting' }), undefined);
});
