/** Where the cluster of a demo lives: a folder of its own under the system's temporary one. */
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathsOf } from '../local/cluster-layout.ts';
import { endOrphans } from '../local/orphans.ts';
import { runningSupervisor } from '../local/supervisor-lock.ts';

/** Of folders that are removed when their demo ends. */
const PREFIX = 'quorate-demo-';

/** Of folders that stay. */
const KEPT_PREFIX = 'quorate-kept-';

/**
 * A new, empty folder in `parent`.
 *
 * @throws the system's error
 */
export function makeDemoFolder(parent: string, keep: boolean): string {
  return mkdtempSync(join(parent, keep ? KEPT_PREFIX : PREFIX));
}

/**
 * Ends the processes and removes the folders of demos that were killed and could not do it themselves:
 * those whose lock is still there although nobody holds it.
 */
export async function sweepKilledDemos(parent: string, signal: AbortSignal): Promise<void> {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const folder = join(parent, name);
    const { lockFile } = pathsOf(folder);
    if (existsSync(lockFile) && runningSupervisor(lockFile) === undefined) {
      await endOrphans(folder, signal);
      await rm(folder, { recursive: true, force: true });
    }
  }
}
