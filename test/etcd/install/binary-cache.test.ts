import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  binariesFromCache,
  cachedDirectoryOf,
  publishToCache,
} from '../../../src/etcd/install/binary-cache.ts';
import { anInstallFixture, writeFakeEtcd, writeScript } from '../../support/fake-etcd-install.ts';

test('finds a cached version', async (t) => {
  const { deps } = await anInstallFixture(t);
  await writeFakeEtcd(cachedDirectoryOf('3.6.16', deps), '3.6.16');
  const answer = await binariesFromCache('3.6.16', deps, t.signal);
  assert.ok('etcd' in answer);
  assert.equal(answer.etcd, join(deps.cacheDirectory, '3.6.16', 'etcd'));
  assert.equal(answer.source, 'cache');
});

test('refuses what is not cached', async (t) => {
  const { deps } = await anInstallFixture(t);
  const refused = `there is no ${join(deps.cacheDirectory, '3.6.16')}`;
  assert.deepEqual(await binariesFromCache('3.6.16', deps, t.signal), { refused });
});

test('refuses a cached program that does not run, lies, or is missing', async (t) => {
  const { deps } = await anInstallFixture(t);
  const directory = cachedDirectoryOf('3.6.16', deps);
  const refusal = async (): Promise<string> => {
    const answer = await binariesFromCache('3.6.16', deps, t.signal);
    assert.ok('refused' in answer);
    return answer.refused;
  };
  await writeFakeEtcd(directory, '3.6.16');
  await chmod(join(directory, 'etcdctl'), 0o644);
  assert.match(await refusal(), /etcdctl cannot be run: EACCES/);
  await writeScript(join(directory, 'etcdctl'), 'exit 3');
  assert.match(await refusal(), /etcdctl does not say its version/);
  await writeScript(join(directory, 'etcdctl'), 'echo "etcdctl version: 3.6.16"; exit 3');
  assert.match(await refusal(), /etcdctl does not say its version/);
  await writeScript(join(directory, 'etcdctl'), 'echo "etcdctl version: 3.6.160"');
  assert.match(await refusal(), /etcdctl is version 3\.6\.160/);
  await rm(join(directory, 'etcdctl'));
  assert.match(await refusal(), /there is no etcdctl in/);
});

test('publishes over what was broken before', async (t) => {
  const { deps, directory } = await anInstallFixture(t);
  await mkdir(cachedDirectoryOf('3.6.16', deps), { recursive: true });
  await writeFile(join(cachedDirectoryOf('3.6.16', deps), 'etcd'), 'half');
  await writeFakeEtcd(join(directory, 'staged'), '3.6.16');
  const answer = await publishToCache(join(directory, 'staged'), '3.6.16', 'release', deps, t.signal);
  assert.ok('source' in answer);
  assert.equal(answer.source, 'release');
  assert.match(await readFile(answer.etcd, 'utf8'), /3\.6\.16/);
});

test('publishes nothing that does not say the wanted version', async (t) => {
  const { deps, directory } = await anInstallFixture(t);
  await writeFakeEtcd(join(directory, 'staged'), '3.6.15');
  const answer = await publishToCache(join(directory, 'staged'), '3.6.16', 'release', deps, t.signal);
  assert.ok('refused' in answer);
  assert.match(answer.refused, /etcd is version 3\.6\.15/);
  await assert.rejects(readdir(cachedDirectoryOf('3.6.16', deps)), { code: 'ENOENT' });
});
