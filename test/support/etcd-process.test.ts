import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEFAULT_ETCD_VERSION } from '../../src/model/etcd-version.ts';
import { type EtcdOptions, startEtcd } from './etcd-process.ts';
import { claimLoopbackAddresses } from './loopback-address.ts';

async function someOptions(t: TestContext): Promise<Omit<EtcdOptions, 'signal'>> {
  const parent = await mkdtemp(join(tmpdir(), 'quorate-etcd-'));
  t.after(() => rm(parent, { recursive: true }));
  const addresses = await claimLoopbackAddresses();
  t.after(() => addresses[Symbol.asyncDispose]());
  return { version: DEFAULT_ETCD_VERSION, address: addresses.of(0), dataDirectory: join(parent, 'data') };
}

test('starts etcd, ready to serve, and stops it', async (t) => {
  await using etcd = await startEtcd({ ...(await someOptions(t)), signal: t.signal });
  const response = await fetch(`${etcd.clientUrl}/version`, { signal: t.signal });
  assert.match(await response.text(), new RegExp(DEFAULT_ETCD_VERSION));
  assert.match(etcd.log(), /ready to serve client requests/);
  assert.deepEqual(await etcd.stop(), { code: null, signal: 'SIGTERM' });
  assert.deepEqual(await etcd.exited, { code: null, signal: 'SIGTERM' });
});

test('rejects with the last words of an etcd that ends before it is ready', async (t) => {
  const options = { ...(await someOptions(t)), extraConfig: { 'no-such-flag': 1 }, signal: t.signal };
  await assert.rejects(startEtcd(options), /etcd ended; its last words:\n[\s\S]*no-such-flag/);
});

test('waits only for life where readiness needs others', async (t) => {
  const options = await someOptions(t);
  const other = options.address.replace(/10$/, '11');
  const extraConfig = { 'initial-cluster': `m0=http://${options.address}:2380,m1=http://${other}:2380` };
  await using etcd = await startEtcd({ ...options, extraConfig, until: 'live', signal: t.signal });
  assert.deepEqual(await etcd.stop('SIGKILL'), { code: null, signal: 'SIGKILL' });
});

test('kills etcd when the signal aborts', async (t) => {
  const stop = new AbortController();
  const etcd = await startEtcd({ ...(await someOptions(t)), signal: stop.signal });
  stop.abort();
  assert.deepEqual(await etcd.exited, { code: null, signal: 'SIGKILL' });
});

test('names the command that installs a missing version', async (t) => {
  const options = { ...(await someOptions(t)), version: '3.6.999', signal: t.signal };
  await assert.rejects(startEtcd(options), /quorate etcd install 3\.6\.999/);
});
