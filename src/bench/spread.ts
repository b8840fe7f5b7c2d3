/** Several measurements of one thing, told in short. */
export type Spread = {
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
};

/** The spread of `values`; null when there are none. The median of an even number is the mean of its two. */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  const min = sorted[0];
  const max = sorted.at(-1);
  return low === undefined || high === undefined || min === undefined || max === undefined
    ? null
    : { n: sorted.length, min, median: low === high ? low : (low + high) / 2, max };
}
