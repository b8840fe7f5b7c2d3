import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { binariesFromEnvironment } from '../../../src/etcd/install/binaries-from-environment.ts';
import type { SourceAnswer } from '../../../src/etcd/install/etcd-binaries.ts';
import { anInstallFixture, type InstallFixture, writeFakeEtcd } from '../../support/fake-etcd-install.ts';

type Setting = { readonly fixture: InstallFixture; readonly folder: string };

async function aFolderOf(t: TestContext, version: string): Promise<Setting> {
  const fixture = await anInstallFixture(t);
  const folder = join(fixture.directory, 'mine');
  await writeFakeEtcd(folder, version);
  return { fixture, folder };
}

function ask({ fixture }: Setting, etcdBin: string, t: TestContext): Promise<SourceAnswer | undefined> {
  fixture.environment['ETCD_BIN'] = etcdBin;
  return binariesFromEnvironment('3.6.16', fixture.deps, t.signal);
}

test('takes the folder that ETCD_BIN names', async (t) => {
  const setting = await aFolderOf(t, '3.6.16');
  assert.deepEqual(await ask(setting, setting.folder, t), {
    version: '3.6.16',
    source: 'ETCD_BIN',
    etcd: join(setting.folder, 'etcd'),
    etcdctl: join(setting.folder, 'etcdctl'),
    etcdutl: join(setting.folder, 'etcdutl'),
  });
});

test('takes the folder of the program that ETCD_BIN names', async (t) => {
  const setting = await aFolderOf(t, '3.6.16');
  const answer = await ask(setting, join(setting.folder, 'etcd'), t);
  assert.ok(answer !== undefined && 'etcdutl' in answer);
  assert.equal(answer.etcdutl, join(setting.folder, 'etcdutl'));
});

test('has nothing to say when ETCD_BIN is not set, or empty', async (t) => {
  const setting = await aFolderOf(t, '3.6.16');
  assert.equal(await binariesFromEnvironment('3.6.16', setting.fixture.deps, t.signal), undefined);
  assert.equal(await ask(setting, '', t), undefined);
});

test('refuses another version and names it', async (t) => {
  const setting = await aFolderOf(t, '3.5.35');
  assert.deepEqual(await ask(setting, setting.folder, t), {
    refused: `${join(setting.folder, 'etcd')} is version 3.5.35`,
  });
});

test('refuses a path that does not exist', async (t) => {
  const setting = await aFolderOf(t, '3.6.16');
  assert.deepEqual(await ask(setting, '/nowhere/etcd', t), {
    refused: 'ETCD_BIN=/nowhere/etcd does not exist',
  });
});

test('refuses a folder that lacks one of the programs', async (t) => {
  const setting = await aFolderOf(t, '3.6.16');
  await rm(join(setting.folder, 'etcdutl'));
  assert.deepEqual(await ask(setting, setting.folder, t), {
    refused: `there is no etcdutl in ${setting.folder}`,
  });
});
