/** quorate as a person runs it: in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The sources: no build is needed, and what runs of them counts as covered. */
export const SOURCES = join(import.meta.dirname, '../../src/main.ts');

/** The bundle that `make bundle` makes: starts faster, which matters where it starts agents. */
export const BUNDLE =
  process.env['QUORATE_AGENT_ENTRY'] ?? join(import.meta.dirname, '../../dist/bin/quorate.cjs');

export type Outcome = {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Started = { readonly child: ChildProcess; readonly outcome: Promise<Outcome> };

/** Starts `program` with `args`; variables in `env` are added to those of this process. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [code]]) => ({ code: typeof code === 'number' ? code : null, stdout, stderr }),
  );
  return { child, outcome };
}

/** Runs `program` to its end. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return startProgram(program, args, env).outcome;
}
