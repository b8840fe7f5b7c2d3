/** Measures group after group and puts the report together. */
import { availableParallelism, loadavg } from 'node:os';
import { errorText } from '../runtime/error-text.ts';
import type { BenchGround } from './bench-ground.ts';
import { BENCH_GROUPS, type BenchGroup } from './bench-group.ts';
import type { BenchReport, FigureGroup } from './bench-report.ts';
import { LOST_DISK_STEPS, ROLL_STEPS, SCALING_STEPS } from './bench-step.ts';
import {
  agentStartFigures,
  formingFigures,
  gapFigures,
  lostDiskFigures,
  rollFigures,
  scalingFigures,
  settledFigures,
} from './figures-of-runs.ts';
import type { JoinTimeline } from './join-timeline.ts';
import { SETTLE_MS } from './lane.ts';
import { measureAgentStart } from './measure-agent-start.ts';
import { measureForming } from './measure-forming.ts';
import { measureSettled } from './measure-settled.ts';
import { lanesOn, measureSteps, type StepRuns } from './measure-steps.ts';
import { failuresIn, measuredIn, type Sample } from './sample.ts';

/** What one group adds to the report. */
type Finding = {
  readonly title: string;
  readonly notes: readonly string[];
  readonly figures: FigureGroup['figures'];
  readonly problems: readonly string[];
  readonly joinTimelines?: readonly (readonly JoinTimeline[])[];
};

const FLOOR_NOTE = 'The floor is bare etcd on loopback, driven by hand in the fastest order that is correct.';
const GAP_NOTE =
  'A write gap is the longest pause between acknowledged writes of one client with one put in flight, every 5 ms, and a time-out of 300 ms. The client lives in the measuring process, which starts all others: where that stood still, so did the client.';
const SETTLED_NOTE = `Before each step its cluster was left alone for ${SETTLE_MS / 1000} s, not counted: etcd refuses membership changes until its connections are 5 s old.`;

/**
 * Measures `groups`, with `runs` runs of each; never rejects for what failed to run, which is in the report.
 *
 * @throws the reason of `signal` when that fires
 */
export async function runBench(
  ground: BenchGround,
  groups: readonly BenchGroup[],
  runs: number,
  signal: AbortSignal,
): Promise<BenchReport> {
  const startedAt = new Date().toISOString();
  const startedMs = performance.now();
  const loadBefore = load();
  const found: FigureGroup[] = [];
  const problems: string[] = [];
  const joinTimelines: (readonly JoinTimeline[])[] = [];
  await warmUp(ground, signal);
  for (const group of BENCH_GROUPS.filter((each) => groups.includes(each))) {
    try {
      const finding = await measure(group, ground, runs, signal);
      found.push({ group, title: finding.title, notes: finding.notes, figures: finding.figures });
      problems.push(...finding.problems.map((problem) => `${group}: ${problem}`));
      joinTimelines.push(...(finding.joinTimelines ?? []));
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${group} could not be measured: ${errorText(error)}`);
    }
  }
  return {
    etcdVersion: ground.etcdVersion,
    nodeVersion: process.versions.node,
    startedAt,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    runs,
    settleSeconds: SETTLE_MS / 1000,
    machine: { processors: availableParallelism(), loadBefore, loadAfter: load() },
    groups: found,
    joinTimelines,
    problems,
  };
}

/** Fills the caches of the machine and of Node with both sides' programs; what it takes is not counted. */
async function warmUp(ground: BenchGround, signal: AbortSignal): Promise<void> {
  ground.tell('warming up: one run of each side, not counted');
  await measureForming({ ...ground, tell: () => undefined }, 1, signal);
}

function measure(
  group: BenchGroup,
  ground: BenchGround,
  runs: number,
  signal: AbortSignal,
): Promise<Finding> {
  switch (group) {
    case 'form':
      return forming(ground, runs, signal);
    case 'scale':
      return scaling(ground, runs, signal);
    case 'roll':
      return rolling(ground, runs, signal);
    case 'lost-disk':
      return losing(ground, runs, signal);
    case 'agent-start':
      return starting(ground, runs, signal);
    case 'settled':
      return settling(ground, signal);
  }
}

async function forming(ground: BenchGround, runs: number, signal: AbortSignal): Promise<Finding> {
  const measured = await measureForming(ground, runs, signal);
  return {
    title: 'A new cluster of three: from the first process to three voters and an acknowledged write',
    notes: [FLOOR_NOTE],
    figures: formingFigures(measured),
    problems: [
      ...problemsIn('form 3', measured.product),
      ...problemsIn('form 3, bare etcd, static', measured.bareStatic),
      ...problemsIn('form 3, bare etcd, seeded', measured.bareSeeded),
    ],
  };
}

async function scaling(ground: BenchGround, runs: number, signal: AbortSignal): Promise<Finding> {
  const measured = await measureSteps(lanesOn(ground), ground.tell, SCALING_STEPS, runs, signal);
  const out = measured.find(({ step }) => step.name === '1→3');
  return {
    title: 'Growing and shrinking: from the edit of the size until the member list is as wanted',
    notes: [
      FLOOR_NOTE,
      SETTLED_NOTE,
      'The leader is among those that leave.',
      GAP_NOTE,
      ...(ground.maxLearners > 1
        ? []
        : ['This etcd allows one learner at a time, so growing waits for its own rules; no target applies.']),
    ],
    figures: [...scalingFigures(measured, ground.maxLearners > 1), ...gapFigures(measured)],
    problems: stepProblems(measured),
    joinTimelines: measuredIn(out?.product ?? []).map(({ joins }) => joins),
  };
}

async function rolling(ground: BenchGround, runs: number, signal: AbortSignal): Promise<Finding> {
  const measured = await measureSteps(lanesOn(ground), ground.tell, ROLL_STEPS, runs, signal);
  return {
    title: 'A rolling restart: every Pod is replaced, the leader last',
    notes: ['On the floor side etcd alone is restarted, by SIGTERM, with its data.', GAP_NOTE],
    figures: rollFigures(measured),
    problems: stepProblems(measured),
  };
}

async function losing(ground: BenchGround, runs: number, signal: AbortSignal): Promise<Finding> {
  const measured = await measureSteps(lanesOn(ground), ground.tell, LOST_DISK_STEPS, runs, signal);
  return {
    title: 'A lost disk: from the kill until the replacement is a voter',
    notes: [FLOOR_NOTE, SETTLED_NOTE, 'Losing the leader includes an election, 1 to 2 s by etcd alone.'],
    figures: lostDiskFigures(measured),
    problems: stepProblems(measured),
  };
}

async function starting(ground: BenchGround, runs: number, signal: AbortSignal): Promise<Finding> {
  const samples = await measureAgentStart(ground, runs, signal);
  return {
    title: 'The start of an agent, beside a settled etcd, on a machine that does nothing else',
    notes: ['The agent is killed and started again at once.'],
    figures: agentStartFigures(samples),
    problems: problemsIn('agent start', samples),
  };
}

async function settling(ground: BenchGround, signal: AbortSignal): Promise<Finding> {
  const sample = await measureSettled(ground, signal);
  return {
    title: 'The agents of a settled cluster of three, without clients',
    notes: ['MB are 10⁶ bytes; the processor is a percentage of one core over 60 s.'],
    figures: settledFigures(sample),
    problems: problemsIn('settled', [sample]),
  };
}

function stepProblems(measured: readonly StepRuns[]): readonly string[] {
  return measured.flatMap(({ step, product, bare }) => [
    ...problemsIn(step.name, product),
    ...problemsIn(`${step.name}, bare etcd`, bare),
  ]);
}

function problemsIn(name: string, samples: readonly Sample<unknown>[]): readonly string[] {
  return failuresIn(samples).map((why) => `${name} failed: ${why}`);
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
