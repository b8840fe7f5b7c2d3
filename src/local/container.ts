/**
 * One container of a Pod: a process that is started again whenever it ends, as the kubelet does under
 * restartPolicy Always.
 *
 *     created ──start──▶ running ──exit──▶ waiting ──back-off over──▶ running …
 *                           │                 │
 *                           └──stop or kill───┴──▶ ended, for good
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { ContainerLog } from './container-log.ts';
import { afterRestart, type BackOff, type BackOffRule, restartDelayMs } from './restart-back-off.ts';

export type ContainerCommand = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

/** How a process ended; both null when it could not be started at all. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ContainerView = {
  readonly state: 'created' | 'running' | 'waiting' | 'ended';
  /** Null unless running. */
  readonly pid: number | null;
  /** When the process was last started, in milliseconds since the epoch; null before the first time. */
  readonly startedAtMs: number | null;
  readonly restarts: number;
  readonly lastExit: Exit | null;
};

export type ContainerOptions = {
  readonly command: ContainerCommand;
  readonly backOff: BackOffRule;
  readonly log: ContainerLog;
  readonly onStdout?: (chunk: Buffer) => void;
  /** Called before each start, to make what the process must find. */
  readonly prepare: () => void;
  readonly onStarted: (pid: number, restarts: number) => void;
  readonly onExited: (pid: number | null, exit: Exit) => void;
  readonly onWaiting: (delayMs: number) => void;
};

export class Container {
  readonly #options: ContainerOptions;
  readonly #ended = Promise.withResolvers<void>();
  #state: ContainerView['state'] = 'created';
  #child: ChildProcess | undefined;
  #backOff: BackOff | undefined;
  #starts = 0;
  #startedAtMs: number | null = null;
  #lastExit: Exit | null = null;
  #mayRestart = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  view(): ContainerView {
    return {
      state: this.#state,
      pid: this.#state === 'running' ? (this.#child?.pid ?? null) : null,
      startedAtMs: this.#startedAtMs,
      restarts: Math.max(0, this.#starts - 1),
      lastExit: this.#lastExit,
    };
  }

  /** Starts the process for the first time; does nothing once the container has been told to end. */
  start(): void {
    if (this.#state === 'created' && this.#mayRestart) {
      this.#spawn();
    }
  }

  /** Sends `signal` to the process, as an outsider would; false when none runs. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#state === 'running' && this.#child?.kill(signal) === true;
  }

  /** From now on the process is not started again; one that runs runs on. */
  forbidRestart(): void {
    this.#mayRestart = false;
    clearTimeout(this.#timer);
    if (this.#state !== 'running') {
      this.#end();
    }
  }

  /** SIGTERM, SIGKILL after `graceMs`; resolves once the process is gone for good. */
  async stop(graceMs: number): Promise<void> {
    this.forbidRestart();
    this.signal('SIGTERM');
    const lingering = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.#ended.promise;
    clearTimeout(lingering);
  }

  /** SIGKILL at once; resolves once the process is gone for good. */
  kill(): Promise<void> {
    this.forbidRestart();
    this.signal('SIGKILL');
    return this.#ended.promise;
  }

  #spawn(): void {
    const { command, onStdout, log, prepare } = this.#options;
    if (this.#starts > 0) {
      this.#backOff = afterRestart(this.#backOff, performance.now(), this.#options.backOff);
    }
    this.#starts += 1;
    this.#startedAtMs = Date.now();
    this.#state = 'running';
    try {
      prepare();
    } catch (error) {
      log.write(`cannot prepare the start: ${String(error)}\n`);
    }
    // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then ends all in order.
    const child: ChildProcess = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    // No streams when this process has no file descriptor left (EMFILE); 'error' follows.
    child.stdout?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      onStdout?.(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => log.write(chunk));
    child.once('exit', (code, signal) => this.#onExit(child.pid, { code, signal }));
    child.on('error', (error) => {
      log.write(`cannot start ${command.file}: ${error.message}\n`);
      if (child.pid === undefined) {
        this.#onExit(undefined, { code: null, signal: null });
      }
    });
    if (child.pid !== undefined) {
      this.#options.onStarted(child.pid, this.#starts - 1);
    }
  }

  #onExit(pid: number | undefined, exit: Exit): void {
    this.#child = undefined;
    this.#lastExit = exit;
    sweepGroup(pid);
    this.#state = 'waiting';
    this.#options.onExited(pid ?? null, exit);
    if (!this.#mayRestart) {
      this.#end();
      return;
    }
    const delayMs = restartDelayMs(this.#backOff, performance.now(), this.#options.backOff);
    if (delayMs > 0) {
      this.#options.onWaiting(delayMs);
    }
    // Through a timer even when it is due at once: a program that cannot be started must not recurse.
    this.#timer = setTimeout(() => this.#spawn(), delayMs);
  }

  #end(): void {
    this.#state = 'ended';
    this.#ended.resolve();
  }
}

/** When the first process of a container ends, the kernel ends the others in it; so do we. */
function sweepGroup(pid: number | undefined): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it had started no other, as usual.
  }
}
