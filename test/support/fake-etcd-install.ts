import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { InstallDeps, InstallEvent } from '../../src/etcd/install/install-deps.ts';

const run = promisify(execFile);

/** What the fake programs and tar itself need of the system; above all not its go. */
const TOOLS = ['sh', 'tar', 'gzip', 'sed', 'cat', 'chmod', 'sleep', 'mkfifo'];

/** One test's own surroundings: nothing of the machine's caches, etcd or go is seen. */
export type InstallFixture = {
  readonly directory: string;
  /** A folder on the PATH, for a fake go. */
  readonly bin: string;
  readonly environment: Record<string, string>;
  readonly events: InstallEvent[];
  readonly deps: InstallDeps;
};

/** Surroundings without ETCD_BIN, cache, go or network, removed after the test. */
export async function anInstallFixture(t: TestContext): Promise<InstallFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'quorate-install-'));
  t.after(() => rm(directory, { recursive: true }));
  const bin = join(directory, 'bin');
  await mkdir(bin);
  for (const tool of TOOLS) {
    await symlink((await run('which', [tool])).stdout.trim(), join(bin, tool));
  }
  const environment = { PATH: bin, XDG_CACHE_HOME: join(directory, 'cache') };
  const events: InstallEvent[] = [];
  const deps: InstallDeps = {
    environment,
    cacheDirectory: join(directory, 'cache', 'quorate', 'etcd'),
    // fetch refuses this port by itself (WHATWG Fetch, "port blocking").
    releaseBaseUrl: 'http://127.0.0.1:1',
    platform: 'linux',
    arch: 'x64',
    report: (event) => events.push(event),
  };
  return { directory, bin, environment, events, deps };
}

/** The events as one line each: `go-build step building …`, `cache refused …`, `release found`. */
export function linesOf(events: readonly InstallEvent[]): readonly string[] {
  return events.map((event) => {
    const detail = event.kind === 'step' ? ` ${event.text}` : event.kind === 'refused' ? ` ${event.why}` : '';
    return `${event.source} ${event.kind}${detail}`;
  });
}

/** Writes three scripts that say they are `version`. */
export async function writeFakeEtcd(directory: string, version: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeScript(join(directory, 'etcd'), `echo "etcd Version: ${version}"; echo "Go OS/Arch: fake"`);
  await writeScript(join(directory, 'etcdctl'), `echo "etcdctl version: ${version}"`);
  await writeScript(join(directory, 'etcdutl'), `echo "etcdutl version: ${version}"`);
}

/**
 * A go whose `build` does what it must: it puts scripts into the folder after `-o` that say the version
 * required by go.mod. Before that it runs `before`, in the folder of the build.
 */
export async function writeFakeGo(fixture: InstallFixture, before = ''): Promise<void> {
  const lines = [
    'if [ "$1" = version ]; then echo "go version go9.9 fake"; exit 0; fi',
    `echo "$* CGO_ENABLED=$CGO_ENABLED" >> '${join(fixture.directory, 'go-calls')}'`,
    before,
    'while [ "$1" != -o ]; do shift; done',
    "version=$(sed -n 's/.*etcd.server.v3 v//p' go.mod)",
    'say() { printf \'#!/bin/sh\\necho "%s %s"\\n\' "$2" "$version" > "$1"; chmod +x "$1"; }',
    'say "$2/server" "etcd Version:"',
    'say "$2/etcdctl" "etcdctl version:"',
    'say "$2/etcdutl" "etcdutl version:"',
  ];
  await writeScript(join(fixture.bin, 'go'), lines.join('\n'));
}

/** The argument lines the fake go was called with to build. */
export async function goCallsOf(fixture: InstallFixture): Promise<readonly string[]> {
  const text = await readFile(join(fixture.directory, 'go-calls'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

export async function writeScript(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

/** The archive that a release of `version` would publish, with fake programs that say `saidVersion`. */
export async function aReleaseArchive(
  fixture: InstallFixture,
  version: string,
  saidVersion = version,
): Promise<Uint8Array> {
  const name = `etcd-v${version}-linux-amd64`;
  const parent = await mkdtemp(join(fixture.directory, 'release-'));
  await writeFakeEtcd(join(parent, name), saidVersion);
  await writeFile(join(parent, name, 'README.md'), 'not wanted');
  await run('tar', ['-czf', join(parent, 'archive'), '-C', parent, name]);
  return readFile(join(parent, 'archive'));
}

/** A line of SHA256SUMS. */
export function checksumLineOf(bytes: Uint8Array, name: string): string {
  return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
}

/** Serves `files` by path until the test ends; its base URL. A value may also be a place to go to instead. */
export async function serveFiles(
  t: TestContext,
  files: ReadonlyMap<string, Uint8Array | string | { readonly location: string }>,
): Promise<string> {
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (file === undefined) {
      response.writeHead(404).end();
    } else if (typeof file === 'object' && 'location' in file) {
      response.writeHead(302, file).end();
    } else {
      response.end(file);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no TCP address');
  }
  return `http://127.0.0.1:${address.port}`;
}
