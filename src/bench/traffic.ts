/** The writer of the demo, as one client of a cluster under measurement: it writes only during a step. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { KeyValueApi } from '../demo/key-value-api.ts';
import { WriteLedger } from '../demo/write-ledger.ts';
import { Writer } from '../demo/writer.ts';

export type Traffic = {
  readonly writer: Writer;
  /**
   * Writes without a pause from before `action` until after it; gives what `action` gave and what the writes
   * met with.
   *
   * @throws what `action` throws; the reason of `signal` when that fires
   */
  readonly during: <T>(
    action: () => Promise<T>,
    signal: AbortSignal,
  ) => Promise<{ readonly value: T } & WriteGap>;
  readonly stop: () => Promise<void>;
};

export type WriteGap = {
  /** The longest pause between two acknowledged writes. */
  readonly gapMs: number;
  /**
   * The longest time for which this process, which is client, kubelet and DNS server in one, did not get to
   * work. A gap can be due to it; on Kubernetes none would be.
   */
  readonly standstillMs: number;
};

/** How often it is looked whether this process gets to work; what is longer is a standstill. */
const LOOK_MS = 2;

const NS_PER_MS = 1_000_000;

/** A client of the members whose client URLs `endpoints` gives at each moment. */
export function startTraffic(keys: KeyValueApi, endpoints: () => readonly string[]): Traffic {
  const stopping = new AbortController();
  const nowMs = (): number => performance.now();
  const ledger = new WriteLedger(nowMs());
  const writer = new Writer({
    api: keys,
    ledger,
    nowMs,
    endpoints,
    onGap: () => undefined,
    onUnanswered: () => undefined,
  });
  const running = writer.run(stopping.signal);
  return {
    writer,
    during: async (action, signal) => {
      const delays = monitorEventLoopDelay({ resolution: LOOK_MS });
      writer.resume();
      try {
        await writer.acknowledgedAnew(signal);
        ledger.beginStep();
        delays.enable();
        const value = await action();
        await writer.acknowledgedAnew(signal);
        const standstillMs = Math.max(0, delays.max / NS_PER_MS - LOOK_MS);
        return { value, gapMs: ledger.totals(nowMs()).longestGapInStepMs, standstillMs };
      } finally {
        delays.disable();
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
