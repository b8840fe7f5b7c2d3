/** Another authority signs, while clients write. */
import assert from 'node:assert/strict';
import { applyCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import { assertSound } from '../support/oracle.ts';
import { untilReason } from '../support/said.ts';
import { seconds } from '../support/seconds.ts';
import { TLS } from '../support/security-mode.ts';

/** Two roll-outs, and three minutes for clients after each of the first two phases. */
const ROTATION_MS_MAX = 800_000;

e2eTest(
  'an authority is replaced on request, in three phases, while clients write',
  { minutes: 18 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3, security: TLS } });
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await writer.untilMore(50);
    const { kubectl } = cluster.space;
    const authority = () => kubectl.must(['get', 'secret', 'demo-ca', '-o', 'jsonpath={.data.tls\\.crt}']);
    const before = await authority();
    const startedMs = performance.now();
    await kubectl.must(['annotate', 'etcdcluster', 'demo', 'etcd.etcd.io/rotate-authority=once']);
    await untilReason(cluster, 'TLSReady', 'ReplacingAuthority');
    await untilReason(cluster, 'TLSReady', 'Encrypted', ROTATION_MS_MAX);
    await cluster.untilSettled({ size: 3 });
    ground.note(`another authority after ${seconds(performance.now() - startedMs)}`);
    assert.notEqual(await authority(), before);
    await writer.untilMore(50);
    await assertSound(cluster, { size: 3, writer });
  },
);
