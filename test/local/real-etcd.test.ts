import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInstallProblem } from '../../src/etcd/install/etcd-binaries.ts';
import { findEtcd } from '../../src/etcd/install/find-etcd.ts';
import { installDeps } from '../../src/etcd/install/install-deps.ts';
import { DEFAULT_ETCD_VERSION, parseEtcdVersion } from '../../src/model/etcd-version.ts';
import { pause } from '../../src/runtime/abort.ts';
import { aLocalCluster } from '../support/local-cluster-kit.ts';

async function etcdPath(signal: AbortSignal): Promise<string> {
  const version = parseEtcdVersion(DEFAULT_ETCD_VERSION);
  assert.ok(version);
  const found = await findEtcd(
    version,
    installDeps(process.env, () => undefined),
    signal,
  );
  assert.ok(!isInstallProblem(found), 'quorate etcd install has to come first');
  return found.etcd;
}

/** Calls etcd's JSON gateway as soon as it answers. */
async function ask(clientUrl: string, path: string, body: object, signal: AbortSignal): Promise<unknown> {
  for (;;) {
    try {
      const response = await fetch(`${clientUrl}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        signal,
      });
      if (response.ok) {
        return response.json();
      }
    } catch {
      // It does not listen yet.
    }
    signal.throwIfAborted();
    await pause(20, signal);
  }
}

describe('a real etcd in a Pod', () => {
  it('starts at the gate and finds its data again in the next Pod', async (t) => {
    const { cluster } = await aLocalCluster(t, { etcdPath: await etcdPath(t.signal) });
    const [member] = (await cluster.snapshot()).members;
    const clientUrl = member?.clientUrl ?? '';
    const key = Buffer.from('key').toString('base64');
    const value = Buffer.from('value').toString('base64');
    await ask(clientUrl, '/v3/kv/put', { key, value }, t.signal);
    await cluster.deletePod(0);
    const answer = await ask(clientUrl, '/v3/kv/range', { key }, t.signal);
    assert.deepEqual((answer as { kvs: readonly { value: string }[] }).kvs[0]?.value, value);
  });
});
