import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ApiCredentials } from '../../src/kube/api-credentials.ts';
import { findCredentials } from '../../src/kube/kube-config-credentials.ts';
import { aManualClock } from '../support/a-clock.ts';

async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-kubeconfig-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

type Parts = {
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly namespace?: string;
};

/** A kubeconfig file with one context; JSON is YAML. */
async function writeKubeConfig(folder: string, parts: Parts): Promise<string> {
  const path = join(folder, 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: parts.namespace } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443/', ...parts.cluster } }],
    users: [{ name: 'u', user: parts.user ?? {} }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

async function found(t: TestContext, parts: Parts): Promise<ApiCredentials> {
  const path = await writeKubeConfig(await aFolder(t), parts);
  const result = await findCredentials({ kind: 'file', path }, aManualClock().nowMs);
  assert.ok(result.kind === 'found', JSON.stringify(result));
  return result.credentials;
}

async function whyUnusable(t: TestContext, parts: Parts): Promise<string> {
  const path = await writeKubeConfig(await aFolder(t), parts);
  const result = await findCredentials({ kind: 'file', path }, aManualClock().nowMs);
  return result.kind === 'unusable' ? result.why : 'found';
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('findCredentials in a kubeconfig', () => {
  it('finds server, namespace, certificates and authority', async (t) => {
    const credentials = await found(t, {
      cluster: { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'kubernetes' },
      user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      namespace: 'etcd',
    });
    assert.equal(credentials.server, 'https://127.0.0.1:6443');
    assert.equal(credentials.namespace, 'etcd');
    assert.deepEqual(await credentials.read('nothing', t.signal), {
      headers: {},
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'kubernetes' },
    });
  });

  it('finds a token, a password, and whom to act as', async (t) => {
    const token = await found(t, { user: { token: 'abc\n', as: 'somebody' } });
    assert.deepEqual((await token.read('nothing', t.signal)).headers, {
      authorization: 'Bearer abc',
      'impersonate-user': 'somebody',
    });
    const password = await found(t, { user: { username: 'me', password: 'secret' } });
    assert.deepEqual((await password.read('nothing', t.signal)).headers, {
      authorization: `Basic ${base64('me:secret')}`,
    });
  });

  it('trusts blindly only where it is told to', async (t) => {
    const blind = await found(t, { cluster: { 'insecure-skip-tls-verify': true } });
    assert.deepEqual((await blind.read('nothing', t.signal)).tls, { rejectUnauthorized: false });
  });

  it('runs an exec plugin', async (t) => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    const script = `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`;
    const exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: ['-e', script],
      interactiveMode: 'Never',
    };
    const credentials = await found(t, { user: { exec } });
    const { headers } = await credentials.read('nothing', t.signal);
    assert.deepEqual(headers, { authorization: 'Bearer from-plugin' });
  });

  it('says what a plugin complained about', async (t) => {
    const script = 'process.stderr.write("log in first"); process.exit(1)';
    const credentials = await found(t, {
      user: { exec: { command: process.execPath, args: ['-e', script] } },
    });
    await assert.rejects(credentials.read('nothing', t.signal), /log in first/);
  });

  it('says why a kubeconfig cannot be used', async (t) => {
    assert.match(await whyUnusable(t, { cluster: { 'proxy-url': 'http://127.0.0.1:1' } }), /proxy-url/);
    assert.match(await whyUnusable(t, { cluster: { server: undefined } }), /server is missing/);
    const path = join(await aFolder(t), 'nothing');
    const missing = await findCredentials({ kind: 'file', path }, aManualClock().nowMs);
    assert.match(missing.kind === 'unusable' ? missing.why : '', /ENOENT/);
    await writeFile(path, 'current-context: nowhere\n');
    const nowhere = await findCredentials({ kind: 'file', path }, aManualClock().nowMs);
    assert.match(nowhere.kind === 'unusable' ? nowhere.why : '', /"nowhere" names no cluster/);
  });
});

describe('findCredentials in a Pod', () => {
  it('finds the ServiceAccount, and its new token after a refusal', async (t) => {
    const root = await aFolder(t);
    const account = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
    await mkdir(account, { recursive: true });
    await writeFile(join(account, 'ca.crt'), 'CA');
    await writeFile(join(account, 'namespace'), 'etcd-system');
    await writeFile(join(account, 'token'), 'first');
    const before = { ...process.env };
    t.after(() => {
      process.env = before;
    });
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' });
    const clock = aManualClock();
    const result = await findCredentials({ kind: 'service-account', root }, clock.nowMs);
    assert.ok(result.kind === 'found');
    const { credentials } = result;
    assert.deepEqual([credentials.server, credentials.namespace], ['https://10.96.0.1:443', 'etcd-system']);
    assert.deepEqual(await credentials.read('nothing', t.signal), {
      headers: { authorization: 'Bearer first' },
      tls: { ca: 'CA' },
    });
    await writeFile(join(account, 'token'), 'second');
    clock.advance(5_000);
    const { headers } = await credentials.read('refusal', t.signal);
    assert.deepEqual(headers, { authorization: 'Bearer second' });
  });
});
