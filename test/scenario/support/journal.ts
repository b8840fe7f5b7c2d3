import type { AgentLine } from '../../../src/local/agent-line.ts';
import type { ClusterEvent } from '../../../src/local/cluster-event.ts';
import type { AgentStatus } from '../../../src/model/agent-status.ts';

export type SaidLine = { readonly ordinal: number; readonly atMs: number; readonly line: AgentLine };

/** Longest wait for anything; it only turns a hang into a failure, so it is generous. */
export const PATIENCE_MS = 60_000;

/** Everything that happened to one cluster so far, and a way to wait for what has not happened yet. */
export class Journal {
  readonly events: ClusterEvent[] = [];
  readonly lines: SaidLine[] = [];
  /** The latest status of each agent that answers. */
  readonly statuses = new Map<number, AgentStatus>();
  /** Every cluster ID that any etcd ever reported, as long as this scenario runs. */
  readonly clusterIds = new Set<string>();
  readonly #waiting = new Set<() => void>();
  readonly #lineListeners = new Set<(said: SaidLine) => void>();
  readonly #describe: () => string;

  /** `describe` says how things stand, for the message of a wait that failed. */
  constructor(describe: () => string) {
    this.#describe = describe;
  }

  noteEvent(event: ClusterEvent): void {
    this.events.push(event);
    this.#look();
  }

  noteLine(ordinal: number, line: AgentLine): void {
    const said = { ordinal, atMs: Date.now(), line };
    this.lines.push(said);
    for (const listener of this.#lineListeners) {
      listener(said);
    }
    this.#look();
  }

  noteStatus(ordinal: number, status: AgentStatus | undefined): void {
    if (status === undefined) {
      // Only news wakes: those who wait for a silent agent would else wake one another for ever.
      if (this.statuses.delete(ordinal)) {
        this.#look();
      }
      return;
    }
    this.statuses.set(ordinal, status);
    if (status.etcd.clusterId !== null) {
      this.clusterIds.add(status.etcd.clusterId);
    }
    this.#look();
  }

  /** How things stand, for people. */
  describe(): string {
    return this.#describe();
  }

  /** Calls `listener` with each line from now on, before anybody who waits; returns how to stop that. */
  onLine(listener: (said: SaidLine) => void): () => void {
    this.#lineListeners.add(listener);
    return () => this.#lineListeners.delete(listener);
  }

  /** Resolves once `condition` holds; looked at whenever something happens. */
  async until(what: string, condition: () => boolean, patienceMs: number = PATIENCE_MS): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const tooLong = setTimeout(
      () => reject(new Error(`not within ${patienceMs / 1000} s: ${what}\n${this.#describe()}`)),
      patienceMs,
    );
    const check = (): void => {
      if (condition()) {
        resolve();
      }
    };
    this.#waiting.add(check);
    check();
    await promise.finally(() => {
      clearTimeout(tooLong);
      this.#waiting.delete(check);
    });
  }

  /** Resolves at the next thing that happens, or after `ms` at the latest. */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
    this.#waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  /** Lines of `ordinal` (of any when undefined) from number `from` on that `matches` likes. */
  said(
    ordinal: number | undefined,
    matches: Readonly<Record<string, unknown>>,
    from = 0,
  ): readonly SaidLine[] {
    return this.lines
      .slice(from)
      .filter((each) => (ordinal === undefined || each.ordinal === ordinal) && isLike(each.line, matches));
  }

  /** Resolves once `ordinal` has said such a line, not counting those before line number `from`. */
  async untilSaid(
    ordinal: number | undefined,
    matches: Readonly<Record<string, unknown>>,
    from = this.lines.length,
  ): Promise<SaidLine> {
    const who = ordinal === undefined ? 'any agent' : `agent ${ordinal}`;
    await this.until(
      `${who} says ${JSON.stringify(matches)}`,
      () => this.said(ordinal, matches, from).length > 0,
    );
    const [first] = this.said(ordinal, matches, from);
    if (first === undefined) {
      throw new Error('unreachable');
    }
    return first;
  }

  #look(): void {
    for (const check of this.#waiting) {
      check();
    }
  }
}

function isLike(line: AgentLine, matches: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(matches).every(([key, value]) => line[key] === value);
}
