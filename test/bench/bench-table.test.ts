import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BenchReport } from '../../src/bench/bench-report.ts';
import { renderBench } from '../../src/bench/bench-table.ts';
import { figureOf } from '../../src/bench/figure.ts';
import type { JoinTimeline } from '../../src/bench/join-timeline.ts';
import { medianAtMost } from '../../src/bench/target.ts';
import { noPaint } from '../../src/demo/paint.ts';

const MET = figureOf({
  name: '1→3',
  unit: 's',
  product: [
    { kind: 'measured', value: 0.7 },
    { kind: 'measured', value: 0.9 },
    { kind: 'failed', why: 'no leader' },
  ],
  floor: [{ kind: 'measured', value: 0.2 }],
  target: medianAtMost(2, 's'),
});

const MISSED = figureOf({
  name: '3→5',
  unit: 's',
  product: [{ kind: 'measured', value: 2.5 }],
  target: medianAtMost(2, 's'),
});

const UNMEASURED = figureOf({ name: 'memory', unit: 'MB', product: [] });

function report(change: Partial<BenchReport> = {}): BenchReport {
  return {
    etcdVersion: '3.6.16',
    nodeVersion: '24.21.0',
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 42.4,
    runs: 2,
    settleSeconds: 6,
    machine: { processors: 2, loadBefore: 0.1, loadAfter: 0.5 },
    groups: [{ group: 'scale', title: 'Growing', notes: ['A note.'], figures: [MET, MISSED, UNMEASURED] }],
    joinTimelines: [],
    problems: [],
    ...change,
  };
}

test('shows each figure beside its floor and its target', () => {
  const text = renderBench(report(), noPaint);
  assert.ok(
    text.includes(
      `Growing
┌────────┬─────────────────────────────────────┬──────────────┬───────┬────────┬───┐
│        │                             quorate │    bare etcd │ ratio │ target │   │
├────────┼─────────────────────────────────────┼──────────────┼───────┼────────┼───┤
│ 1→3    │ 0.70 / 0.80 / 0.90 s (n=2) 1 failed │ 0.20 s (n=1) │   4.0 │ ≤ 2 s  │ ✓ │
│ 3→5    │                        2.50 s (n=1) │              │       │ ≤ 2 s  │ ✗ │
│ memory │                                   – │              │       │        │   │
└────────┴─────────────────────────────────────┴──────────────┴───────┴────────┴───┘
A note.
`,
    ),
    text,
  );
  assert.match(
    text,
    /^etcd 3\.6\.16, Node 24\.21\.0, 2 processors, load 0\.1 at the start and 0\.5 at the end/,
  );
  assert.match(text, /\nTargets not met: 3→5\.\n/);
});

test('names what failed to run', () => {
  const text = renderBench(report({ groups: [], problems: ['scale: 1→3 failed: no leader'] }), noPaint);
  assert.match(text, /Every target is met\.\nFailed to run:\n {2}- scale: 1→3 failed: no leader\n/);
});

test('shows where the time goes, for the first and the last of the new members', () => {
  const join: JoinTimeline = {
    ordinal: 1,
    execMs: 10,
    startedMs: 200,
    firstDecisionMs: 300,
    registeredMs: 320,
    admittedMs: 330,
    caughtUpMs: null,
    promotedMs: 410,
  };
  const text = renderBench(
    report({ joinTimelines: [[join, { ...join, ordinal: 2, promotedMs: 500 }]] }),
    noPaint,
  );
  assert.match(text, /first new member │ +10 │ +200 │ +300 │ +320 │ +330 │ +– │ +410 │/);
  assert.match(text, /last new member {2}│ +10 │ +200 │ +300 │ +320 │ +330 │ +– │ +500 │/);
});
