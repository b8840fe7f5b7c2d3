/** One run of a measurement: what was measured, or why it failed. A failed run is reported, never dropped. */
import { within } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';

export type Sample<T> =
  | { readonly kind: 'measured'; readonly value: T }
  | { readonly kind: 'failed'; readonly why: string };

/** The same samples, of something else: what failed stays failed. */
export function mapSamples<T, U>(samples: readonly Sample<T>[], of: (value: T) => U): readonly Sample<U>[] {
  return samples.map((sample) =>
    sample.kind === 'measured' ? { kind: 'measured', value: of(sample.value) } : sample,
  );
}

/** What was measured, in the order of the runs. */
export function measuredIn<T>(samples: readonly Sample<T>[]): readonly T[] {
  return samples.flatMap((sample) => (sample.kind === 'measured' ? [sample.value] : []));
}

/** Why runs failed, in their order. */
export function failuresIn(samples: readonly Sample<unknown>[]): readonly string[] {
  return samples.flatMap((sample) => (sample.kind === 'failed' ? [sample.why] : []));
}

/**
 * Measures once, for at most `limitMs`; `measure` is to give up when its signal fires.
 *
 * @throws the reason of `signal` when that fires
 */
export async function sampleOnce<T>(
  measure: (signal: AbortSignal) => Promise<T>,
  limitMs: number,
  signal: AbortSignal,
): Promise<Sample<T>> {
  const limited = within(signal, limitMs);
  try {
    return { kind: 'measured', value: await measure(limited) };
  } catch (error) {
    signal.throwIfAborted();
    const late = limited.aborted ? `not done after ${limitMs / 1000} s: ` : '';
    return { kind: 'failed', why: `${late}${errorText(error)}` };
  }
}
