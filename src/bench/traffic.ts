/** The writer of the demo, as one client of a cluster under measurement: it writes only during a step. */
import type { KeyValueApi } from '../demo/key-value-api.ts';
import { WriteLedger } from '../demo/write-ledger.ts';
import { Writer } from '../demo/writer.ts';

export type Traffic = {
  readonly writer: Writer;
  /**
   * Writes without a pause from before `action` until after it; gives what `action` gave and the longest
   * pause between two acknowledged writes, in milliseconds.
   *
   * @throws what `action` throws; the reason of `signal` when that fires
   */
  readonly during: <T>(
    action: () => Promise<T>,
    signal: AbortSignal,
  ) => Promise<{ readonly value: T; readonly gapMs: number }>;
  readonly stop: () => Promise<void>;
};

/** A client of the members whose client URLs `endpoints` gives at each moment. */
export function startTraffic(keys: KeyValueApi, endpoints: () => readonly string[]): Traffic {
  const stopping = new AbortController();
  const nowMs = (): number => performance.now();
  const ledger = new WriteLedger(nowMs());
  const writer = new Writer({ api: keys, ledger, nowMs, endpoints, onGap: () => undefined });
  const running = writer.run(stopping.signal);
  return {
    writer,
    during: async (action, signal) => {
      writer.resume();
      try {
        await writer.acknowledgedAnew(signal);
        ledger.beginStep();
        const value = await action();
        await writer.acknowledgedAnew(signal);
        return { value, gapMs: ledger.totals(nowMs()).longestGapInStepMs };
      } finally {
        writer.pause();
        await writer.idle();
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
