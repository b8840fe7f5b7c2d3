import { spawn } from 'node:child_process';

/** What to run: `file` is looked up on the PATH of `environment`. */
export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** After this time the command and its children are killed. */
  readonly timeoutMs: number;
};

/** How a command ended; `output` is the last of what it wrote to stdout and stderr. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number | null; readonly output: string }
  | { readonly kind: 'timed-out'; readonly output: string }
  /** `reason` is the system's word, such as ENOENT: no such program. */
  | { readonly kind: 'not-started'; readonly reason: string };

/** Enough for the error messages at the end of a failed build. */
const OUTPUT_CHARS_MAX = 64 * 1024;

/**
 * Runs a command to its end, in a process group of its own, so that the compilers that `go build` starts
 * end with it when time is up or `signal` aborts.
 *
 * @throws the signal's reason when it aborts, once the command is gone
 */
export async function runCommand(command: Command, signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(command.timeoutMs);
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-OUTPUT_CHARS_MAX);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const kill = (): void => killGroup(child.pid);
  const stop = AbortSignal.any([signal, timeout]);
  stop.addEventListener('abort', kill, { once: true });
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  child.once('error', (error) => resolve({ kind: 'not-started', reason: systemCodeOf(error) }));
  child.once('close', (code) => resolve({ kind: 'exited', code, output }));
  const result = await promise;
  stop.removeEventListener('abort', kill);
  signal.throwIfAborted();
  return timeout.aborted ? { kind: 'timed-out', output } : result;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself just now (ESRCH); its 'close' event is on the way.
  }
}

function systemCodeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
