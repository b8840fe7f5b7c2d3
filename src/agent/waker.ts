import { pause } from '../runtime/abort.ts';

/** Lets events end the loop's pause early. They never act themselves: the loop keeps its own order. */
export class Waker {
  #waiting: AbortController | undefined;
  #rung = false;

  /** Ends the current pause, or the next one if the loop is at work. */
  wake(): void {
    this.#rung = true;
    this.#waiting?.abort();
  }

  /** Pauses for `ms`, until somebody wakes, or until `signal` fires. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung) {
      this.#waiting = new AbortController();
      await pause(ms, AbortSignal.any([signal, this.#waiting.signal]));
      this.#waiting = undefined;
    }
    this.#rung = false;
  }
}
