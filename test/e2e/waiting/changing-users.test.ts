/** Users and roles stay as the spec declares them; who may do what is looked at once a minute. */
import assert from 'node:assert/strict';
import { applyCluster, giveUserPassword, type TestCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import { assertRefused, etcdctl } from '../support/etcdctl.ts';
import { assertSound } from '../support/oracle.ts';
import { untilReason } from '../support/said.ts';
import { seconds } from '../support/seconds.ts';
import { ETCD_USER, userSecretOf, withAuth } from '../support/security-mode.ts';
import { giveSecret } from '../support/some-certificates.ts';
import { READER, READER_SECRET, SHELF, WITH_USERS } from '../support/some-users.ts';

const DRIFT_MS_MAX = 120_000;

e2eTest(
  'what was changed by hand is changed back, and what is changed in the spec or in a Secret is done',
  { minutes: 12 },
  async (ground) => {
    const { space } = ground;
    await giveUserPassword(space, 'demo');
    await giveSecret(space, READER_SECRET, { password: 'first' });
    const cluster = await applyCluster(ground, { spec: { size: 1, security: WITH_USERS } });
    await cluster.untilSettled({ size: 1 });
    await untilReason(cluster, 'AuthReady', 'AuthEnabled');
    const password = await passwordOf(cluster, userSecretOf('demo'));
    const root = `${ETCD_USER}:${password}`;
    const users = async () => (await etcdctl(cluster, root, ['user', 'list'])).split('\n').toSorted();
    assert.deepEqual(await users(), [ETCD_USER, READER, 'root', SHELF]);

    const intruderTold = oneMoreTold(cluster, /intruder/);
    await etcdctl(cluster, root, ['user', 'add', 'intruder', '--no-password']);
    await etcdctl(cluster, root, ['user', 'grant-role', 'intruder', 'root']);
    await etcdctl(cluster, root, ['user', 'revoke-role', READER, 'read-shop']);
    const changedMs = performance.now();
    await intruderTold();
    ground.note(`changed back after ${seconds(performance.now() - changedMs)}`);
    assert.deepEqual(await users(), [ETCD_USER, READER, 'root', SHELF]);
    await etcdctl(cluster, `${READER}:first`, ['get', 'shop/item']);

    const readerTold = oneMoreTold(cluster, /reader/);
    await giveSecret(space, READER_SECRET, { password: 'second' });
    await readerTold();
    await etcdctl(cluster, `${READER}:second`, ['get', 'shop/item']);
    await assertRefused(cluster, `${READER}:first`, ['get', 'shop/item']);

    await space.kubectl.must(['delete', 'secret', READER_SECRET]);
    const { message } = await untilReason(cluster, 'AuthReady', 'SecretMissing', DRIFT_MS_MAX);
    assert.match(message, new RegExp(READER_SECRET));
    await etcdctl(cluster, `${READER}:second`, ['get', 'shop/item']);

    const writer = await startWriter(cluster);
    await writer.untilMore(20);
    await cluster.edit({ security: withAuth('demo') });
    await untilReason(cluster, 'AuthReady', 'AuthEnabled', DRIFT_MS_MAX);
    assert.deepEqual(await users(), [ETCD_USER, 'root'], 'who is declared no more is gone');
    await cluster.edit({ security: { auth: { enabled: false } } });
    await untilReason(cluster, 'AuthReady', 'AuthDisabled', DRIFT_MS_MAX);
    await etcdctl(cluster, undefined, ['get', 'shop/item']);
    await writer.untilMore(20);
    await assertSound(cluster, {
      size: 1,
      writer,
      warnings: [
        { about: 'EtcdCluster/demo', reason: 'SecretMissing' },
        { about: 'EtcdCluster/demo', reason: 'AuthDisabled' },
      ],
    });
  },
);

async function passwordOf({ space }: TestCluster, secret: string): Promise<string> {
  const text = await space.kubectl.must(['get', 'secret', secret, '-o', 'jsonpath={.data.password}']);
  return Buffer.from(text, 'base64').toString('utf8');
}

/** To be called before what it waits for: resolves once one more Event tells of users or roles that are called so. */
function oneMoreTold(cluster: TestCluster, what: RegExp): () => Promise<unknown> {
  const { view } = cluster.space;
  const told = (): number =>
    view
      .events()
      .filter(({ reason, message }) => reason === 'AuthChanged' && what.test(message))
      .reduce((sum, { count }) => sum + count, 0);
  const before = told();
  return () => view.until(`an Event tells of ${what}`, () => told() > before, DRIFT_MS_MAX);
}
