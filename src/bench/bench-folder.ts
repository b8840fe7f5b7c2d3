/** Where the clusters of a bench live: a folder of its own under the system's temporary one. */
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endOrphans, supervisorMarkOf } from '../local/orphans.ts';
import { runningSupervisor, takeSupervisorLock } from '../local/supervisor-lock.ts';
import { PRODUCT_PREFIX } from './product-cluster.ts';

const PREFIX = 'quorate-bench-';
const LOCK = 'bench.json';

export type BenchFolder = {
  readonly path: string;
  /** To be put into the environment of every process that no local cluster marks itself. */
  readonly supervisorMark: string;
  readonly remove: () => Promise<void>;
};

/**
 * A new folder in `parent`, locked by this process.
 *
 * @throws LocalClusterError those of `takeSupervisorLock`; the system's error
 */
export function makeBenchFolder(parent: string): BenchFolder {
  const path = mkdtempSync(join(parent, PREFIX));
  const supervisor = takeSupervisorLock(join(path, LOCK), path);
  return {
    path,
    supervisorMark: supervisorMarkOf(supervisor, path),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** Ends the processes and removes the folders of benches that were killed and could not do it themselves. */
export async function sweepKilledBenches(parent: string, signal: AbortSignal): Promise<void> {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const path = join(parent, name);
    const lock = join(path, LOCK);
    if (existsSync(lock) && runningSupervisor(lock) === undefined) {
      const products = readdirSync(path).filter((each) => each.startsWith(PRODUCT_PREFIX));
      for (const folder of [path, ...products.map((each) => join(path, each))]) {
        await endOrphans(folder, signal);
      }
      await rm(path, { recursive: true, force: true });
    }
  }
}
