/**
 * One side of a comparison through a series of steps: its cluster, made when it is first needed and again
 * after a failure, and how long that has been left alone.
 */
import { pause } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';
import type { BenchStep } from './bench-step.ts';
import { allLookedMs, type JoinTimeline } from './join-timeline.ts';
import { type Sample, sampleOnce } from './sample.ts';
import { leaderAmong, seatLeader } from './seat-leader.ts';
import type { StepTime, TestCluster } from './test-cluster.ts';
import type { WriteGap } from './traffic.ts';

/** What one step came to. */
export type StepResult = WriteGap & {
  readonly ms: number;
  /** From the moment all new agents had looked around; null where there are none. */
  readonly afterLookMs: number | null;
  readonly joins: readonly JoinTimeline[];
};

/**
 * etcd refuses membership changes until its connections are 5 s old (`HealthInterval`, 3.5 to 3.7); one
 * second on top, so that no step waits for that.
 */
export const SETTLE_MS = 6_000;

/** Many times what any step takes, 3.5's waits for its own rule included. */
const STEP_LIMIT_MS = 60_000;

/** A side that fails again and again is given up, so that the bench ends in time. */
const FAILURES_MAX = 3;

/** Makes a formed cluster of `size` members. */
export type OpenCluster = (size: number, signal: AbortSignal) => Promise<TestCluster>;

export class Lane {
  readonly #open: OpenCluster;
  readonly #settleMs: number;
  #cluster: TestCluster | undefined;
  #changedAtMs = 0;
  #failures = 0;
  #lastFailure = '';

  constructor(open: OpenCluster, settleMs: number) {
    this.#open = open;
    this.#settleMs = settleMs;
  }

  /** Brings the cluster to where `step` begins: made, of the right size, led by the right member. */
  async prepare(step: BenchStep, signal: AbortSignal): Promise<void> {
    if (this.#failures >= FAILURES_MAX) {
      return;
    }
    const prepared = await sampleOnce(
      async (limited) => {
        this.#cluster ??= await this.#fresh(step.from, limited);
        if (step.kind === 'scale' && step.leader !== null) {
          await seatLeader(this.#cluster, ordinalsOf(this.#cluster), step.leader, limited);
          this.#touch();
        }
      },
      STEP_LIMIT_MS,
      signal,
    );
    if (prepared.kind === 'failed') {
      await this.#fail(`before the step: ${prepared.why}`);
    }
  }

  /** Takes the step, once the cluster has been left alone for long enough. */
  async take(step: BenchStep, signal: AbortSignal): Promise<Sample<StepResult>> {
    const cluster = this.#cluster;
    if (cluster === undefined) {
      const givenUp = this.#failures >= FAILURES_MAX ? `given up after ${FAILURES_MAX} failures: ` : '';
      return { kind: 'failed', why: givenUp + this.#lastFailure };
    }
    await pause(Math.max(0, this.#changedAtMs + this.#settleMs - performance.now()), signal);
    signal.throwIfAborted();
    const sample = await sampleOnce((limited) => takeStep(cluster, step, limited), STEP_LIMIT_MS, signal);
    this.#touch();
    if (sample.kind === 'failed') {
      await this.#fail(sample.why);
    }
    return sample;
  }

  async close(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await cluster?.close();
  }

  async #fresh(size: number, signal: AbortSignal): Promise<TestCluster> {
    const cluster = await this.#open(size, signal);
    this.#touch();
    return cluster;
  }

  #touch(): void {
    this.#changedAtMs = performance.now();
  }

  /** A cluster that failed may be in any state: the next step begins with a new one. */
  async #fail(why: string): Promise<void> {
    this.#failures += 1;
    this.#lastFailure = why;
    try {
      await this.close();
    } catch (error) {
      this.#lastFailure += `; and closing it failed: ${errorText(error)}`;
    }
  }
}

async function takeStep(cluster: TestCluster, step: BenchStep, signal: AbortSignal): Promise<StepResult> {
  const { value, ...gap } = await cluster.traffic.during(async () => {
    const time = await act(cluster, step, signal);
    // What follows the step, such as a leaver's end, must not cost clients anything either.
    await cluster.untilQuiet(signal);
    return time;
  }, signal);
  const lookedMs = allLookedMs(value.joins);
  return { ...value, ...gap, afterLookMs: lookedMs === null ? null : value.ms - lookedMs };
}

async function act(cluster: TestCluster, step: BenchStep, signal: AbortSignal): Promise<StepTime> {
  switch (step.kind) {
    case 'scale':
      return cluster.scale(step.to, signal);
    case 'roll':
      return cluster.roll(signal);
    case 'lose-disk': {
      const ordinals = ordinalsOf(cluster);
      const leader = await leaderAmong(cluster, ordinals, signal);
      const followers = ordinals.filter((ordinal) => ordinal !== leader);
      return cluster.loseDisk(step.who === 'leader' ? leader : Math.max(...followers), signal);
    }
  }
}

function ordinalsOf(cluster: TestCluster): readonly number[] {
  return Array.from({ length: cluster.size() }, (_, ordinal) => ordinal);
}
