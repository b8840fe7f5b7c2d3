/**
 * Which process a pid means. A pid is given again to another process in time, so it is believed only
 * together with the moment its process started (field 22 of /proc/PID/stat, proc(5)).
 */
import { readdirSync, readFileSync } from 'node:fs';

export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process. */
  readonly startTicks: number;
};

/** The live process of `pid`; undefined when there is none, or only a zombie waiting to be reaped. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readProc(pid, 'stat');
  // The second field is the command in brackets and may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE_FIELD - FIELDS_BEFORE] ?? '';
  const startTicks = Number(fields[START_TIME_FIELD - FIELDS_BEFORE]);
  const isGone = stat === '' || state === 'Z' || state === 'X' || !Number.isSafeInteger(startTicks);
  return isGone ? undefined : { pid, startTicks };
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startTicks === identity.startTicks;
}

/**
 * All live processes that were started with `name` in their environment, with its value. Those of other
 * users cannot be read and are left out.
 */
export function processesWithVariable(
  name: string,
): readonly { readonly identity: ProcessIdentity; readonly value: string }[] {
  const prefix = `${name}=`;
  return allPids().flatMap((pid) => {
    const entry = readProc(pid, 'environ')
      .split('\0')
      .find((each) => each.startsWith(prefix));
    const identity = entry === undefined ? undefined : identityOf(pid);
    return entry === undefined || identity === undefined
      ? []
      : [{ identity, value: entry.slice(prefix.length) }];
  });
}

const STATE_FIELD = 3;
const START_TIME_FIELD = 22;
/** The fields are counted from 1, and the first two are cut off. */
const FIELDS_BEFORE = 3;

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

function readProc(pid: number, file: 'stat' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Ended meanwhile, or another user's.
    return '';
  }
}
