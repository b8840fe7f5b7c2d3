import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noPaint } from '../../src/demo/paint.ts';
import type { StepReport, TourReport } from '../../src/demo/tour-report.ts';
import { renderTour } from '../../src/demo/tour-table.ts';

function step(text: string, change: Partial<StepReport> = {}): StepReport {
  return {
    step: text,
    seconds: 1.234,
    longestWriteGapMs: 42,
    writerPaused: false,
    memberCalls: 0,
    memberCallsByKind: {},
    lastMemberCallSeconds: null,
    voters: 3,
    clusterId: 'c1',
    settledSeconds: 0,
    backOffSeconds: 0,
    problem: null,
    ...change,
  };
}

function report(steps: readonly StepReport[], change: Partial<TourReport> = {}): TourReport {
  return {
    ok: true,
    acknowledged: 1_000,
    unanswered: 2,
    lost: 0,
    hashkvEqual: true,
    clusterIds: ['c1'],
    etcdVersion: '3.6.16',
    agentRssBytes: [73 * 1024 * 1024, 70 * 1024 * 1024],
    longestWriteGapMs: 42,
    longestWakeMs: 0,
    seconds: 12.3,
    size: 3,
    seed: 1,
    steps,
    problems: [],
    ...change,
  };
}

test('ends a tour that went well with a table and what was checked', () => {
  const calls = {
    memberCalls: 3,
    memberCallsByKind: { MemberAdd: 2, MoveLeader: 1 },
    lastMemberCallSeconds: 0.9,
  };
  const steps = [step('form'), step('scale:5', { ...calls, voters: 5 })];
  assert.equal(
    renderTour(report(steps), noPaint),
    `┌─────────┬─────────┬───────────────────┬─────────────────────────────────────────┬────────┐
│ step    │ seconds │ longest write gap │ membership calls                        │ voters │
├─────────┼─────────┼───────────────────┼─────────────────────────────────────────┼────────┤
│ form    │    1.23 │             42 ms │ 0                                       │      3 │
│ scale:5 │    1.23 │             42 ms │ 3: 2 add, 1 moveleader (last at 0.90 s) │      5 │
└─────────┴─────────┴───────────────────┴─────────────────────────────────────────┴────────┘

etcd 3.6.16, 12 s in all, longest write gap 42 ms
1000 writes acknowledged, 0 lost (2 more had no answer)
hashkv equal on all members
cluster IDs seen: c1
resident memory of the agents: 73, 70 MiB
Everything held.
`,
  );
});

test('says how the gap of a hibernation is counted', () => {
  const steps = [
    step('hibernate', { writerPaused: true, voters: 0 }),
    step('scale:3', { longestWriteGapMs: 1_500 }),
  ];
  const text = renderTour(report(steps), noPaint);
  assert.match(text, /hibernate +│ +1\.23 │ +paused │/);
  assert.match(text, /scale:3 +│ +1\.23 │ +1500 ms ¹ │/);
  assert.match(text, /^¹ From the moment the cluster was wanted again;/m);
});

test('says what was waited for and is not counted, and what is counted but not ours', () => {
  const text = renderTour(
    report([
      step('kill:0', { settledSeconds: 4.6, backOffSeconds: 10 }),
      step('wipe:1', {
        memberCalls: 1,
        memberCallsByKind: { MemberAdd: 1 },
        lastMemberCallSeconds: 1,
        seconds: 8,
      }),
    ]),
    noPaint,
  );
  assert.match(text, /^Before the steps 5 s were waited in all, not counted above/m);
  assert.match(text, /^10 s of this were the kubelet's back-off/m);
  assert.match(text, /etcd opened the client port of a new voter late/);
});

test('names everything that did not hold', () => {
  const failed = step('scale:5', { problem: 'scale:5: the cluster is not whole after 60 s' });
  const text = renderTour(
    report([failed], {
      ok: false,
      lost: null,
      hashkvEqual: false,
      clusterIds: [],
      agentRssBytes: [],
      problems: ['first', 'second'],
    }),
    noPaint,
  );
  assert.match(text, /│ scale:5 ✗ │/);
  assert.match(text, /1000 writes acknowledged, unknown how many lost/);
  assert.match(text, /hashkv NOT equal/);
  assert.match(text, /cluster IDs seen: none/);
  assert.match(text, /Not everything held:\n {2}- first\n {2}- second\n$/);
});
