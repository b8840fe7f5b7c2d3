import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { publishToCache } from './binary-cache.ts';
import { openDownloads } from './downloads.ts';
import { ETCD_PROGRAMS, type SourceAnswer } from './etcd-binaries.ts';
import type { InstallDeps } from './install-deps.ts';
import { runCommand } from './run-command.ts';
import { makeStagingFolder } from './staging-folder.ts';

/** Archives of 3.5 to 3.7 have 20 to 35 MB. */
const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024;

/** SHA256SUMS of a release has some twenty lines. */
const CHECKSUMS_BYTES_MAX = 64 * 1024;

/** Unpacking takes a second or two from a fast disk. */
const UNPACK_TIMEOUT_MS = 2 * 60_000;

/** Go's names of the architectures that etcd publishes archives for, by Node's. */
const RELEASE_ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['ppc64', 'ppc64le'],
  ['s390x', 's390x'],
]);

/**
 * Downloads the official archive of `version`, compares it with the published SHA256SUMS, and unpacks its
 * three programs into the cache.
 */
export async function downloadRelease(
  version: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<SourceAnswer> {
  const architecture = RELEASE_ARCHITECTURES.get(deps.arch);
  if (deps.platform !== 'linux' || architecture === undefined) {
    return { refused: `there is no release archive for ${deps.platform} on ${deps.arch}` };
  }
  const name = `etcd-v${version}-linux-${architecture}`;
  const step = (text: string): void => deps.report({ kind: 'step', version, source: 'release', text });
  await using staging = await makeStagingFolder(deps.cacheDirectory, version);
  const archive = join(staging.path, `${name}.tar.gz`);
  step(`downloading ${name}.tar.gz`);
  const complaint = await fetchVerified(version, archive, `${name}.tar.gz`, deps, signal);
  if (complaint !== undefined) {
    return { refused: complaint };
  }
  step(`unpacking ${name}.tar.gz`);
  const unpacked = join(staging.path, 'unpacked');
  const failure = await unpack(archive, unpacked, name, deps, signal);
  // Awaited here: the staging folder goes when this function returns.
  return failure === undefined
    ? await publishToCache(unpacked, version, 'release', deps, signal)
    : { refused: failure };
}

/** Fetches `name` to `file`; one clause when it did not arrive or is not what was published. */
async function fetchVerified(
  version: string,
  file: string,
  name: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  await using downloads = openDownloads(`${deps.releaseBaseUrl}/v${version}`, deps.environment, signal);
  try {
    const published = checksumOf(await downloads.read('SHA256SUMS', CHECKSUMS_BYTES_MAX), name);
    if (published === undefined) {
      return `SHA256SUMS of v${version} does not name ${name}`;
    }
    const actual = await downloads.save(name, file, ARCHIVE_BYTES_MAX);
    return actual === published
      ? undefined
      : `the SHA-256 of ${name} is ${actual}, but ${published} was published`;
  } catch (error) {
    signal.throwIfAborted();
    return `the download failed: ${describeFailure(error)}`;
  }
}

/** The checksum beside `name` in the output format of sha256sum (coreutils). */
function checksumOf(checksums: string, name: string): string | undefined {
  for (const line of checksums.split('\n')) {
    const match = /^(?<sum>[0-9a-f]{64}) [ *](?<file>\S+)$/.exec(line.trim());
    if (match?.groups?.['file'] === name) {
      return match.groups['sum'];
    }
  }
  return undefined;
}

/** undici says "fetch failed" and keeps what happened in its cause. */
function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

async function unpack(
  archive: string,
  directory: string,
  name: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  await mkdir(directory);
  const members = ETCD_PROGRAMS.map((program) => `${name}/${program}`);
  const result = await runCommand(
    {
      file: 'tar',
      // -o: the programs belong to who installs them, not to the owner recorded in the archive.
      args: ['-xzof', archive, '-C', directory, '--strip-components=1', ...members],
      environment: deps.environment,
      timeoutMs: UNPACK_TIMEOUT_MS,
    },
    signal,
  );
  if (result.kind === 'not-started') {
    return result.reason === 'ENOENT' ? 'there is no tar on the PATH' : `tar cannot be run: ${result.reason}`;
  }
  const isDone = result.kind === 'exited' && result.code === 0;
  return isDone ? undefined : `tar failed on the archive: ${result.output.trim().split('\n')[0]}`;
}
