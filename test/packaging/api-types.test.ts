/** Whoever installs the package can write objects of our kinds in TypeScript. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

const GOOD = `
import type { EtcdBackup, EtcdCluster, EtcdClusterSpec, EtcdRestore } from 'quorate/api';
const spec: EtcdClusterSpec = { size: 3, version: 'v3.6.16', storage: { size: '10Gi' } };
export const cluster: EtcdCluster = {
  apiVersion: 'etcd.etcd.io/v1alpha1', kind: 'EtcdCluster', metadata: { name: 'demo' }, spec,
};
export const backup: EtcdBackup['spec'] = { clusterName: 'demo', storageType: 'S3', s3: { bucket: 'b' } };
export const restore: EtcdRestore['spec'] = { clusterName: 'again', backupName: 'x', restoreType: 'New' };
`;
const BAD = `
import type { EtcdClusterSpec } from 'quorate/api';
export const spec: EtcdClusterSpec = { sizee: 3 };
`;

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-types-'));
  const installed = join(folder, 'node_modules', 'quorate');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  const types = join(installed, 'dist', 'api');
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build-api-types.ts'), types]);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler complains of; empty when it is content. */
function compile(text: string, module: string, resolution: string): Promise<string> {
  writeFileSync(join(folder, 'consumer.ts'), text);
  const options = ['--noEmit', '--strict', '--types', '', '--skipLibCheck', 'false'];
  const modules = ['--module', module, '--moduleResolution', resolution];
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(process.execPath, [TSC, ...options, ...modules, 'consumer.ts'], { cwd: folder }, (_, stdout) =>
    resolve(stdout),
  );
  return promise;
}

describe('the types of our kinds', () => {
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`are found and whole (moduleResolution ${resolution})`, async () => {
      assert.equal(await compile(GOOD, module, resolution), '');
    });
  }

  it('refuse a field that there is not', async () => {
    assert.match(
      await compile(BAD, 'nodenext', 'nodenext'),
      /'sizee' does not exist in type 'EtcdClusterSpec'/,
    );
  });
});
