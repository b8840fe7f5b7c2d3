/** Turns what was measured into the figures of the report, with the targets beside them. Pure. */

import { type Figure, figureOf } from './figure.ts';
import type { StepResult } from './lane.ts';
import type { AgentStart } from './measure-agent-start.ts';
import type { FormingRuns } from './measure-forming.ts';
import type { AgentCost } from './measure-settled.ts';
import type { StepRuns } from './measure-steps.ts';
import { mapSamples, measuredIn, type Sample } from './sample.ts';
import { spreadOf } from './spread.ts';
import { allAtMost, allBelow, medianAndWorst, medianAtMost, nearFloor, type Target } from './target.ts';

export function formingFigures(runs: FormingRuns): readonly Figure[] {
  const { product, bareStatic, bareSeeded } = runs;
  const shared = { unit: 's', product } as const;
  const target = nearFloor(1.5, 1, 's');
  const ways = [
    { name: 'form 3 (floor: static, staggered)', floor: bareStatic },
    { name: 'form 3 (floor: seed and fast joins)', floor: bareSeeded },
  ];
  // The target is about the faster way, whichever it is here.
  const fastest = medianOf(bareStatic) <= medianOf(bareSeeded) ? 0 : 1;
  return ways.map((way, index) => figureOf({ ...shared, ...way, ...(index === fastest ? { target } : {}) }));
}

/** Whether etcd may have several learners at once decides how fast a cluster can grow. */
export function scalingFigures(runs: readonly StepRuns[], growsAtOnce: boolean): readonly Figure[] {
  return runs.flatMap((each) => {
    const { step, product } = each;
    const grows = step.kind === 'scale' && step.to > step.from;
    if (!grows) {
      return [timeFigure(each, medianAtMost(1.5, 's'))];
    }
    const afterLook = mapSamples(product, ({ afterLookMs }) => seconds(afterLookMs));
    return [
      timeFigure(each, growsAtOnce ? medianAtMost(2, 's') : undefined),
      figureOf({
        name: `${step.name}, once all new agents have looked`,
        unit: 's',
        product: afterLook,
        floor: mapSamples(each.bare, ({ ms }) => seconds(ms)),
        ...(growsAtOnce ? { target: medianAtMost(0.5, 's') } : {}),
      }),
    ];
  });
}

const LOST_DISK_LIMIT_S = { follower: 2, leader: 4 };

export function lostDiskFigures(runs: readonly StepRuns[]): readonly Figure[] {
  return runs.flatMap((each) =>
    each.step.kind === 'lose-disk'
      ? [timeFigure(each, medianAtMost(LOST_DISK_LIMIT_S[each.step.who], 's')), gapFigure(each, undefined)]
      : [],
  );
}

/** Of steps that were planned: each kind on its own and, when there are several, all together. */
export function gapFigures(runs: readonly StepRuns[]): readonly Figure[] {
  const together = {
    product: runs.flatMap((each) => each.product),
    floor: runs.flatMap((each) => each.bare),
  };
  const pooled = (name: string, of: (result: StepResult) => number, target?: Target): Figure =>
    figureOf({
      name,
      unit: 'ms',
      product: mapSamples(together.product, of),
      floor: mapSamples(together.floor, of),
      ...(target === undefined ? {} : { target }),
    });
  return [
    ...runs.map((each) => gapFigure(each, GAP_TARGET)),
    ...(runs.length > 1 ? [pooled('write gap, all of these', ({ gapMs }) => gapMs, GAP_TARGET)] : []),
    pooled('standstill of the measuring process', ({ standstillMs }) => standstillMs),
  ];
}

const GAP_TARGET = medianAndWorst(100, 500, 'ms');

export function rollFigures(runs: readonly StepRuns[]): readonly Figure[] {
  return [...runs.map((each) => timeFigure(each, undefined)), ...gapFigures(runs)];
}

export function agentStartFigures(samples: readonly Sample<AgentStart>[]): readonly Figure[] {
  return [
    figureOf({
      name: 'agent, exec to first decision',
      unit: 'ms',
      product: mapSamples(samples, ({ ms }) => ms),
      target: medianAtMost(500, 'ms'),
    }),
    figureOf({
      name: 'processor time of it, all threads',
      unit: 'ms',
      product: mapSamples(samples, ({ cpuMs }) => cpuMs),
    }),
  ];
}

export function settledFigures(sample: Sample<readonly AgentCost[]>): readonly Figure[] {
  const of = (
    name: string,
    unit: Figure['unit'],
    value: (cost: AgentCost) => number | null,
    leads: boolean,
    target?: Target,
  ): Figure =>
    figureOf({
      name: `agent beside ${leads ? 'the leader' : 'a follower'}, ${name}`,
      unit,
      product: samplesOf(sample, leads, value),
      ...(target === undefined ? {} : { target }),
    });
  return [true, false].flatMap((leads) => [
    of('resident memory', 'MB', (cost) => cost.residentMb, leads, allAtMost(80, 'MB')),
    of('resident memory by its own metric', 'MB', (cost) => cost.reportedMb, leads),
    of('memory with shared pages in parts', 'MB', (cost) => cost.proportionalMb, leads),
    of('processor', '%', (cost) => cost.cpuPercent, leads, allBelow(1, '%')),
    of('API calls in a minute', 'calls', (cost) => cost.apiCalls, leads, allAtMost(0, 'calls')),
  ]);
}

function samplesOf(
  sample: Sample<readonly AgentCost[]>,
  leads: boolean,
  value: (cost: AgentCost) => number | null,
): readonly Sample<number>[] {
  if (sample.kind === 'failed') {
    return [sample];
  }
  return sample.value
    .filter((cost) => cost.leads === leads)
    .map(value)
    .flatMap((each) => (each === null ? [] : [{ kind: 'measured', value: each }]));
}

function timeFigure({ step, product, bare }: StepRuns, target: Target | undefined): Figure {
  const secondsIn = (samples: readonly Sample<StepResult>[]): readonly Sample<number>[] =>
    mapSamples(samples, ({ ms }) => seconds(ms));
  return figureOf({
    name: step.name,
    unit: 's',
    product: secondsIn(product),
    floor: secondsIn(bare),
    ...(target === undefined ? {} : { target }),
  });
}

function gapFigure({ step, product, bare }: StepRuns, target: Target | undefined): Figure {
  return figureOf({
    name: `write gap, ${step.name}`,
    unit: 'ms',
    product: mapSamples(product, ({ gapMs }) => gapMs),
    floor: mapSamples(bare, ({ gapMs }) => gapMs),
    ...(target === undefined ? {} : { target }),
  });
}

/** What was not seen cannot meet a target. */
function seconds(ms: number | null): number {
  return ms === null ? Number.POSITIVE_INFINITY : ms / 1000;
}

function medianOf(samples: readonly Sample<number>[]): number {
  return spreadOf(measuredIn(samples))?.median ?? Number.POSITIVE_INFINITY;
}
