/** One supervisor for one state folder: the file `supervisor.json` names the process that runs it. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { errorCode, errorText } from '../runtime/error-text.ts';
import { LocalClusterError } from './local-cluster-error.ts';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts';

const lockSchema = v.object({ pid: v.number(), startTicks: v.number() });

/** The supervisor that runs now according to `lockFile`; undefined when none does. */
export function runningSupervisor(lockFile: string): ProcessIdentity | undefined {
  const text = readIfThere(lockFile);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), lockSchema), text);
  return parsed.success && isAlive(parsed.output) ? parsed.output : undefined;
}

/**
 * Makes this process the supervisor of `folder`; gives its identity. A lock whose process is gone, or that
 * cannot be read, is taken over.
 *
 * @throws LocalClusterError `CLUSTER_RUNNING`
 */
export function takeSupervisorLock(lockFile: string, folder: string): ProcessIdentity {
  const self = identityOf(process.pid);
  if (self === undefined) {
    throw new LocalClusterError(
      'STATE_UNREADABLE',
      '/proc does not show this process; a local cluster needs Linux with /proc mounted',
    );
  }
  const text = `${JSON.stringify(self)}\n`;
  if (createWhole(lockFile, text)) {
    return self;
  }
  const other = runningSupervisor(lockFile);
  if (other === undefined) {
    rmSync(lockFile, { force: true });
    if (createWhole(lockFile, text)) {
      return self;
    }
  }
  const who = (other ?? runningSupervisor(lockFile))?.pid ?? 'unknown';
  throw new LocalClusterError(
    'CLUSTER_RUNNING',
    `a cluster is already running in ${folder} (process ${who}); use \`quorate down\` first, or another state folder`,
  );
}

/** Gives the lock back. */
export function releaseSupervisorLock(lockFile: string): void {
  rmSync(lockFile, { force: true });
}

/** Makes the file with its whole text at once, unless it exists; whether it did. */
function createWhole(path: string, text: string): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    writeFileSync(aside, text, { mode: 0o600 });
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      return false;
    }
    throw new LocalClusterError('STATE_UNWRITABLE', `cannot write ${path} (${errorText(error)})`, error);
  } finally {
    rmSync(aside, { force: true });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
