/** Notes what agents do, and when, on this process's monotonic clock. */
import { membershipCallIn } from '../demo/membership-call-count.ts';
import type { AgentLine } from '../local/agent-line.ts';
import type { ClusterEvent } from '../local/cluster-event.ts';

export type TraceEntry = { readonly atMs: number; readonly ordinal: number } & (
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'started' }
  | { readonly kind: 'decision'; readonly decision: string }
  | { readonly kind: 'call'; readonly call: string; readonly outcome: string }
);

/** A step makes some tens; the bound only guards against an agent that never settles. */
const ENTRIES_MAX = 20_000;

export class ClusterTrace {
  #entries: TraceEntry[] = [];
  #calls = 0;
  readonly #waiting = new Set<() => void>();

  /** Those since the last `begin`. */
  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }

  /** How many membership calls have been answered in all. */
  get calls(): number {
    return this.#calls;
  }

  /** Forgets what was noted; gives the time on the trace's clock. */
  begin(): number {
    this.#entries = [];
    return performance.now();
  }

  noteEvent(event: ClusterEvent): void {
    if (event.kind === 'container-started' && event.container === 'agent') {
      this.#note({ ...at(event.ordinal), kind: 'process', pid: event.pid });
    }
  }

  noteLine(ordinal: number, line: AgentLine): void {
    const call = membershipCallIn(line);
    const decision = line['decision'];
    if (call !== undefined) {
      this.#calls += 1;
      this.#note({ ...at(ordinal), kind: 'call', call: call.call, outcome: call.outcome });
    } else if (line['msg'] === 'agent started') {
      this.#note({ ...at(ordinal), kind: 'started' });
    } else if (typeof decision === 'string' && typeof line['stage'] === 'string') {
      this.#note({ ...at(ordinal), kind: 'decision', decision });
    }
  }

  /**
   * Resolves once `condition` holds; looks whenever something is noted.
   *
   * @throws the reason of `signal` when that fires before
   */
  async until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (signal.aborted || condition()) {
        resolve();
      }
    };
    this.#waiting.add(look);
    signal.addEventListener('abort', look, { once: true });
    look();
    await promise;
    signal.removeEventListener('abort', look);
    this.#waiting.delete(look);
    signal.throwIfAborted();
  }

  #note(entry: TraceEntry): void {
    if (this.#entries.length < ENTRIES_MAX) {
      this.#entries.push(entry);
    }
    for (const look of this.#waiting) {
      look();
    }
  }
}

function at(ordinal: number): { readonly atMs: number; readonly ordinal: number } {
  return { atMs: performance.now(), ordinal };
}
