import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { GateState } from '../../src/etcd/etcd-gate.ts';
import { NamedPipeGate } from '../../src/etcd/named-pipe-gate.ts';

/** A gate in a directory of its own, with what a test wants to know about it. */
export type GateUnderTest = {
  readonly gate: NamedPipeGate;
  readonly path: string;
  readonly directory: string;
  readonly warnings: readonly string[];
  /** How often a start asked so far. */
  asks(): number;
  /** Resolves when a start has asked `count` times. */
  untilAsks(count: number): Promise<void>;
  /** Resolves as soon as the gate is in a state of `kind`. */
  until<K extends GateState['kind']>(kind: K): Promise<Extract<GateState, { kind: K }>>;
};

/** Makes a gate that ends with the test; `start` it yourself, with the test's signal. */
export async function aGate(context: TestContext, etcdMinor: number): Promise<GateUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'gate-'));
  // A mkfifo that was told to end may make its spare while the directory is emptied: then once more.
  context.after(() => rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }));
  const path = join(directory, 'etcd.yaml');
  const warnings: string[] = [];
  const news = new EventTarget();
  let asks = 0;
  const gate = new NamedPipeGate({
    path,
    etcdMinor,
    nowMs: () => performance.now(),
    onChange: () => {
      asks += gate.state().kind === 'asked' ? 1 : 0;
      news.dispatchEvent(new Event('change'));
    },
    onWarning: (message) => warnings.push(message),
  });
  const change = (): Promise<unknown> =>
    new Promise((next) => news.addEventListener('change', next, { once: true }));
  const untilAsks = async (count: number): Promise<void> => {
    while (asks < count) {
      await change();
    }
  };
  async function until<K extends GateState['kind']>(kind: K): Promise<Extract<GateState, { kind: K }>> {
    for (;;) {
      const state = gate.state();
      if (isOf(state, kind)) {
        return state;
      }
      await change();
    }
  }
  return { gate, path, directory, warnings, asks: () => asks, untilAsks, until };
}

function isOf<K extends GateState['kind']>(
  state: GateState,
  kind: K,
): state is Extract<GateState, { kind: K }> {
  return state.kind === kind;
}
