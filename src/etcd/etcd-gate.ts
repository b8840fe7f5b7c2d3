/** What the gate sees of etcd. */
export type GateState =
  /** Nobody asks: etcd runs, or has not come up yet. */
  | { readonly kind: 'idle' }
  /** etcd waits for its configuration, so no etcd runs on this volume; since when, on the gate's clock. */
  | { readonly kind: 'asked'; readonly sinceMs: number }
  /** The gate cannot be kept; it is tried again about every second. */
  | { readonly kind: 'unusable'; readonly error: GateUnusableError };

/** `gone`: etcd stopped waiting before it had the whole document, so it has not started on it. */
export type GateAnswer = { readonly kind: 'answered' } | { readonly kind: 'gone' };

/**
 * The gate: every start of etcd asks for its configuration and waits until it is answered. An agent
 * that dies while etcd waits makes etcd exit, never start on built-in defaults.
 */
export type EtcdGate = {
  /**
   * Opens the gate for questions, until `signal` aborts. Resolves when etcd may be started.
   * Rejects with `GateUnusableError`.
   */
  start(signal: AbortSignal): Promise<void>;
  state(): GateState;
  /** Gives the waiting etcd its configuration: one JSON object, as `renderConfig` makes it. */
  answer(document: string): Promise<GateAnswer>;
  /** Whether etcd may ask any moment now, which makes the gate look more often. */
  expectSoon(soon: boolean): void;
};

/** The gate cannot be kept. The message says what was seen and what to do. */
export class GateUnusableError extends Error {
  readonly code = 'GATE_UNUSABLE';

  constructor(seen: string, remedy: string, cause?: unknown) {
    super(`${seen}; ${remedy}`, { cause });
    this.name = 'GateUnusableError';
  }
}
