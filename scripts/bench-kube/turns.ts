/** How groups are run: in turns with their floor, in seconds, against targets. */
import { type Figure, figureOf } from '../../src/bench/figure.ts';
import { mapSamples, type Sample, sampleOnce } from '../../src/bench/sample.ts';
import type { Target } from '../../src/bench/target.ts';
import type { Stage } from './stage.ts';
import type { SubjectKind } from './subject.ts';

export type RunParts = {
  readonly stage: Stage;
  readonly runs: number;
  readonly onProgress: (text: string) => void;
};

/** One run of anything; a cluster that is not there after this time never will be. */
export const RUN_MS_MAX = 300_000;

export type Turns<T> = { readonly product: readonly Sample<T>[]; readonly floor: readonly Sample<T>[] };

/** In alternation, so that whatever changes on the machine changes for both. */
export async function inTurns<T>(
  { stage, runs, onProgress }: RunParts,
  what: string,
  kinds: { readonly product: SubjectKind; readonly floor: SubjectKind },
  measure: (kind: SubjectKind) => Promise<T>,
): Promise<Turns<T>> {
  const samples: Record<keyof Turns<T>, Sample<T>[]> = { product: [], floor: [] };
  for (let run = 1; run <= runs; run++) {
    for (const of of run % 2 === 1 ? (['floor', 'product'] as const) : (['product', 'floor'] as const)) {
      onProgress(`${what}: ${kinds[of]}, ${run} of ${runs}`);
      samples[of].push(await sampleOnce(() => measure(kinds[of]), RUN_MS_MAX, stage.signal));
    }
  }
  return samples;
}

/** Against the plain StatefulSet. */
export const AGAINST_PLAIN = { product: 'quorate', floor: 'plain' } as const;

export function seconds(samples: readonly Sample<number>[]): readonly Sample<number>[] {
  return mapSamples(samples, (ms) => ms / 1_000);
}

/** One time of each run, in seconds, against the floor's. */
export function timeAgainst<T>(
  name: string,
  { product, floor }: Turns<T>,
  msOf: (run: T) => number,
  target: Target,
): Figure {
  return figureOf({
    name,
    unit: 's',
    product: seconds(mapSamples(product, msOf)),
    floor: seconds(mapSamples(floor, msOf)),
    target,
  });
}

export function problemsOf(what: string, samples: readonly Sample<unknown>[]): readonly string[] {
  return samples.flatMap((sample) => (sample.kind === 'failed' ? [`${what}: ${sample.why}`] : []));
}

/** The median is at most `times` the floor's. */
export function timesFloor(times: number): Target {
  return {
    text: `≤ ${times}× floor`,
    holds: ({ median }, floor) => floor !== null && median <= times * floor.median,
  };
}

/** The median is at most `extra` more than the floor's. */
export function floorPlus(extra: number): Target {
  return {
    text: `≤ floor + ${extra} s`,
    holds: ({ median }, floor) => floor !== null && median <= floor.median + extra,
  };
}
