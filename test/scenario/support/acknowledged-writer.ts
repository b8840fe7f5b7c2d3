import { pause } from '../../../src/runtime/abort.ts';
import type { Scenario } from './a-cluster.ts';
import { PATIENCE_MS } from './journal.ts';

/** A write that is not acknowledged within this is tried anew, under another key, with another member. */
const WRITE_DEADLINE_MS = 1_000;
/** Between two writes: two hundred a second are plenty, and leave the machine to the cluster. */
const PACE_MS = 5;
const PACE_AFTER_FAILURE_MS = 25;

/** A client that writes all the time and remembers what was acknowledged. */
export type Writer = {
  /** Key and value of each acknowledged write. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Longest time between two acknowledgements so far, in ms. */
  readonly longestGapMs: () => number;
  /** Resolves once `count` more writes were acknowledged. */
  readonly untilMore: (count: number) => Promise<void>;
  /** Resolves once the last write was answered; safe to call twice. */
  readonly stop: () => Promise<void>;
};

/** Starts writing; it ends with the test. No key is written twice, so no answer is ambiguous. */
export function aWriter(scenario: Scenario, prefix = 'w'): Writer {
  const acknowledged = new Map<string, string>();
  const stopping = new AbortController();
  const waiting = new Set<() => void>();
  let lastMs = performance.now();
  let gapMs = 0;
  const run = async (): Promise<void> => {
    let turn = 0;
    for (let number = 0; !stopping.signal.aborted; number++) {
      const key = `${prefix}/${String(number).padStart(8, '0')}`;
      const value = `value of ${key}`;
      if (await write(scenario, turn, key, value)) {
        acknowledged.set(key, value);
        gapMs = Math.max(gapMs, performance.now() - lastMs);
        lastMs = performance.now();
        for (const check of waiting) {
          check();
        }
        await pause(PACE_MS, stopping.signal);
      } else {
        turn += 1;
        await pause(PACE_AFTER_FAILURE_MS, stopping.signal);
      }
    }
  };
  const ended = run();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
  };
  scenario.t.after(stop);
  return {
    acknowledged,
    longestGapMs: () => gapMs,
    untilMore: (count) => untilSize(scenario, acknowledged, acknowledged.size + count, waiting),
    stop,
  };
}

async function write(scenario: Scenario, turn: number, key: string, value: string): Promise<boolean> {
  const ordinals = scenario.pods();
  const ordinal = ordinals[turn % Math.max(1, ordinals.length)];
  if (ordinal === undefined) {
    return false;
  }
  try {
    const { kv } = scenario.clients.of(scenario.clientUrl(ordinal));
    const request = { key: Buffer.from(key), value: Buffer.from(value) };
    await kv.put(request, { deadline: Date.now() + WRITE_DEADLINE_MS });
    return true;
  } catch {
    return false;
  }
}

async function untilSize(
  scenario: Scenario,
  acknowledged: ReadonlyMap<string, string>,
  size: number,
  waiting: Set<() => void>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const patience = setTimeout(() => {
    const what = `only ${acknowledged.size} of ${size} writes were acknowledged within ${PATIENCE_MS / 1000} s`;
    reject(new Error(`${what}\n${scenario.journal.describe()}`));
  }, PATIENCE_MS);
  const check = (): void => {
    if (acknowledged.size >= size) {
      resolve();
    }
  };
  waiting.add(check);
  check();
  await promise.finally(() => {
    clearTimeout(patience);
    waiting.delete(check);
  });
}
