/** Whole numbers that look random and are the same for the same seed. */
export type Random = {
  /** At least 0 and below `end`. */
  readonly below: (end: number) => number;
};

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty to choose members with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below: (end) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
    },
  };
}
