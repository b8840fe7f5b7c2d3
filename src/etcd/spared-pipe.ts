/**
 * A named pipe that gives each reader a pipe of its own: as soon as one is there, a spare takes the name.
 * So a reader that is still busy is never mistaken for the next one, and the next one can never read on
 * where a dead one stopped.
 */
import { closeSync, renameSync } from 'node:fs';
import { makePipe, moveAside, openForReader } from './named-pipe.ts';

export class SparedPipe {
  readonly #path: string;
  readonly #sparePath: string;
  readonly #onWarning: (message: string) => void;
  #hasSpare = false;

  constructor(path: string, onWarning: (message: string) => void) {
    this.#path = path;
    this.#sparePath = `${path}.spare`;
    this.#onWarning = onWarning;
  }

  /** Without a spare nobody is accepted. */
  get hasSpare(): boolean {
    return this.#hasSpare;
  }

  /** Makes the spare. Rejects with `GateUnusableError`. */
  async makeSpare(signal: AbortSignal): Promise<void> {
    await makePipe(this.#sparePath, signal);
    this.#hasSpare = true;
  }

  /**
   * The writing end towards somebody who waits to read, after `first` was written into it; undefined when
   * nobody does. Puts the pipe back where it is missing. Throws what the file system throws.
   */
  accept(first: Uint8Array): number | undefined {
    if (!this.#hasSpare) {
      return undefined;
    }
    const opening = openForReader(this.#path, first);
    switch (opening.kind) {
      case 'nobody':
        return undefined;
      case 'reader':
        this.#takeOffName(opening.fd);
        return opening.fd;
      case 'occupied':
        this.#onWarning(`${this.#path} was no named pipe; it is kept as ${moveAside(this.#path)}`);
        this.#install();
        return undefined;
      case 'missing':
        this.#install();
        return undefined;
    }
  }

  /** Where the spare was deleted, this one start fails half-read, and the next look makes a new spare. */
  #takeOffName(fd: number): void {
    try {
      this.#install();
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #install(): void {
    this.#hasSpare = false;
    renameSync(this.#sparePath, this.#path);
  }
}
