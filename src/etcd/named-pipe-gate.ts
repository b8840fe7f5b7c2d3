/**
 * The gate as a named pipe. etcd runs with `--config-file=PIPE` and blocks on opening it:
 *
 *     idle ──a reader opens the pipe──▶ asked ──answer──▶ idle
 *                                         │
 *                                         └──the reader dies──▶ idle, or asked by the next start
 *
 * An agent that dies closes the pipe, and etcd takes an empty file for "all defaults". So the first byte
 * of the document, `{`, is written in the tick the pipe is opened: from then on an early end is half a
 * JSON object, on which etcd 3.5, 3.6 and 3.7 exit before they touch a disk or a port.
 */
import { closeSync } from 'node:fs';
import { within } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';
import { type EtcdGate, type GateAnswer, type GateState, GateUnusableError } from './etcd-gate.ts';
import { writeAll, writeSome } from './named-pipe.ts';
import { SparedPipe } from './spared-pipe.ts';

/** What the gate needs from outside. */
export type NamedPipeGateDeps = {
  /** etcd's `--config-file`. Beside it the gate keeps `PATH.spare`. */
  readonly path: string;
  /** Minor of the etcd that reads it: 3.5 reads the file twice in one start. */
  readonly etcdMinor: number;
  /** Milliseconds on a monotonic clock. */
  nowMs(): number;
  /** Called after each change of `state()`. */
  onChange(): void;
  /** One sentence for the log. */
  onWarning(message: string): void;
};

/** While a start is expected: a tenth of the 0.1 s that etcd at best needs until it serves. */
const POLL_SOON_MS = 10;

/** While etcd runs: short beside the second a container's restart takes, at 0.2 % of a core (measured). */
const POLL_IDLE_MS = 250;

/** A gate that cannot be kept needs a human, so there is no hurry. */
const POLL_UNUSABLE_MS = 1_000;

/** How long a reader that died may go unnoticed; a next start is noticed at once. */
const HEARTBEAT_MS = 1_000;

/** etcd 3.5 opens the file again within milliseconds; a starved one may need a second. */
const SECOND_READ_WINDOW_MS = 1_000;

/** A waiting etcd reads at once; one that does not is stopped, and has to start over. */
const DRAIN_LIMIT_MS = 2_000;

/** Documents are 1 to 2 KB; this fits the pipe's usual buffer of 64 KiB. */
const DOCUMENT_BYTES_MAX = 32_768;

const OPENING = Buffer.from('{');
const HEARTBEAT = Buffer.from(' ');

/** Ends the YAML document. */
const ENDING = '\n...\n';

type Reader = { readonly fd: number; readonly sinceMs: number; readonly beatMs: number };

export class NamedPipeGate implements EtcdGate {
  readonly #deps: NamedPipeGateDeps;
  readonly #pipe: SparedPipe;
  #signal: AbortSignal = AbortSignal.abort();
  #timer: NodeJS.Timeout | undefined;
  #ticking = false;
  #soon = true;
  #reader: Reader | undefined;
  #trouble: GateUnusableError | undefined;
  #secondRead: { readonly document: string; readonly untilMs: number } | undefined;

  constructor(deps: NamedPipeGateDeps) {
    this.#deps = deps;
    this.#pipe = new SparedPipe(deps.path, deps.onWarning);
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#stop(), { once: true });
    await this.#tick();
    signal.throwIfAborted();
    if (this.#trouble !== undefined) {
      this.#stop();
      throw this.#trouble;
    }
  }

  state(): GateState {
    if (this.#reader !== undefined) {
      return { kind: 'asked', sinceMs: this.#reader.sinceMs };
    }
    return this.#trouble === undefined ? { kind: 'idle' } : { kind: 'unusable', error: this.#trouble };
  }

  async answer(document: string): Promise<GateAnswer> {
    if (!document.startsWith('{') || Buffer.byteLength(document) > DOCUMENT_BYTES_MAX) {
      throw new TypeError(`the configuration is no JSON object of at most ${DOCUMENT_BYTES_MAX} bytes`);
    }
    const reader = this.#reader;
    if (reader === undefined) {
      return { kind: 'gone' };
    }
    this.#reader = undefined;
    this.#deps.onChange();
    if (!(await this.#writeRest(reader.fd, document))) {
      return { kind: 'gone' };
    }
    if (this.#deps.etcdMinor === 5) {
      this.#secondRead = { document, untilMs: this.#deps.nowMs() + SECOND_READ_WINDOW_MS };
      this.#schedule();
    }
    return { kind: 'answered' };
  }

  expectSoon(soon: boolean): void {
    this.#soon = soon;
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#ticking && !this.#signal.aborted) {
      this.#timer = setTimeout(() => void this.#tick(), this.#paceMs());
    }
  }

  #paceMs(): number {
    if (this.#trouble !== undefined) {
      return POLL_UNUSABLE_MS;
    }
    const expected = this.#reader === undefined && (this.#soon || this.#awaitsSecondRead());
    return expected ? POLL_SOON_MS : POLL_IDLE_MS;
  }

  async #tick(): Promise<void> {
    this.#ticking = true;
    try {
      this.#keepAlive();
      if (!this.#pipe.hasSpare) {
        await this.#pipe.makeSpare(this.#signal);
      }
      this.#look();
      if (!this.#pipe.hasSpare) {
        await this.#pipe.makeSpare(this.#signal);
      }
      this.#settle(undefined);
    } catch (error) {
      this.#settle(asUnusable(this.#deps.path, error));
    }
    this.#ticking = false;
    this.#schedule();
  }

  #look(): void {
    const fd = this.#signal.aborted ? undefined : this.#pipe.accept(OPENING);
    if (fd === undefined) {
      return;
    }
    this.#drop();
    const second = this.#awaitsSecondRead() ? this.#secondRead : undefined;
    this.#secondRead = undefined;
    if (second !== undefined) {
      void this.#writeRest(fd, second.document);
      return;
    }
    const nowMs = this.#deps.nowMs();
    this.#reader = { fd, sinceMs: nowMs, beatMs: nowMs };
    this.#deps.onChange();
  }

  /** Notices a reader that died: the pipe then refuses the space, which etcd would skip. */
  #keepAlive(): void {
    const reader = this.#reader;
    const nowMs = this.#deps.nowMs();
    if (reader === undefined || nowMs - reader.beatMs < HEARTBEAT_MS) {
      return;
    }
    this.#reader = { ...reader, beatMs: nowMs };
    if (writeSome(reader.fd, HEARTBEAT) === 'gone') {
      this.#drop();
      this.#deps.onChange();
    }
  }

  /** Whether the reader got all of it. If not, it is left with half an object and exits. */
  async #writeRest(fd: number, document: string): Promise<boolean> {
    const rest = Buffer.from(document.slice(OPENING.length) + ENDING);
    try {
      return await writeAll(fd, rest, within(this.#signal, DRAIN_LIMIT_MS));
    } finally {
      closeSync(fd);
    }
  }

  #awaitsSecondRead(): boolean {
    return this.#secondRead !== undefined && this.#deps.nowMs() <= this.#secondRead.untilMs;
  }

  #drop(): void {
    if (this.#reader !== undefined) {
      closeSync(this.#reader.fd);
      this.#reader = undefined;
    }
  }

  #stop(): void {
    this.#signal = AbortSignal.abort();
    clearTimeout(this.#timer);
    this.#drop();
  }

  #settle(trouble: GateUnusableError | undefined): void {
    const before = this.#trouble;
    this.#trouble = this.#signal.aborted ? undefined : trouble;
    if (before?.message !== this.#trouble?.message) {
      this.#deps.onChange();
    }
  }
}

function asUnusable(path: string, error: unknown): GateUnusableError {
  if (error instanceof GateUnusableError) {
    return error;
  }
  return new GateUnusableError(
    `the named pipe ${path} cannot be used: ${errorText(error)}`,
    'let the agent write to its directory, on a file system that has named pipes',
    error,
  );
}
