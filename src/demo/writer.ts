/**
 * A client that never stops writing: one put after another, each under a key of its own, through the
 * members that serve. A put without an answer is not repeated but counted as unknown, and the next one
 * goes to the next member at once.
 */
import { pause } from '../runtime/abort.ts';
import type { KeyValueApi } from './key-value-api.ts';
import { keyOf, textOf } from './write-keys.ts';
import type { WriteLedger } from './write-ledger.ts';

/** Some 200 puts a second: dense enough to see a gap of 10 ms, and most of the machine is left to etcd. */
const PUT_INTERVAL_MS = 5;

/** When every member in turn refused at once, the next round is not for nothing. */
const ROUND_PAUSE_MS = 20;

/** Nine members with two reasons each; what comes after that in one outage is no news. */
const TOLD_MAX = 18;

export type WriterDeps = {
  readonly api: KeyValueApi;
  readonly ledger: WriteLedger;
  readonly nowMs: () => number;
  /** The client URLs of the members that serve, in a steady order. */
  readonly endpoints: () => readonly string[];
  /** Told of a gap as soon as it is over. */
  readonly onGap: (gapMs: number) => void;
  /** Told why a member gave no answer: once for each member and reason until a put is acknowledged. */
  readonly onUnanswered: (endpoint: string, why: string) => void;
};

export class Writer {
  readonly #deps: WriterDeps;
  readonly #waiting = new Set<() => void>();
  #nextNumber = 1;
  #endpoint: string | undefined;
  #failedInARow = 0;
  readonly #told = new Set<string>();
  #resumed = Promise.withResolvers<void>();
  #isPaused = true;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Writes whenever it is not paused, which it is at first, until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#resumed.resolve(), { once: true });
    while (!signal.aborted) {
      if (this.#isPaused) {
        await this.#resumed.promise;
      } else {
        await this.#turn(signal);
      }
    }
  }

  /** Lets the put under way be the last one. */
  pause(): void {
    if (!this.#isPaused) {
      this.#isPaused = true;
      this.#resumed = Promise.withResolvers();
      this.#deps.ledger.notePaused();
    }
  }

  /** Resolves once no put is under way. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  /** Goes on; a gap counts from now if anything was ever acknowledged. */
  resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      const { ledger, nowMs } = this.#deps;
      if (ledger.acknowledged.total > 0) {
        ledger.noteResumed(nowMs());
      }
      this.#resumed.resolve();
    }
  }

  /** Resolves once a put that has yet to begin is acknowledged. */
  async acknowledgedAnew(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const from = this.#nextNumber;
    const look = (): void => {
      if (signal.aborted || this.#deps.ledger.acknowledged.largest >= from) {
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

  async #turn(signal: AbortSignal): Promise<void> {
    const { nowMs } = this.#deps;
    const startedMs = nowMs();
    const endpoint = this.#choose();
    if (endpoint === undefined) {
      await pause(ROUND_PAUSE_MS, signal);
      return;
    }
    const put = this.#put(endpoint, signal);
    this.#underWay = put;
    if (await put) {
      await pause(Math.max(0, startedMs + PUT_INTERVAL_MS - nowMs()), signal);
    } else if (this.#failedInARow % Math.max(1, this.#deps.endpoints().length) === 0) {
      await pause(Math.max(0, startedMs + ROUND_PAUSE_MS - nowMs()), signal);
    }
  }

  /** Stays with one member as long as it serves and answers. */
  #choose(): string | undefined {
    const endpoints = this.#deps.endpoints();
    if (this.#endpoint === undefined || !endpoints.includes(this.#endpoint)) {
      this.#endpoint = endpoints[0];
    }
    return this.#endpoint;
  }

  async #put(endpoint: string, signal: AbortSignal): Promise<boolean> {
    const { api, ledger, nowMs, onGap } = this.#deps;
    const number = this.#nextNumber++;
    const answer = await api.put(endpoint, keyOf(number), textOf(number), signal);
    if (answer.kind === 'unknown') {
      ledger.noteUnanswered();
      this.#failedInARow += 1;
      this.#tell(endpoint, answer.why);
      this.#failOver(endpoint);
      return false;
    }
    this.#failedInARow = 0;
    this.#told.clear();
    onGap(ledger.noteAcknowledged(number, answer.clusterId, nowMs()));
    if (this.#isPaused) {
      // It came while the pause began: what follows is no gap.
      ledger.notePaused();
    }
    for (const look of this.#waiting) {
      look();
    }
    return true;
  }

  #tell(endpoint: string, why: string): void {
    const what = `${endpoint} ${why}`;
    if (!this.#told.has(what) && this.#told.size < TOLD_MAX) {
      this.#told.add(what);
      this.#deps.onUnanswered(endpoint, why);
    }
  }

  #failOver(from: string): void {
    const endpoints = this.#deps.endpoints();
    this.#endpoint = endpoints[(endpoints.indexOf(from) + 1) % Math.max(1, endpoints.length)];
  }
}
