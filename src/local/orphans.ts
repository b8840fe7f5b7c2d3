/**
 * Processes that a supervisor left behind because it was killed. Every child carries the mark of its
 * supervisor in its environment; one whose supervisor no longer runs is an orphan. No list is kept, so
 * there is no moment at which a child runs and is not yet written down.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessIdentity, processesWithVariable } from './process-identity.ts';

/** The environment variable that marks the children of a supervisor. */
export const SUPERVISOR_MARK = 'QUORATE_SUPERVISOR';

/** The mark of the children that `supervisor` starts for the cluster in `folder`. */
export function supervisorMarkOf(supervisor: ProcessIdentity, folder: string): string {
  return `${supervisor.pid}:${supervisor.startTicks}:${folder}`;
}

/**
 * The orphans of `folder`, or of any folder when it is null.
 *
 * Processes marked for `folder` whose supervisor still runs are none; neither is the caller.
 */
export function findOrphans(folder: string | null): readonly ProcessIdentity[] {
  return processesWithVariable(SUPERVISOR_MARK).flatMap(({ identity, value }) => {
    const match = /^([0-9]+):([0-9]+):(.*)$/s.exec(value);
    if (match === null || identity.pid === process.pid) {
      return [];
    }
    const supervisor = { pid: Number(match[1]), startTicks: Number(match[2]) };
    const isOurs = folder === null || match[3] === folder;
    return isOurs && !isAlive(supervisor) ? [identity] : [];
  });
}

/**
 * Kills the orphans of `folder` (of any folder when null) and waits until they are gone; gives how many
 * there were. SIGKILL, because nobody is left to read what they log, and etcd loses nothing by it.
 */
export async function endOrphans(folder: string | null, signal: AbortSignal): Promise<number> {
  const orphans = findOrphans(folder);
  for (const orphan of orphans) {
    killIfAlive(orphan);
  }
  for (const orphan of orphans) {
    // The kernel tells only parents that a process ended, and we are not theirs: so we look.
    while (isAlive(orphan)) {
      await delay(ORPHAN_LOOK_MS, undefined, { signal });
    }
  }
  return orphans.length;
}

/** A killed etcd needs a few milliseconds to give its memory and locks back. */
const ORPHAN_LOOK_MS = 10;

function killIfAlive(identity: ProcessIdentity): void {
  if (!isAlive(identity)) {
    return;
  }
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch {
    // ESRCH: it ended between the look and the signal.
  }
}
