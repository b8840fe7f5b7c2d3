import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** mkfifo(1) needs a few milliseconds; a machine that cannot run it in this time cannot run etcd either. */
const MKFIFO_TIMEOUT_MS = 10_000;

/**
 * Makes the named pipe that etcd takes for its configuration file, unless it is there. It must exist
 * before etcd's first start, or etcd exits at once. Node has no mkfifo(3) of its own.
 *
 * @throws when it cannot be made
 */
export function makeGate(path: string): void {
  if (!existsSync(path)) {
    execFileSync('mkfifo', ['-m', '600', path], { timeout: MKFIFO_TIMEOUT_MS, stdio: 'pipe' });
  }
}
