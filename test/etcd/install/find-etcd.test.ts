import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { type EtcdBinaries, isInstallProblem } from '../../../src/etcd/install/etcd-binaries.ts';
import { findEtcd, installEtcd } from '../../../src/etcd/install/find-etcd.ts';
import {
  anInstallFixture,
  aReleaseArchive,
  checksumLineOf,
  goCallsOf,
  type InstallFixture,
  linesOf,
  serveFiles,
  writeFakeEtcd,
  writeFakeGo,
} from '../../support/fake-etcd-install.ts';

const run = promisify(execFile);
const version = { major: 3, minor: 6, patch: 16 } as const;

async function install(fixture: InstallFixture, t: TestContext): Promise<EtcdBinaries> {
  const result = await installEtcd(version, fixture.deps, t.signal);
  assert.ok(!isInstallProblem(result), JSON.stringify(result));
  return result;
}

test('asks ETCD_BIN, then the cache, then go, then the release', async (t) => {
  const base = await anInstallFixture(t);
  const archive = await aReleaseArchive(base, '3.6.16');
  const name = 'etcd-v3.6.16-linux-amd64.tar.gz';
  const releaseBaseUrl = await serveFiles(
    t,
    new Map([
      [`/v3.6.16/${name}`, archive],
      ['/v3.6.16/SHA256SUMS', Buffer.from(checksumLineOf(archive, name))],
    ]),
  );
  const fixture = { ...base, deps: { ...base.deps, releaseBaseUrl } };
  const cached = join(fixture.deps.cacheDirectory, '3.6.16');

  assert.equal((await install(fixture, t)).source, 'release');
  await rm(cached, { recursive: true });
  await writeFakeGo(fixture);
  assert.equal((await install(fixture, t)).source, 'go-build');
  assert.equal((await install(fixture, t)).source, 'cache');
  assert.equal((await goCallsOf(fixture)).length, 1);
  await writeFakeEtcd(join(fixture.directory, 'mine'), '3.6.16');
  fixture.environment['ETCD_BIN'] = join(fixture.directory, 'mine');
  assert.equal((await install(fixture, t)).source, 'ETCD_BIN');
});

test('names each source that cannot serve and the one tried next', async (t) => {
  const fixture = await anInstallFixture(t);
  await writeFakeEtcd(join(fixture.directory, 'mine'), '3.5.35');
  fixture.environment['ETCD_BIN'] = join(fixture.directory, 'mine');
  await writeFakeGo(fixture);
  await install(fixture, t);
  assert.deepEqual(linesOf(fixture.events), [
    `ETCD_BIN refused ${fixture.directory}/mine/etcd is version 3.5.35`,
    `cache refused there is no ${fixture.deps.cacheDirectory}/3.6.16`,
    'go-build step building it from its Go modules',
    'go-build found',
  ]);
  const next = fixture.events.map((event) => (event.kind === 'refused' ? event.next : undefined));
  assert.deepEqual(next, ['cache', 'go-build', undefined, undefined]);
});

test('replaces a cached version that is not whole', async (t) => {
  const fixture = await anInstallFixture(t);
  const cached = join(fixture.deps.cacheDirectory, '3.6.16');
  await writeFakeEtcd(cached, '3.6.16');
  await writeFile(join(cached, 'etcdctl'), '');
  await writeFakeGo(fixture);
  assert.equal((await install(fixture, t)).source, 'go-build');
  assert.equal((await install(fixture, t)).source, 'cache');
});

test('gives a problem that says all that was tried and what to do', async (t) => {
  const fixture = await anInstallFixture(t);
  const result = await installEtcd(version, fixture.deps, t.signal);
  assert.ok(isInstallProblem(result));
  assert.equal(result.code, 'ETCD_NOT_INSTALLED');
  assert.deepEqual(
    result.tried.map(({ source }) => source),
    ['cache', 'go-build', 'release'],
  );
  assert.match(
    result.message,
    /^etcd 3\.6\.16 is not to be had: there is no .*; there is no go on the PATH; /,
  );
  assert.match(result.message, /Put Go on the PATH .*ETCD_BIN\.$/);
  const last = fixture.events.at(-1);
  assert.ok(last?.kind === 'refused' && last.next === null);
});

test('goes on to the next source when the cache folder cannot be made', async (t) => {
  const fixture = await anInstallFixture(t);
  await mkdir(join(fixture.directory, 'cache', 'quorate'), { recursive: true });
  await writeFile(fixture.deps.cacheDirectory, 'a file where the folder should be');
  await writeFakeGo(fixture);
  const result = await installEtcd(version, fixture.deps, t.signal);
  assert.ok(isInstallProblem(result));
  assert.match(result.message, /EEXIST|ENOTDIR/);
});

test('only looks, and makes nothing, when it is to find', async (t) => {
  const fixture = await anInstallFixture(t);
  await writeFakeGo(fixture);
  const result = await findEtcd(version, fixture.deps, t.signal);
  assert.ok(isInstallProblem(result));
  assert.match(result.message, /Run: quorate etcd install 3\.6\.16$/);
  assert.deepEqual(await goCallsOf(fixture), []);
  await assert.rejects(readdir(fixture.deps.cacheDirectory), { code: 'ENOENT' });
});

test('serves two installers of one version that build at once', async (t) => {
  const fixture = await anInstallFixture(t);
  const arrived = join(fixture.directory, 'arrived');
  await run('mkfifo', [arrived]);
  await writeFakeGo(fixture, `mkfifo '${arrived}'.$$; echo $$ > '${arrived}'; cat '${arrived}'.$$`);
  const installing = Promise.all([install(fixture, t), install(fixture, t)]);
  for (const pid of await pidsFrom(arrived, 2)) {
    await writeFile(`${arrived}.${pid}`, '');
  }
  const results = await installing;
  assert.deepEqual(
    results.map(({ source }) => source),
    ['go-build', 'go-build'],
  );
  assert.deepEqual(await readdir(fixture.deps.cacheDirectory), ['3.6.16']);
  assert.equal((await install(fixture, t)).source, 'cache');
});

/** Waits until `count` processes have written their pid into the named pipe. */
async function pidsFrom(pipe: string, count: number): Promise<readonly string[]> {
  // Opened for both, the pipe has no end between two writers.
  await using handle = await open(pipe, 'r+');
  let text = '';
  while (text.split('\n').length <= count) {
    const { buffer, bytesRead } = await handle.read();
    text += buffer.toString('utf8', 0, bytesRead);
  }
  return text.trim().split('\n');
}

test('never uses what an installer left that was killed in the middle', async (t) => {
  const fixture = await anInstallFixture(t);
  const started = join(fixture.directory, 'started');
  await run('mkfifo', [started]);
  await writeFakeGo(fixture, `echo half > "$5/server"; echo $$ > '${started}'; exec sleep 600`);
  const killed = spawn(process.execPath, ['--input-type=module', '-e', installerScript(fixture)], {
    stdio: 'ignore',
  });
  const goPid = Number(await readFile(started, 'utf8'));
  killed.kill('SIGKILL');
  await once(killed, 'close');
  process.kill(goPid, 'SIGKILL');
  const [leftover = '', ...others] = await readdir(fixture.deps.cacheDirectory);
  assert.match(leftover, /^\.staging-3\.6\.16@/);
  assert.deepEqual(others, []);

  await writeFakeGo(fixture);
  assert.equal((await install(fixture, t)).source, 'go-build');
  assert.deepEqual(await readdir(fixture.deps.cacheDirectory), ['3.6.16']);
});

/** A process of its own that installs with the fixture's surroundings. */
function installerScript(fixture: InstallFixture): string {
  const module = new URL('../../../src/etcd/install/find-etcd.ts', import.meta.url).href;
  const deps = JSON.stringify({ ...fixture.deps, report: undefined });
  return `
    const { installEtcd } = await import(${JSON.stringify(module)});
    const deps = { ...${deps}, report: () => {} };
    await installEtcd(${JSON.stringify(version)}, deps, new AbortController().signal);`;
}
