import { spawnSync } from 'node:child_process';

export type CommandOutcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CommandOptions = { readonly input?: string; readonly timeoutMs?: number };

/** Nothing of a set-up takes longer, but for what says so itself. */
const COMMAND_MS_MAX = 120_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Runs a program to its end; what it could not even start with is its `stderr`. */
export function runCommand(words: readonly string[], options: CommandOptions = {}): CommandOutcome {
  const [program = '', ...args] = words;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: options.timeoutMs ?? COMMAND_MS_MAX,
    maxBuffer: OUTPUT_BYTES_MAX,
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  return {
    code: status ?? 1,
    stdout: stdout ?? '',
    stderr: error === undefined ? (stderr ?? '') : `${stderr ?? ''}${error.message}\n`,
  };
}

/** The same for one that has to succeed. @throws Error that names the command and what it said */
export function mustRun(words: readonly string[], options: CommandOptions = {}): string {
  const { code, stdout, stderr } = runCommand(words, options);
  if (code !== 0) {
    const said = `${stdout.slice(-SAID_CHARS_MAX)}${stderr.slice(-SAID_CHARS_MAX)}`.trim();
    throw new Error(`${words.join(' ')} ended with ${code}: ${said}`);
  }
  return stdout;
}

/** The end of what a failed command said is what matters. */
const SAID_CHARS_MAX = 2_000;
