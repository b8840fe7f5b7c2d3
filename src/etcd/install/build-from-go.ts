import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishToCache } from './binary-cache.ts';
import type { SourceAnswer } from './etcd-binaries.ts';
import type { InstallDeps } from './install-deps.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { makeStagingFolder } from './staging-folder.ts';

/**
 * Two cores need about 100 s with the modules at hand; one slow core that also downloads some 500 MB of
 * them may need ten times that.
 */
const BUILD_TIMEOUT_MS = 20 * 60_000;

/** Asks nobody; only a cold disk makes it slow. */
const GO_VERSION_TIMEOUT_MS = 30_000;

/** How much of go's last words is shown. */
const COMPLAINT_CHARS_MAX = 300;

const MODULES = ['server', 'etcdctl', 'etcdutl'] as const;

/**
 * Builds `version` from its Go modules into the cache. A module of our own requires the three etcd modules
 * and so gets each at exactly that version; `go install PACKAGE@VERSION` refuses them because of the
 * replace directives in their go.mod files.
 */
export async function buildFromGo(
  version: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<SourceAnswer> {
  const environment = { ...deps.environment, CGO_ENABLED: '0', GO111MODULE: 'on', GOWORK: 'off' };
  const go = { file: 'go', environment };
  const absent = complaintOf(
    await runCommand({ ...go, args: ['version'], timeoutMs: GO_VERSION_TIMEOUT_MS }, signal),
  );
  if (absent !== undefined) {
    return { refused: absent };
  }
  deps.report({ kind: 'step', version, source: 'go-build', text: 'building it from its Go modules' });
  await using staging = await makeStagingFolder(deps.cacheDirectory, version);
  const built = join(staging.path, 'built');
  await mkdir(built);
  await writeFile(join(staging.path, 'go.mod'), moduleFileOf(version));
  // -mod=mod lets go complete the go.mod file and write its go.sum.
  const args = ['build', '-mod=mod', '-trimpath', '-o', `${built}/`, ...MODULES.map(modulePathOf)];
  const failed = complaintOf(
    await runCommand({ ...go, args, cwd: staging.path, timeoutMs: BUILD_TIMEOUT_MS }, signal),
  );
  if (failed !== undefined) {
    return { refused: failed };
  }
  // go names a program after its module, and etcd's own module is called "server".
  await rename(join(built, 'server'), join(built, 'etcd'));
  // Awaited here: the staging folder goes when this function returns.
  return await publishToCache(built, version, 'go-build', deps, signal);
}

function modulePathOf(module: (typeof MODULES)[number]): string {
  return `go.etcd.io/etcd/${module}/v3`;
}

function moduleFileOf(version: string): string {
  const requirements = MODULES.map((module) => `\t${modulePathOf(module)} v${version}\n`).join('');
  return `module quorate.invalid/etcd-build\n\ngo 1.23\n\nrequire (\n${requirements})\n`;
}

function complaintOf(result: CommandResult): string | undefined {
  switch (result.kind) {
    case 'not-started':
      return result.reason === 'ENOENT' ? 'there is no go on the PATH' : `go cannot be run: ${result.reason}`;
    case 'timed-out':
      return 'go did not end in time and was stopped';
    case 'exited':
      return result.code === 0 ? undefined : `go failed: ${lastWordsOf(result.output)}`;
  }
}

function lastWordsOf(output: string): string {
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^go: (downloading|added|upgraded) /.test(line));
  return (lines.at(-1) ?? 'it gave no reason').trim().slice(-COMPLAINT_CHARS_MAX);
}
