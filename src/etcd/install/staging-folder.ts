import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A folder of one installer's own beside the cached versions, removed with everything in it. */
export type StagingFolder = AsyncDisposable & { readonly path: string };

/** Such as `.staging-3.6.16@laptop@4711@x7Qp2a`; no version begins with a dot. */
const STAGING_NAME = /^\.staging-[^@]*@(?<host>[^@]*)@(?<pid>[0-9]+)@/;

/** Far above the time any installation may take, for leftovers of other machines and of reused pids. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** Makes a staging folder in `cacheDirectory`, after clearing away those of installers that died. */
export async function makeStagingFolder(cacheDirectory: string, version: string): Promise<StagingFolder> {
  await mkdir(cacheDirectory, { recursive: true });
  await removeLeftovers(cacheDirectory);
  const prefix = `.staging-${version}@${hostname()}@${process.pid}@`;
  const path = await mkdtemp(join(cacheDirectory, prefix));
  return { path, [Symbol.asyncDispose]: () => removeTree(path) };
}

async function removeLeftovers(cacheDirectory: string): Promise<void> {
  for (const name of await readdir(cacheDirectory)) {
    const path = join(cacheDirectory, name);
    const owner = STAGING_NAME.exec(name)?.groups;
    if (owner === undefined) {
      continue;
    }
    const isDead = owner['host'] === hostname() && !isRunning(Number(owner['pid']));
    if (isDead || (await isOld(path))) {
      await removeTree(path);
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** False for one that vanished: another installer was faster. */
async function isOld(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => Date.now() - entry.mtimeMs > LEFTOVER_AGE_MS,
    () => false,
  );
}

async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
