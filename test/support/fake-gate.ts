import type { EtcdGate, GateState } from '../../src/etcd/etcd-gate.ts';

/** A gate without a pipe: a test says whether etcd asks, and reads what it was answered. */
export type FakeGate = EtcdGate & {
  readonly ask: (sinceMs?: number) => void;
  /** etcd dies while it waits. */
  readonly giveUp: () => void;
  readonly documents: string[];
};

/** A gate at which nobody asks yet. */
export function aFakeGate(): FakeGate {
  let state: GateState = { kind: 'idle' };
  const documents: string[] = [];
  return {
    documents,
    ask: (sinceMs = 1_000_000) => {
      state = { kind: 'asked', sinceMs };
    },
    giveUp: () => {
      state = { kind: 'idle' };
    },
    start: async () => undefined,
    state: () => state,
    expectSoon: () => undefined,
    answer: async (document) => {
      if (state.kind !== 'asked') {
        return { kind: 'gone' };
      }
      state = { kind: 'idle' };
      documents.push(document);
      return { kind: 'answered' };
    },
  };
}
