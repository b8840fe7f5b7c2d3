/** The groups of measurements: what is run how often, and which figures come of it. */
import type { FigureGroup } from '../../src/bench/bench-report.ts';
import { figureOf } from '../../src/bench/figure.ts';
import { mapSamples, type Sample, sampleOnce } from '../../src/bench/sample.ts';
import { allAtMost, medianAtMost, type Target } from '../../src/bench/target.ts';
import { measureCrowd, measureForming } from './measure-forming.ts';
import { measureLeaderPod, measureLostVolume } from './measure-healing.ts';
import { measureScaling, type Scaled } from './measure-scaling.ts';
import type { OperatorCost } from './operator-cost.ts';
import {
  AGAINST_PLAIN,
  floorPlus,
  inTurns,
  problemsOf,
  RUN_MS_MAX,
  type RunParts,
  seconds,
  timeAgainst,
  timesFloor,
} from './turns.ts';

export const KUBE_BENCH_GROUPS = ['forming', 'scaling', 'healing', 'crowd', 'encryption'] as const;

export type KubeBenchGroup = (typeof KUBE_BENCH_GROUPS)[number];

export type GroupRun = Omit<FigureGroup, 'group'> & {
  readonly group: KubeBenchGroup;
  readonly problems: readonly string[];
};

const CROWD = 5;
const CROWD_RUNS_MAX = 3;

export async function runForming(parts: RunParts): Promise<GroupRun> {
  const formed = await inTurns(parts, 'forming', AGAINST_PLAIN, (kind) => measureForming(parts.stage, kind));
  const { product: quorate, floor: plain } = formed;
  return {
    group: 'forming',
    title: 'Forming three members',
    notes: [
      'From the request to Kubernetes until three voters have started and a write through the Service was acknowledged. The floor is a plain StatefulSet of the official image with a static member list.',
    ],
    figures: [
      timeAgainst('apply → 3 voters and a write', formed, ({ wholeMs }) => wholeMs, timesFloor(2)),
      figureOf({
        name: 'status says so after',
        unit: 's',
        product: seconds(mapSamples(quorate, ({ statusLagMs }) => statusLagMs ?? 0)),
        target: allAtMost(2, 's'),
      }),
    ],
    problems: [...problemsOf('forming', quorate), ...problemsOf('forming the floor', plain)],
  };
}

export async function runScaling({ stage, runs, onProgress }: RunParts): Promise<GroupRun> {
  const samples: Sample<readonly Scaled[]>[] = [];
  for (let run = 1; run <= runs; run++) {
    onProgress(`scaling: ${run} of ${runs}`);
    samples.push(await sampleOnce(() => measureScaling(stage), RUN_MS_MAX, stage.signal));
  }
  const step = (at: number, of: (scaled: Scaled) => number): readonly Sample<number>[] =>
    mapSamples(samples, (scaled) => of(scaled[at] as Scaled));
  const figure = (name: string, at: number, target: Target) =>
    figureOf({ name, unit: 's', product: seconds(step(at, ({ listedMs }) => listedMs)), target });
  const worst = (of: (scaled: Scaled) => number): readonly Sample<number>[] =>
    mapSamples(samples, (scaled) => Math.max(...scaled.map(of)));
  return {
    group: 'scaling',
    title: 'Scaling one cluster',
    notes: [
      'From the edit of the size until exactly so many voters are listed and have started.',
      'A voter that was fed a snapshot may open its client port only 7 s later: etcd waits so long for the answer to its registration, which the snapshot held already.',
    ],
    figures: [
      figure('1 → 3, last promotion', 0, medianAtMost(5, 's')),
      figure('3 → 5, last promotion', 1, medianAtMost(5, 's')),
      figure('5 → 3, members out', 2, medianAtMost(2, 's')),
      figureOf({
        name: 'status says so after, worst step',
        unit: 's',
        product: seconds(worst(({ statusLagMs }) => statusLagMs)),
        target: allAtMost(2, 's'),
      }),
      figureOf({
        name: 'all serve clients after, worst step',
        unit: 's',
        product: seconds(worst(({ servingLagMs }) => servingLagMs)),
      }),
      figureOf({
        name: 'longest write gap, worst step',
        unit: 'ms',
        product: worst(({ longestGapMs }) => longestGapMs),
      }),
    ],
    problems: problemsOf('scaling', samples),
  };
}

export async function runHealing(parts: RunParts): Promise<GroupRun> {
  const { stage, runs, onProgress } = parts;
  const replaced = await inTurns(parts, 'leader’s Pod', AGAINST_PLAIN, (kind) =>
    measureLeaderPod(stage, kind),
  );
  const { product: quorate, floor: plain } = replaced;
  const lost: Sample<number>[] = [];
  for (let run = 1; run <= runs; run++) {
    onProgress(`lost volume: ${run} of ${runs}`);
    lost.push(await sampleOnce(() => measureLostVolume(stage), RUN_MS_MAX, stage.signal));
  }
  return {
    group: 'healing',
    title: 'Healing a cluster of three',
    notes: ['A plain StatefulSet never heals a lost volume.'],
    figures: [
      timeAgainst('leader’s Pod deleted → back as a voter', replaced, ({ backMs }) => backMs, floorPlus(1.5)),
      figureOf({
        name: 'longest write gap meanwhile',
        unit: 'ms',
        product: mapSamples(quorate, ({ longestGapMs }) => longestGapMs),
        floor: mapSamples(plain, ({ longestGapMs }) => longestGapMs),
        target: medianAtMost(100, 'ms'),
      }),
      figureOf({
        name: 'volume lost: Pod gone → 3 voters',
        unit: 's',
        product: seconds(lost),
        target: allAtMost(10, 's'),
      }),
    ],
    problems: [
      ...problemsOf('leader’s Pod', quorate),
      ...problemsOf('the floor’s Pod', plain),
      ...problemsOf('lost volume', lost),
    ],
  };
}

/** `costs` are filled while the last crowd of ours is there. */
export async function runCrowd(parts: RunParts, costs: readonly OperatorCost[]): Promise<GroupRun> {
  const few = { ...parts, runs: Math.min(CROWD_RUNS_MAX, parts.runs) };
  const { product: quorate, floor: plain } = await inTurns(few, 'five clusters', AGAINST_PLAIN, (kind) =>
    measureCrowd(parts.stage, kind, CROWD),
  );
  const cost = (of: (cost: OperatorCost) => number): readonly Sample<number>[] =>
    costs.map((each) => ({ kind: 'measured', value: of(each) }));
  return {
    group: 'crowd',
    title: 'Five clusters of three at once',
    notes: ['The operator is left alone for a minute with five clusters that nobody touches.'],
    figures: [
      figureOf({
        name: 'until the last is up',
        unit: 's',
        product: seconds(quorate),
        floor: seconds(plain),
        target: medianAtMost(12, 's'),
      }),
      figureOf({
        name: 'operator, resident memory',
        unit: 'MB',
        product: cost(({ residentBytes }) => residentBytes / 1e6),
        target: allAtMost(100, 'MB'),
      }),
      figureOf({
        name: 'operator, API calls in a quiet minute',
        unit: 'calls',
        product: cost(({ apiCalls }) => apiCalls),
        target: allAtMost(0, 'calls'),
      }),
      figureOf({
        name: 'operator, renewals of its Lease in it',
        unit: 'calls',
        product: cost(({ leaseCalls }) => leaseCalls),
      }),
      figureOf({
        name: 'operator, share of a processor',
        unit: '%',
        product: cost(({ processorShare }) => processorShare * 100),
      }),
    ],
    problems: [...problemsOf('five clusters', quorate), ...problemsOf('five plain ones', plain)],
  };
}
