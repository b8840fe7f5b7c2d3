import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceEntry } from '../../src/bench/cluster-trace.ts';
import { allLookedMs, joinTimelinesOf } from '../../src/bench/join-timeline.ts';

const BEGUN_MS = 1_000;

const JOIN: readonly TraceEntry[] = [
  { atMs: 1_010, ordinal: 1, kind: 'process', pid: 7 },
  { atMs: 1_200, ordinal: 1, kind: 'started' },
  { atMs: 1_300, ordinal: 1, kind: 'decision', decision: 'write-marker' },
  { atMs: 1_310, ordinal: 1, kind: 'call', call: 'MemberAdd', outcome: 'unknown' },
  { atMs: 1_320, ordinal: 1, kind: 'call', call: 'MemberAdd', outcome: 'done' },
  { atMs: 1_330, ordinal: 1, kind: 'decision', decision: 'start-joined' },
  { atMs: 1_400, ordinal: 1, kind: 'decision', decision: 'promote-self' },
  { atMs: 1_410, ordinal: 1, kind: 'call', call: 'MemberPromote', outcome: 'done' },
];

const JOINED = {
  ordinal: 1,
  execMs: 10,
  startedMs: 200,
  firstDecisionMs: 300,
  registeredMs: 320,
  admittedMs: 330,
  caughtUpMs: 400,
  promotedMs: 410,
};

test('tells when each new agent came how far', () => {
  assert.deepEqual(joinTimelinesOf(JOIN, [1], BEGUN_MS), [JOINED]);
});

test('tells apart a member from the one of the same ordinal that was lost', () => {
  const before: readonly TraceEntry[] = [
    { atMs: 1_001, ordinal: 1, kind: 'decision', decision: 'settled' },
    { atMs: 1_002, ordinal: 1, kind: 'call', call: 'MemberPromote', outcome: 'done' },
  ];
  assert.deepEqual(joinTimelinesOf([...before, ...JOIN], [1], BEGUN_MS), [JOINED]);
});

test('leaves open what was not seen', () => {
  const [timeline] = joinTimelinesOf(JOIN.slice(0, 2), [1], BEGUN_MS);
  assert.equal(timeline?.startedMs, 200);
  assert.equal(timeline?.firstDecisionMs, null);
});

test('all have looked once the last has, and never while one has not', () => {
  const later = { ...JOINED, ordinal: 2, firstDecisionMs: 350 };
  assert.equal(allLookedMs([later, JOINED]), 350);
  assert.equal(allLookedMs([later, { ...JOINED, firstDecisionMs: null }]), null);
  assert.equal(allLookedMs([]), null);
});
