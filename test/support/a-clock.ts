import type { Clock } from '../../src/runtime/clock.ts';

/** A clock that moves only when it is told to. */
export type ManualClock = Clock & { readonly advance: (ms: number) => void };

/** A clock that stands at `startMs`. */
export function aManualClock(startMs = 1_000_000): ManualClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    timestamp: () => new Date(nowMs).toISOString(),
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
