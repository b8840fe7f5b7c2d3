/** etcd is told to ask who you are, and does so while members come and go. */
import assert from 'node:assert/strict';
import { applyCluster, giveUserPassword } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import { assertRefused, etcdctl, REFUSED, saidToCertificate } from './support/etcdctl.ts';
import { assertSound } from './support/oracle.ts';
import { replacePods } from './support/replace-pods.ts';
import { untilReason } from './support/said.ts';
import { seconds } from './support/seconds.ts';
import { TLS } from './support/security-mode.ts';
import { giveSecret } from './support/some-certificates.ts';
import { READER, READER_SECRET, SHELF, WITH_USERS } from './support/some-users.ts';

e2eTest(
  'authentication is turned on while clients write: users may do what they are declared to, and members come and go',
  { minutes: 12 },
  async (ground) => {
    const { space } = ground;
    const cluster = await applyCluster(ground, { spec: { size: 3, security: TLS } });
    await cluster.untilSettled({ size: 3 });
    await giveUserPassword(space, 'demo');
    await giveSecret(space, READER_SECRET, { password: 'first' });
    const writer = await startWriter(cluster);
    await writer.untilMore(50);
    await etcdctl(cluster, undefined, ['put', 'shop/item', '1']);

    await writer.section('turned on');
    const startedMs = performance.now();
    await cluster.edit({ security: WITH_USERS });
    await untilReason(cluster, 'AuthReady', 'AuthEnabled');
    ground.note(`on after ${seconds(performance.now() - startedMs)}`);
    await writer.untilMore(20);
    const reader = `${READER}:first`;
    assert.equal(await etcdctl(cluster, reader, ['get', 'shop/item', '--print-value-only']), '1');
    await assertRefused(cluster, reader, ['put', 'shop/item', '2']);
    await assertRefused(cluster, reader, ['get', 'bench']);
    await assertRefused(cluster, undefined, ['get', 'shop/item']);
    assert.equal(await saidToCertificate(cluster, SHELF, ['get', 'shop/item', '--print-value-only']), '1');
    assert.match(await saidToCertificate(cluster, SHELF, ['put', 'shop/item', '2']), REFUSED);

    await writer.section('members come and go');
    for (const size of [5, 3]) {
      await cluster.edit({ size });
      ground.note(`at ${size} after ${seconds(await cluster.untilSettled({ size }))}`);
    }
    await replacePods(cluster, [cluster.leader()]);
    await cluster.untilSettled({ size: 3 });
    await replacePods(cluster, ['demo-1'], { claims: true });
    ground.note(`healed after ${seconds(await cluster.untilSettled({ size: 3 }))}`);
    await writer.untilMore(20);
    await assertSound(cluster, {
      size: 3,
      writer,
      warnings: [{ about: 'EtcdCluster/demo', reason: 'MemberGivesUp', message: /LostIdentity/ }],
    });
  },
);
