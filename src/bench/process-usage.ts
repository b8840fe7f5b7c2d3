/** What a process uses, read from /proc (proc(5)). */
import { readFileSync } from 'node:fs';

export type ProcessUsage = {
  /** User and system time since its start. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** Resident, with pages that several processes share counted in parts; null where the kernel hides it. */
  readonly proportionalBytes: number | null;
};

/**
 * What the process of `pid` uses now.
 *
 * @throws the system's error when it has ended
 */
export function usageOf(pid: number): ProcessUsage {
  return {
    cpuMs: cpuMsIn(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    residentBytes: kibibytesIn(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') * BYTES_PER_KIB,
    proportionalBytes: proportionalBytesOf(pid),
  };
}

/** USER_HZ, which Linux fixes at 100 for user space on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** Fields 14 and 15, counted from 1; the second is the command in brackets and may hold blanks itself. */
export function cpuMsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

const BYTES_PER_KIB = 1024;

/** The figure called `name` in a file of lines such as `VmRSS:   80000 kB`; NaN when there is none. */
export function kibibytesIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+([0-9]+) kB$`, 'm').exec(text)?.[1]);
}

function proportionalBytesOf(pid: number): number | null {
  try {
    return kibibytesIn(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') * BYTES_PER_KIB;
  } catch {
    return null;
  }
}
