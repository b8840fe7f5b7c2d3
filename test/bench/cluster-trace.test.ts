import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterTrace, type TraceEntry } from '../../src/bench/cluster-trace.ts';

const PROCESS = {
  kind: 'container-started',
  ordinal: 1,
  podUid: 'uid',
  container: 'agent',
  pid: 42,
  restarts: 0,
  atMs: 0,
} as const;

const PROMOTED = { membershipCall: 'MemberPromote', outcome: { kind: 'done' }, durationMs: 4 };

function withoutTime(entries: readonly TraceEntry[]): readonly object[] {
  return entries.map(({ atMs, ...rest }) => rest);
}

test('keeps what agents do and leaves the rest out', () => {
  const trace = new ClusterTrace();
  trace.noteEvent(PROCESS);
  trace.noteEvent({ ...PROCESS, container: 'etcd' });
  trace.noteEvent({ kind: 'volume-emptied', ordinal: 1, atMs: 0 });
  trace.noteLine(1, { msg: 'agent started' });
  trace.noteLine(1, { msg: 'hello' });
  trace.noteLine(1, { decision: 'promote-self', reason: 'CaughtUp', stage: 'promoting', msg: '…' });
  trace.noteLine(1, { decision: 'promote-self', reason: 'CaughtUp', msg: 'promote-self failed' });
  trace.noteLine(1, PROMOTED);
  assert.deepEqual(withoutTime(trace.entries), [
    { ordinal: 1, kind: 'process', pid: 42 },
    { ordinal: 1, kind: 'started' },
    { ordinal: 1, kind: 'decision', decision: 'promote-self' },
    { ordinal: 1, kind: 'call', call: 'MemberPromote', outcome: 'done' },
  ]);
});

test('forgets at the beginning of a step, but goes on counting calls', () => {
  const trace = new ClusterTrace();
  trace.noteLine(1, PROMOTED);
  trace.begin();
  trace.noteLine(1, PROMOTED);
  assert.equal(trace.entries.length, 1);
  assert.equal(trace.calls, 2);
});

test('resolves as soon as a condition holds', async (t) => {
  const trace = new ClusterTrace();
  const waiting = trace.until(() => trace.calls > 0, t.signal);
  trace.noteLine(1, { msg: 'agent started' });
  trace.noteLine(1, PROMOTED);
  await waiting;
});

test('gives up waiting when told to', async () => {
  const trace = new ClusterTrace();
  const stop = new AbortController();
  const waiting = trace.until(() => false, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
});
