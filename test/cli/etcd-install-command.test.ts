import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  anInstallFixture,
  type InstallFixture,
  writeFakeEtcd,
  writeFakeGo,
} from '../support/fake-etcd-install.ts';

const run = promisify(execFile);

const MODULE = new URL('../../src/cli/etcd-install-command.ts', import.meta.url).href;
const SCRIPT = `
  const { etcdInstallCommand } = await import(${JSON.stringify(MODULE)});
  await etcdInstallCommand().parseAsync(process.argv.slice(1), { from: 'user' });`;

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** The command in a process of its own, as a user runs it. */
function start(fixture: InstallFixture, args: readonly string[]): { pid: number; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, '--', ...args], {
    // No release is ever fetched: the proxy's port is one that nobody listens on.
    env: { ...fixture.environment, HTTPS_PROXY: 'http://127.0.0.1:9' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [code]]) => ({ code: code as number | null, stdout, stderr }),
  );
  return { pid: child.pid ?? 0, outcome };
}

test('prints where the versions are, and nothing on stderr when all were there', async (t) => {
  const fixture = await anInstallFixture(t);
  await writeFakeEtcd(join(fixture.deps.cacheDirectory, '3.6.16'), '3.6.16');
  const { code, stdout, stderr } = await start(fixture, []).outcome;
  assert.equal(stdout, `etcd 3.6.16 (cache): ${fixture.deps.cacheDirectory}/3.6.16\n`);
  assert.equal(stderr, '');
  assert.equal(code, 0);
});

test('prints JSON on stdout and progress on stderr', async (t) => {
  const fixture = await anInstallFixture(t);
  await writeFakeGo(fixture);
  const { code, stdout, stderr } = await start(fixture, ['3.7.3', 'v3.5.35', '--output', 'json']).outcome;
  const directory = fixture.deps.cacheDirectory;
  const expected = ['3.7.3', '3.5.35'].map((version) => ({
    version,
    source: 'go-build',
    etcd: `${directory}/${version}/etcd`,
    etcdctl: `${directory}/${version}/etcdctl`,
    etcdutl: `${directory}/${version}/etcdutl`,
  }));
  assert.deepEqual(JSON.parse(stdout), expected);
  assert.match(stderr, /^etcd 3\.5\.35: building it from its Go modules …$/m);
  assert.equal(code, 0);
});

test('exits with 1 and says what to do when a version is not to be had', async (t) => {
  const fixture = await anInstallFixture(t);
  await writeFakeEtcd(join(fixture.deps.cacheDirectory, '3.5.35'), '3.5.35');
  const { code, stdout, stderr } = await start(fixture, ['3.6.16', '3.5.35', '-o', 'json']).outcome;
  assert.deepEqual(
    JSON.parse(stdout).map(({ version }: { version: string }) => version),
    ['3.5.35'],
  );
  assert.match(stderr, /^etcd 3\.6\.16 is not to be had: .*ETCD_BIN\.$/m);
  assert.equal(code, 1);
});

test('exits with 2 on a version it does not run', async (t) => {
  const { code, stdout, stderr } = await start(await anInstallFixture(t), ['3.4.23']).outcome;
  assert.match(stderr, /^"3\.4\.23" is not an etcd version this quorate runs; give .*\.\n$/);
  assert.equal(stdout, '');
  assert.equal(code, 2);
});

test('exits with 2 on an output format it does not know', async (t) => {
  const { code, stderr } = await start(await anInstallFixture(t), ['-o', 'yaml']).outcome;
  assert.match(stderr, /'yaml' is invalid\. Allowed choices are text, json/);
  assert.equal(code, 2);
});

test('exits with 0 after its help', async (t) => {
  const { code, stdout } = await start(await anInstallFixture(t), ['--help']).outcome;
  assert.match(stdout, /ETCD_BIN/);
  assert.equal(code, 0);
});

test('leaves nothing behind when it is interrupted in the middle of a build', async (t) => {
  const fixture = await anInstallFixture(t);
  const started = join(fixture.directory, 'started');
  await run('mkfifo', [started]);
  await writeFakeGo(fixture, `echo $$ > '${started}'; exec sleep 600`);
  const { pid, outcome } = start(fixture, []);
  await readFile(started);
  process.kill(pid, 'SIGINT');
  const { code, stderr } = await outcome;
  assert.match(stderr, /^Interrupted; nothing half-made was kept\.$/m);
  assert.equal(code, 1);
  assert.deepEqual(await readdir(fixture.deps.cacheDirectory), []);
});
