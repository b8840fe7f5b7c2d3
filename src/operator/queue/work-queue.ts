import type { Clock } from '../../runtime/clock.ts';
import { type BackOffRule, backOffDelayMs } from './back-off.ts';

/** What a worker says when it is through with a key. */
export type WorkResult =
  /** Nothing more to do until somebody adds the key again. */
  | { readonly kind: 'done' }
  /** To be looked at again then, if not added sooner. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** It went wrong in a known way: again, a little later each time in a row. */
  | { readonly kind: 'failed'; readonly why: string };

/** What happens in the queue, for metrics and logs. */
export type QueueNews =
  | { readonly kind: 'started'; readonly key: string; readonly waitedMs: number }
  /** `retryInMs` after a failure; `error` is what was thrown or said. */
  | {
      readonly kind: 'finished';
      readonly key: string;
      readonly result: 'done' | 'again' | 'failed' | 'thrown';
      readonly durationMs: number;
      readonly error?: unknown;
      readonly retryInMs?: number;
    }
  /** It takes longer than it should; it was told to stop, and its worker goes on with other keys. */
  | { readonly kind: 'overdue'; readonly key: string }
  /** There is no room for another key. */
  | { readonly kind: 'dropped'; readonly key: string };

export type WorkQueueOptions = {
  /** Never called for a key that is still being worked on. `signal`: the queue closes, or it took too long. */
  readonly work: (key: string, signal: AbortSignal) => Promise<WorkResult>;
  /** Keys worked on at once. */
  readonly workers: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onNews?: (news: QueueNews) => void;
  readonly backOff?: BackOffRule;
  /** After this time the work is told to stop, and no longer counts as one of the workers. */
  readonly workMsMax?: number;
  /** Keys waiting, for their turn or for their time. */
  readonly keysMax?: number;
};

export type WorkQueue = {
  /** To be worked on as soon as a worker is free; a key that waits already waits once. False: no room. */
  add(key: string): boolean;
  /** The same in a while. The earliest time asked for counts; work that begins before has satisfied it. */
  addAfter(key: string, afterMs: number): boolean;
  /** Keys that wait for a worker. */
  depth(): number;
  /** Works until `signal` fires and what is under way has ended. */
  run(signal: AbortSignal): Promise<void>;
};

/** The first retry comes at once to the eye; a cluster in trouble costs a pass every half minute. */
const BACK_OFF: BackOffRule = { baseMs: 200, capMs: 30_000 };
/** A pass makes a few calls of up to 15 s each and normally takes a fraction of a second. */
const WORK_MS_MAX = 120_000;
/** Many times the clusters that one operator serves; a bound against a bug, not a limit to reach. */
const KEYS_MAX = 20_000;
/** setTimeout fires at once when given more (2^31 ms). */
const DELAY_MS_MAX = 86_400_000;

/** Keys to be worked on, each by one worker at a time. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedQueue(options);
}

class KeyedQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #onNews: (news: QueueNews) => void;
  /** Keys that wait for a worker, in the order of arrival, and since when. */
  readonly #ready = new Map<string, number>();
  readonly #delayed = new Map<string, Delay>();
  readonly #active = new Map<string, Pass>();
  readonly #drained = Promise.withResolvers<void>();
  /** Failures in a row. */
  readonly #failures = new Map<string, number>();
  readonly #closing = new AbortController();
  #isRunning = false;
  #busyWorkers = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#onNews = options.onNews ?? (() => {});
  }

  add(key: string): boolean {
    if (this.#closing.signal.aborted) {
      return false;
    }
    this.#cancelDelay(key);
    const pass = this.#active.get(key);
    if (pass !== undefined) {
      pass.isDirty = true;
      return true;
    }
    if (!this.#ready.has(key)) {
      if (!this.#hasRoom(key)) {
        return false;
      }
      this.#ready.set(key, this.#options.clock.nowMs());
      this.#dispatch();
    }
    return true;
  }

  addAfter(key: string, afterMs: number): boolean {
    if (afterMs <= 0 || this.#closing.signal.aborted) {
      return this.add(key);
    }
    const dueMs = this.#options.clock.nowMs() + afterMs;
    const delay = this.#delayed.get(key);
    const isSooner = this.#ready.has(key) || this.#active.get(key)?.isDirty === true;
    if (isSooner || (delay !== undefined && delay.dueMs <= dueMs)) {
      return true;
    }
    this.#cancelDelay(key);
    if (!this.#hasRoom(key)) {
      return false;
    }
    const timer = setTimeout(() => this.add(key), Math.min(afterMs, DELAY_MS_MAX));
    this.#delayed.set(key, { dueMs, timer });
    return true;
  }

  depth(): number {
    return this.#ready.size;
  }

  async run(signal: AbortSignal): Promise<void> {
    const close = (): void => this.#close();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) {
      this.#close();
    } else {
      this.#isRunning = true;
      this.#dispatch();
    }
    await this.#drained.promise;
  }

  #close(): void {
    this.#isRunning = false;
    for (const key of [...this.#delayed.keys()]) {
      this.#cancelDelay(key);
    }
    this.#ready.clear();
    this.#closing.abort();
    this.#noteDrained();
  }

  #hasRoom(key: string): boolean {
    const hasRoom = this.#ready.size + this.#delayed.size < (this.#options.keysMax ?? KEYS_MAX);
    if (!hasRoom) {
      this.#onNews({ kind: 'dropped', key });
    }
    return hasRoom;
  }

  #cancelDelay(key: string): void {
    clearTimeout(this.#delayed.get(key)?.timer);
    this.#delayed.delete(key);
  }

  #dispatch(): void {
    for (const [key, sinceMs] of this.#ready) {
      if (!this.#isRunning || this.#busyWorkers >= this.#options.workers) {
        return;
      }
      this.#ready.delete(key);
      void this.#pass(key, sinceMs);
    }
  }

  async #pass(key: string, sinceMs: number): Promise<void> {
    const { clock, workMsMax = WORK_MS_MAX } = this.#options;
    const pass: Pass = { isDirty: false, isOverdue: false };
    const startedMs = clock.nowMs();
    const overdue = new AbortController();
    this.#active.set(key, pass);
    this.#busyWorkers += 1;
    this.#onNews({ kind: 'started', key, waitedMs: startedMs - sinceMs });
    const timer = setTimeout(() => {
      pass.isOverdue = true;
      this.#busyWorkers -= 1;
      this.#onNews({ kind: 'overdue', key });
      overdue.abort();
      this.#dispatch();
    }, workMsMax).unref();
    const result = await this.#work(key, AbortSignal.any([this.#closing.signal, overdue.signal]));
    clearTimeout(timer);
    this.#busyWorkers -= pass.isOverdue ? 0 : 1;
    this.#active.delete(key);
    this.#noteDrained();
    const durationMs = clock.nowMs() - startedMs;
    this.#onNews({ kind: 'finished', key, durationMs, ...this.#takeResult(key, result) });
    if (pass.isDirty) {
      this.add(key);
    }
    this.#dispatch();
  }

  #noteDrained(): void {
    if (this.#closing.signal.aborted && this.#active.size === 0) {
      this.#drained.resolve();
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<WorkResult | Thrown> {
    try {
      return await this.#options.work(key, signal);
    } catch (error) {
      return { kind: 'thrown', error };
    }
  }

  #takeResult(key: string, result: WorkResult | Thrown): FinishedNews {
    if (result.kind === 'done' || result.kind === 'again') {
      this.#failures.delete(key);
      if (result.kind === 'again') {
        this.addAfter(key, result.afterMs);
      }
      return { result: result.kind };
    }
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const retryInMs = backOffDelayMs(this.#options.backOff ?? BACK_OFF, failures, this.#options.random);
    this.addAfter(key, retryInMs);
    return { result: result.kind, error: result.kind === 'thrown' ? result.error : result.why, retryInMs };
  }
}

type Delay = { readonly dueMs: number; readonly timer: NodeJS.Timeout };
/** One run of the work for one key. */
type Pass = { isDirty: boolean; isOverdue: boolean };
type Thrown = { readonly kind: 'thrown'; readonly error: unknown };
type FinishedNews = Pick<Extract<QueueNews, { kind: 'finished' }>, 'result' | 'error' | 'retryInMs'>;
