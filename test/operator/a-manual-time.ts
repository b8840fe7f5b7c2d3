import { setImmediate as settled } from 'node:timers/promises';
import type { Clock } from '../../src/runtime/clock.ts';

/** A clock with pauses that end only when it is moved. */
export type ManualTime = Clock & {
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Moves on, stopping at every pause that ends on the way, and lets everybody act. */
  readonly advance: (ms: number) => Promise<void>;
};

type Pause = { readonly dueMs: number; readonly end: () => void };

/** A time that stands at `startMs`. */
export function aManualTime(startMs = 1_000_000): ManualTime {
  let nowMs = startMs;
  const pauses = new Set<Pause>();
  return {
    nowMs: () => nowMs,
    timestamp: () => new Date(nowMs).toISOString(),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const pause = { dueMs: nowMs + ms, end: () => over() };
        const over = (): void => {
          pauses.delete(pause);
          signal.removeEventListener('abort', over);
          resolve();
        };
        pauses.add(pause);
        signal.addEventListener('abort', over);
        if (signal.aborted) {
          over();
        }
      }),
    advance: async (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        await settled();
        const [next] = [...pauses].toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined || next.dueMs > endMs) {
          break;
        }
        nowMs = Math.max(nowMs, next.dueMs);
        next.end();
      }
      nowMs = endMs;
      await settled();
    },
  };
}
