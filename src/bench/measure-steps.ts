/** Takes steps on the product and on bare etcd in turn, so that both meet the same machine. */

import { openBareTestCluster } from './bare-test-cluster.ts';
import type { BenchGround } from './bench-ground.ts';
import type { BenchStep } from './bench-step.ts';
import { Lane, SETTLE_MS, type StepResult } from './lane.ts';
import { openProductTestCluster } from './product-test-cluster.ts';
import type { Sample } from './sample.ts';

/** All runs of one step, on both sides. */
export type StepRuns = {
  readonly step: BenchStep;
  readonly product: readonly Sample<StepResult>[];
  readonly bare: readonly Sample<StepResult>[];
};

/** Both sides; see `Lane`. */
export type BothLanes = { readonly product: Lane; readonly bare: Lane };

/** The real ones; see `SETTLE_MS`. */
export function lanesOn(ground: BenchGround): BothLanes {
  return {
    product: new Lane((size, signal) => openProductTestCluster(ground, size, signal), SETTLE_MS),
    bare: new Lane((size, signal) => openBareTestCluster(ground, size, signal), SETTLE_MS),
  };
}

/**
 * Takes all of `steps`, `runs` times over, and closes the lanes. While one side is measured the other stands
 * settled.
 */
export async function measureSteps(
  { product, bare }: BothLanes,
  tell: (line: string) => void,
  steps: readonly BenchStep[],
  runs: number,
  signal: AbortSignal,
): Promise<readonly StepRuns[]> {
  const collected = steps.map((step) => ({
    step,
    product: [] as Sample<StepResult>[],
    bare: [] as Sample<StepResult>[],
  }));
  try {
    for (let run = 1; run <= runs; run++) {
      for (const each of collected) {
        await Promise.all([product.prepare(each.step, signal), bare.prepare(each.step, signal)]);
        each.product.push(await product.take(each.step, signal));
        each.bare.push(await bare.take(each.step, signal));
        tell(lineOf(each.step, run, runs, each.product.at(-1), each.bare.at(-1)));
      }
    }
  } finally {
    await Promise.all([product.close(), bare.close()]);
  }
  return collected;
}

function lineOf(
  step: BenchStep,
  run: number,
  runs: number,
  product: Sample<StepResult> | undefined,
  bare: Sample<StepResult> | undefined,
): string {
  return `${step.name} ${run}/${runs}: ${textOf(product)}, bare etcd ${textOf(bare)}`;
}

function textOf(sample: Sample<StepResult> | undefined): string {
  if (sample?.kind !== 'measured') {
    return `FAILED (${sample?.why ?? 'not taken'})`;
  }
  const { ms, gapMs } = sample.value;
  return `${(ms / 1000).toFixed(2)} s (gap ${Math.round(gapMs)} ms)`;
}
