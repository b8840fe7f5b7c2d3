/** The few things done to a named pipe, one system call or process each. */
import { execFile } from 'node:child_process';
import { closeSync, constants, fstatSync, lstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { pause } from '../runtime/abort.ts';
import { errorCode } from '../runtime/error-text.ts';
import { GateUnusableError } from './etcd-gate.ts';

/** Who was found at the reading end. */
export type Opening =
  | { readonly kind: 'reader'; readonly fd: number }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'missing' }
  /** Something that is no pipe has the pipe's name. */
  | { readonly kind: 'occupied' };

/** mkfifo is one system call; a process that needs this long is stuck on its file system. */
const MKFIFO_TIMEOUT_MS = 2_000;

/** etcd may run as another user; the configuration holds paths of keys, never keys. */
const PIPE_MODE = '0644';

/** Files set aside under one name before this gives up: more is a fight with another program. */
const ASIDE_MAX = 10;

/** Pause before a full pipe is tried again: a reader that reads at all empties it in less. */
const DRAIN_RETRY_MS = 10;

/**
 * Opens the pipe for writing if somebody waits to read it, and at once writes `first`: a reader that
 * sees the end of the pipe before `first` reads an empty file. Throws for errors it has no word for.
 */
export function openForReader(path: string, first: Uint8Array): Opening {
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    return openingOf(error);
  }
  if (!fstatSync(fd).isFIFO()) {
    closeSync(fd);
    return { kind: 'occupied' };
  }
  if (writeSome(fd, first) !== first.length) {
    closeSync(fd);
    return { kind: 'nobody' };
  }
  return { kind: 'reader', fd };
}

/** Bytes of `data` the pipe took, 0 when it is full; `gone` when nobody can read them any more. */
export function writeSome(fd: number, data: Uint8Array): number | 'gone' {
  try {
    return writeSync(fd, data);
  } catch (error) {
    return errorCode(error) === 'EAGAIN' ? 0 : 'gone';
  }
}

/** Writes all of `data`; false when the reader goes or `signal` fires before that. */
export async function writeAll(fd: number, data: Uint8Array, signal: AbortSignal): Promise<boolean> {
  let rest = data;
  while (!signal.aborted) {
    const written = writeSome(fd, rest);
    if (written === 'gone') {
      return false;
    }
    rest = rest.subarray(written);
    if (rest.length === 0) {
      return true;
    }
    await pause(DRAIN_RETRY_MS, signal);
  }
  return false;
}

/** Makes a pipe under a name of our own, or takes the one a dead agent left there. */
export async function makePipe(path: string, signal: AbortSignal): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true) {
    return;
  }
  try {
    await promisify(execFile)('mkfifo', ['-m', PIPE_MODE, path], { signal, timeout: MKFIFO_TIMEOUT_MS });
  } catch (cause) {
    const remedy = 'provide the program mkfifo and a directory that the agent may write to';
    throw new GateUnusableError(`no named pipe can be made at ${path}`, remedy, cause);
  }
}

/** Moves whatever has the pipe's name to a free one beside it, and says which. */
export function moveAside(path: string): string {
  for (let number = 1; number <= ASIDE_MAX; number++) {
    const aside = `${path}.aside-${number}`;
    if (lstatSync(aside, { throwIfNoEntry: false }) === undefined) {
      renameSync(path, aside);
      return aside;
    }
  }
  throw new GateUnusableError(
    `${path} was replaced by something else ${ASIDE_MAX} times`,
    `find out which program writes there and delete ${path}.aside-*`,
  );
}

function openingOf(error: unknown): Opening {
  switch (errorCode(error)) {
    case 'ENXIO':
      return { kind: 'nobody' };
    case 'ENOENT':
      return { kind: 'missing' };
    // A symbolic link or a directory.
    case 'ELOOP':
    case 'EMLINK':
    case 'EISDIR':
      return { kind: 'occupied' };
    default:
      throw error;
  }
}
