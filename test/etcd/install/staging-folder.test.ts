import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeStagingFolder } from '../../../src/etcd/install/staging-folder.ts';
import { anInstallFixture } from '../../support/fake-etcd-install.ts';

const DAY_SECONDS = 24 * 60 * 60;

async function aCacheWith(t: TestContext, leftover: string): Promise<string> {
  const { deps } = await anInstallFixture(t);
  await mkdir(join(deps.cacheDirectory, leftover), { recursive: true });
  await writeFile(join(deps.cacheDirectory, leftover, 'etcd'), 'half');
  return deps.cacheDirectory;
}

async function aPidThatEnded(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'close');
  return child.pid ?? 0;
}

async function namesAfterStaging(cache: string): Promise<readonly string[]> {
  await using staging = await makeStagingFolder(cache, '3.6.16');
  return (await readdir(cache)).filter((name) => name !== basename(staging.path));
}

test('makes a folder in the cache and removes it with everything in it', async (t) => {
  const { deps } = await anInstallFixture(t);
  {
    await using staging = await makeStagingFolder(deps.cacheDirectory, '3.6.16');
    assert.ok((await stat(staging.path)).isDirectory());
    await writeFile(join(staging.path, 'half'), '');
  }
  assert.deepEqual(await readdir(deps.cacheDirectory), []);
});

test('clears away what an installer of this machine left when it died', async (t) => {
  const leftover = `.staging-3.7.3@${hostname()}@${await aPidThatEnded()}@abc123`;
  assert.deepEqual(await namesAfterStaging(await aCacheWith(t, leftover)), []);
});

test('leaves alone what an installer still works on', async (t) => {
  const leftover = `.staging-3.6.16@${hostname()}@${process.ppid}@abc123`;
  assert.deepEqual(await namesAfterStaging(await aCacheWith(t, leftover)), [leftover]);
});

test('leaves alone what another machine works on, until it is a day old', async (t) => {
  const leftover = '.staging-3.6.16@elsewhere@1@abc123';
  const cache = await aCacheWith(t, leftover);
  assert.deepEqual(await namesAfterStaging(cache), [leftover]);
  const longAgo = Date.now() / 1000 - DAY_SECONDS - 60;
  await utimes(join(cache, leftover), longAgo, longAgo);
  assert.deepEqual(await namesAfterStaging(cache), []);
});

test('never touches versions and strangers', async (t) => {
  const cache = await aCacheWith(t, '3.5.35');
  await mkdir(join(cache, '.git'));
  assert.deepEqual(await namesAfterStaging(cache), ['.git', '3.5.35']);
});
