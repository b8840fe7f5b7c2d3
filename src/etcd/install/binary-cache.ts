import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ETCD_PROGRAMS, type EtcdSource, type SourceAnswer } from './etcd-binaries.ts';
import type { InstallDeps } from './install-deps.ts';
import { verifyBinaries } from './verify-binaries.ts';

/** Where the programs of `version` are kept. */
export function cachedDirectoryOf(version: string, deps: InstallDeps): string {
  return join(deps.cacheDirectory, version);
}

/** The cached binaries of `version`, each of which was run. */
export async function binariesFromCache(
  version: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<SourceAnswer> {
  const directory = cachedDirectoryOf(version, deps);
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  );
  return isThere
    ? verifyBinaries(directory, version, 'cache', deps, signal)
    : { refused: `there is no ${directory}` };
}

/**
 * Puts the programs made in `stagedDirectory` (on the same file system) into the cache once each was run.
 * Every program is synced to disk and moved by one rename over whatever was there, so at any moment each
 * cached file is absent or whole, and two installers of one version only replace equal by equal.
 */
export async function publishToCache(
  stagedDirectory: string,
  version: string,
  source: EtcdSource,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<SourceAnswer> {
  const staged = await verifyBinaries(stagedDirectory, version, source, deps, signal);
  if ('refused' in staged) {
    return staged;
  }
  const directory = cachedDirectoryOf(version, deps);
  await mkdir(directory, { recursive: true });
  for (const program of ETCD_PROGRAMS) {
    signal.throwIfAborted();
    await syncToDisk(staged[program]);
    await rename(staged[program], join(directory, program));
  }
  await syncToDisk(directory);
  return verifyBinaries(directory, version, source, deps, signal);
}

async function syncToDisk(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}
