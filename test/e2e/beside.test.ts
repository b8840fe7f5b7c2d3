/** What stands beside the members: a NetworkPolicy for who wants one, and kinds that this release only answers. */
import assert from 'node:assert/strict';
import { applyCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import { assertSound } from './support/oracle.ts';

/** Of what an operator does as soon as it is asked. */
const SOON = '--timeout=60s';

e2eTest(
  'a NetworkPolicy comes with the wish for it and goes with it, and no Pod is touched',
  { minutes: 6 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 1 } });
    await cluster.untilSettled({ size: 1 });
    const writer = await startWriter(cluster);
    const before = cluster.pods().map(({ uid }) => uid);
    const { kubectl } = cluster.space;
    await cluster.edit({ security: { networkPolicy: true } });
    await kubectl.must(['wait', 'networkpolicy/demo', '--for=create', SOON], { timeoutMs: 90_000 });
    await cluster.edit({ security: { networkPolicy: false } });
    await kubectl.must(['wait', 'networkpolicy/demo', '--for=delete', SOON], { timeoutMs: 90_000 });
    await cluster.untilSettled({ size: 1 });
    assert.deepEqual(
      cluster.pods().map(({ uid }) => uid),
      before,
    );
    await writer.untilMore(20);
    await assertSound(cluster, { size: 1, writer });
  },
);

const OTHERS = [
  { kind: 'EtcdBackup', spec: { clusterName: 'demo', storageType: 'S3', s3: { bucket: 'backups' } } },
  { kind: 'EtcdRestore', spec: { clusterName: 'demo', backupName: 'one' } },
] as const;

e2eTest(
  'a backup and a restore are told that this release does not carry them out',
  { minutes: 3 },
  async ({ space: { kubectl } }) => {
    for (const { kind, spec } of OTHERS) {
      const object = { apiVersion: 'etcd.etcd.io/v1alpha1', kind, metadata: { name: 'one' }, spec };
      await kubectl.must(['apply', '-f', '-'], { input: JSON.stringify(object) });
      const name = `${kind.toLowerCase()}/one`;
      await kubectl.must(['wait', name, '--for=condition=Ready=False', SOON], { timeoutMs: 90_000 });
      const path = `jsonpath={.status.conditions[?(@.type=="Ready")].reason}`;
      assert.equal(await kubectl.must(['get', name, '-o', path]), 'NotYetSupported');
    }
  },
);
