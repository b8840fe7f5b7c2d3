import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BenchStep, LOST_DISK_STEPS, ROLL_STEPS, SCALING_STEPS } from '../../src/bench/bench-step.ts';
import type { Figure } from '../../src/bench/figure.ts';
import {
  agentStartFigures,
  formingFigures,
  gapFigures,
  lostDiskFigures,
  rollFigures,
  scalingFigures,
  settledFigures,
} from '../../src/bench/figures-of-runs.ts';
import type { StepResult } from '../../src/bench/lane.ts';
import type { AgentCost } from '../../src/bench/measure-settled.ts';
import type { StepRuns } from '../../src/bench/measure-steps.ts';
import type { Sample } from '../../src/bench/sample.ts';

function result(change: Partial<StepResult> = {}): Sample<StepResult> {
  return {
    kind: 'measured',
    value: { ms: 900, gapMs: 40, standstillMs: 5, afterLookMs: 400, joins: [], ...change },
  };
}

function runsOf(steps: readonly BenchStep[], product: Sample<StepResult> = result()): readonly StepRuns[] {
  const bare = [result({ ms: 300, gapMs: 20, afterLookMs: null })];
  return steps.map((step) => ({ step, product: [product], bare }));
}

function seconds(...values: readonly number[]): readonly Sample<number>[] {
  return values.map((value) => ({ kind: 'measured', value }));
}

function marks(figures: readonly Figure[]): readonly string[] {
  return figures.map(({ name, target }) => `${name}: ${target?.text ?? 'no target'} ${target?.isMet ?? ''}`);
}

describe('the figures of forming', () => {
  it('hold the target against the faster way of forming by hand', () => {
    const figures = formingFigures({
      product: seconds(1.3),
      bareStatic: seconds(0.9),
      bareSeeded: seconds(0.2),
    });
    assert.deepEqual(marks(figures), [
      'form 3 (floor: static, staggered): no target ',
      'form 3 (floor: seed and fast joins): ≤ 1.5× floor or floor + 1 s false',
    ]);
  });
});

describe('the figures of scaling', () => {
  it('hold growing and shrinking against their targets', () => {
    assert.deepEqual(marks(scalingFigures(runsOf(SCALING_STEPS), true)), [
      '1→3: ≤ 2 s true',
      '1→3, once all new agents have looked: ≤ 0.5 s true',
      '3→5: ≤ 2 s true',
      '3→5, once all new agents have looked: ≤ 0.5 s true',
      '5→3: ≤ 1.5 s true',
      '3→1: ≤ 1.5 s true',
    ]);
  });

  it('aim at nothing for growing where etcd allows one learner at a time', () => {
    const grown = scalingFigures(runsOf(SCALING_STEPS), false).slice(0, 4);
    assert.ok(grown.every(({ target }) => target === null));
  });

  it('miss the target when the first decision of a new agent was never seen', () => {
    const [, afterLook] = scalingFigures(runsOf(SCALING_STEPS, result({ afterLookMs: null })), true);
    assert.equal(afterLook?.target?.isMet, false);
  });

  it('miss every target when the product failed', () => {
    const figures = scalingFigures(runsOf(SCALING_STEPS, { kind: 'failed', why: 'no leader' }), true);
    assert.ok(figures.every(({ target, product }) => target?.isMet === false && product.failed === 1));
  });
});

describe('the figures of write gaps', () => {
  it('tell of each kind of step and of all together', () => {
    const figures = gapFigures(runsOf(SCALING_STEPS));
    assert.deepEqual(
      figures.map(({ name, product }) => [name, product.values.length]),
      [
        ['write gap, 1→3', 1],
        ['write gap, 3→5', 1],
        ['write gap, 5→3', 1],
        ['write gap, 3→1', 1],
        ['write gap, all of these', 4],
        ['standstill of the measuring process', 4],
      ],
    );
  });

  it('have a target for planned steps and none for a lost disk', () => {
    assert.deepEqual(marks(rollFigures(runsOf(ROLL_STEPS))), [
      'rolling restart of 3: no target ',
      'write gap, rolling restart of 3: median ≤ 100, worst ≤ 500 ms true',
      'standstill of the measuring process: no target ',
    ]);
    assert.deepEqual(marks(lostDiskFigures(runsOf(LOST_DISK_STEPS))), [
      'lost disk of a follower of 3: ≤ 2 s true',
      'write gap, lost disk of a follower of 3: no target ',
      'lost disk of the leader of 3: ≤ 4 s true',
      'write gap, lost disk of the leader of 3: no target ',
    ]);
  });
});

describe('the figures of agents', () => {
  it('tell how long a start takes and what it costs', () => {
    const figures = agentStartFigures([{ kind: 'measured', value: { ms: 300, cpuMs: 250 } }]);
    assert.deepEqual(
      figures.map(({ product }) => product.values),
      [[300], [250]],
    );
  });

  it('keep the agent beside the leader apart from the others', () => {
    const cost: AgentCost = {
      leads: false,
      residentMb: 79,
      reportedMb: 79.5,
      proportionalMb: null,
      cpuPercent: 0.5,
      apiCalls: 0,
    };
    const figures = settledFigures({
      kind: 'measured',
      value: [{ ...cost, leads: true, cpuPercent: 1 }, cost, { ...cost, apiCalls: 1 }],
    });
    const missed = figures.filter(({ target }) => target?.isMet === false).map(({ name }) => name);
    assert.deepEqual(missed, [
      'agent beside the leader, processor',
      'agent beside a follower, API calls in a minute',
    ]);
    assert.equal(figures.find(({ name }) => name.includes('a follower'))?.product.values.length, 2);
  });

  it('fail together', () => {
    const figures = settledFigures({ kind: 'failed', why: 'no leader' });
    assert.ok(figures.every(({ product }) => product.failed === 1));
  });
});
