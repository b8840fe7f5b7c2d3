/** Ends a step that takes too long; what is known to take longer, such as a back-off, is allowed on top. */
export class StepDeadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #startedMs = performance.now();
  #limitMs: number;
  #timer: NodeJS.Timeout;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#timer = this.#arm();
  }

  /** Fires when the limit is reached. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get limitMs(): number {
    return this.#limitMs;
  }

  extend(ms: number): void {
    clearTimeout(this.#timer);
    this.#limitMs += ms;
    this.#timer = this.#arm();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #arm(): NodeJS.Timeout {
    const leftMs = this.#startedMs + this.#limitMs - performance.now();
    return setTimeout(() => this.#controller.abort(), Math.max(0, leftMs));
  }
}
