import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { buildFromGo } from '../../../src/etcd/install/build-from-go.ts';
import {
  anInstallFixture,
  goCallsOf,
  type InstallFixture,
  linesOf,
  writeFakeGo,
  writeScript,
} from '../../support/fake-etcd-install.ts';

const run = promisify(execFile);

async function refusalOf(fixture: InstallFixture, t: TestContext): Promise<string> {
  const answer = await buildFromGo('3.6.16', fixture.deps, t.signal);
  assert.ok('refused' in answer);
  return answer.refused;
}

test('builds the three programs into the cache and leaves nothing else there', async (t) => {
  const fixture = await anInstallFixture(t);
  await writeFakeGo(fixture, `cat go.mod > '${join(fixture.directory, 'go.mod')}'`);
  const answer = await buildFromGo('3.6.16', fixture.deps, t.signal);
  assert.ok('etcd' in answer);
  assert.equal(answer.etcd, join(fixture.deps.cacheDirectory, '3.6.16', 'etcd'));
  assert.deepEqual(await readdir(fixture.deps.cacheDirectory), ['3.6.16']);
  assert.deepEqual(await readdir(join(fixture.deps.cacheDirectory, '3.6.16')), [
    'etcd',
    'etcdctl',
    'etcdutl',
  ]);
  assert.deepEqual(linesOf(fixture.events), ['go-build step building it from its Go modules']);
});

test('requires all three modules at exactly the wanted version, without cgo', async (t) => {
  const fixture = await anInstallFixture(t);
  const copy = join(fixture.directory, 'go.mod');
  await writeFakeGo(fixture, `cat go.mod > '${copy}'`);
  await buildFromGo('3.5.35', fixture.deps, t.signal);
  const requirements = (await readFile(copy, 'utf8')).match(/go\.etcd\.io\S+ \S+/g);
  assert.deepEqual(requirements, [
    'go.etcd.io/etcd/server/v3 v3.5.35',
    'go.etcd.io/etcd/etcdctl/v3 v3.5.35',
    'go.etcd.io/etcd/etcdutl/v3 v3.5.35',
  ]);
  const [call = ''] = await goCallsOf(fixture);
  assert.match(call, /^build -mod=mod -trimpath -o \S+\/ go\.etcd\.io\/etcd\/server\/v3 .* CGO_ENABLED=0$/);
});

test('refuses without a step when there is no go', async (t) => {
  const fixture = await anInstallFixture(t);
  assert.equal(await refusalOf(fixture, t), 'there is no go on the PATH');
  assert.deepEqual(fixture.events, []);
});

test('refuses with the last words of a go that fails, and leaves nothing behind', async (t) => {
  const fixture = await anInstallFixture(t);
  const lastWords = 'go: go.etcd.io/etcd/server/v3@v3.6.16: reading proxy: no such host';
  await writeFakeGo(fixture, `echo "go: downloading x" >&2; echo "${lastWords}" >&2; exit 1`);
  assert.equal(await refusalOf(fixture, t), `go failed: ${lastWords}`);
  assert.deepEqual(await readdir(fixture.deps.cacheDirectory), []);
});

test('refuses a go that itself does not work', async (t) => {
  const fixture = await anInstallFixture(t);
  await writeScript(join(fixture.bin, 'go'), 'echo "go: cannot find GOROOT" >&2; exit 2');
  assert.equal(await refusalOf(fixture, t), 'go failed: go: cannot find GOROOT');
});

test('ends go and what go started when it is told to stop, and leaves nothing behind', async (t) => {
  const fixture = await anInstallFixture(t);
  const started = join(fixture.directory, 'started');
  await run('mkfifo', [started]);
  await writeFakeGo(fixture, `sleep 600 & echo $! > '${started}'; wait`);
  const stop = new AbortController();
  const building = assert.rejects(buildFromGo('3.6.16', fixture.deps, stop.signal), { message: 'enough' });
  const compilerPid = Number(await readFile(started, 'utf8'));
  stop.abort(new Error('enough'));
  await building;
  assert.deepEqual(await readdir(fixture.deps.cacheDirectory), []);
  assert.ok(await isGone(compilerPid));
});

/** A killed child of nobody stays a zombie until whoever inherits it looks; that counts as gone. */
async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => `${pid} (sleep) Z`);
  return /\) [ZX]/.test(status);
}
