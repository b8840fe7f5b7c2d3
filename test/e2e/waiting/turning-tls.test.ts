/** Encryption is turned on and off; clients are waited for in between. */
import assert from 'node:assert/strict';
import { applyCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import { assertSound } from '../support/oracle.ts';
import { untilReason } from '../support/said.ts';
import { seconds } from '../support/seconds.ts';
import { TLS } from '../support/security-mode.ts';

/** Two roll-outs of three Pods each, and three minutes for clients between them. */
const WAY_MS_MAX = 480_000;

e2eTest('TLS is turned on and off again while clients write', { minutes: 20 }, async (ground) => {
  const cluster = await applyCluster(ground, { spec: { size: 3, security: {} } });
  await cluster.untilSettled({ size: 3 });
  const writer = await startWriter(cluster);
  await writer.untilMore(50);
  for (const [security, reason] of [
    [TLS, 'Encrypted'],
    [{}, 'PlainText'],
  ] as const) {
    await writer.section(reason);
    const startedMs = performance.now();
    await cluster.edit({ security: null });
    await cluster.edit({ security });
    await untilReason(cluster, 'TLSReady', reason, WAY_MS_MAX);
    await cluster.untilSettled({ size: 3 });
    ground.note(`${reason} after ${seconds(performance.now() - startedMs)}`);
    const scheme = reason === 'Encrypted' ? 'https' : 'http';
    for (const { peerURL = '', clientURL = '' } of cluster.status().members ?? []) {
      assert.ok(peerURL.startsWith(`${scheme}://`) && clientURL.startsWith(`${scheme}://`), peerURL);
    }
    await writer.untilMore(50);
  }
  await assertSound(cluster, { size: 3, writer });
});
