import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { SourceAnswer } from './etcd-binaries.ts';
import type { InstallDeps } from './install-deps.ts';
import { verifyBinaries } from './verify-binaries.ts';

/**
 * The binaries that `$ETCD_BIN` names: a folder, or the etcd program itself, beside which the other two
 * are expected. Undefined when the variable is not set.
 */
export async function binariesFromEnvironment(
  version: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<SourceAnswer | undefined> {
  const named = deps.environment['ETCD_BIN'];
  if (named === undefined || named === '') {
    return undefined;
  }
  const path = resolve(named);
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => undefined,
  );
  if (isFolder === undefined) {
    return { refused: `ETCD_BIN=${named} does not exist` };
  }
  return verifyBinaries(isFolder ? path : dirname(path), version, 'ETCD_BIN', deps, signal);
}
