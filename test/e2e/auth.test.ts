/** etcd asks who you are: users and roles are as the spec declares them, on clusters that run. */
import assert from 'node:assert/strict';
import type { SecuritySpec } from '../../src/api/security-spec.ts';
import { applyCluster, giveUserPassword, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { bareContainer, barePod } from './support/bare-pod.ts';
import { e2eTest } from './support/e2e-test.ts';
import { assertSound } from './support/oracle.ts';
import { replacePods } from './support/replace-pods.ts';
import { untilReason } from './support/said.ts';
import { seconds } from './support/seconds.ts';
import { ETCD_USER, TLS, userSecretOf, withAuth } from './support/security-mode.ts';
import { giveSecret } from './support/some-certificates.ts';

const READER = 'reader';
const READER_SECRET = 'reader-password';
/** Has no password. */
const SHELF = 'shelf';
/** Who may do what is looked at once a minute. */
const DRIFT_MS_MAX = 120_000;
/** Why etcd refuses, beside what it says of the connection. */
const REFUSED = /permission denied|user name is empty|authentication failed|invalid auth token/;

const SECURITY: SecuritySpec = {
  ...TLS,
  auth: {
    enabled: true,
    users: [
      { name: ETCD_USER, passwordSecret: { name: userSecretOf('demo') }, roles: ['root'] },
      { name: READER, passwordSecret: { name: READER_SECRET }, roles: ['read-shop'] },
      { name: SHELF, roles: ['read-shop'] },
    ],
    roles: [{ name: 'read-shop', permissions: [{ access: 'Read', key: 'shop/', prefix: true }] }],
  },
};

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
    await cluster.edit({ security: SECURITY });
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

e2eTest(
  'what was changed by hand is changed back, and what is changed in the spec or in a Secret is done',
  { minutes: 12 },
  async (ground) => {
    const { space } = ground;
    await giveUserPassword(space, 'demo');
    await giveSecret(space, READER_SECRET, { password: 'first' });
    const cluster = await applyCluster(ground, { spec: { size: 1, security: SECURITY } });
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
    await cluster.space.view.until(
      'the reader is gone',
      () => cluster.status().observedGeneration !== undefined,
    );
    await untilReason(cluster, 'AuthReady', 'AuthEnabled', DRIFT_MS_MAX);
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

/** What `etcdctl` prints, run beside a member with that member's certificate, as `user` (`NAME:PASSWORD`) or nobody. */
async function etcdctl(
  cluster: TestCluster,
  user: string | undefined,
  args: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await runEtcdctl(cluster, user, args);
  assert.equal(code, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

async function assertRefused(
  cluster: TestCluster,
  user: string | undefined,
  args: readonly string[],
): Promise<void> {
  const { code, stderr } = await runEtcdctl(cluster, user, args);
  assert.notEqual(code, 0, `etcdctl ${args.join(' ')} was to be refused`);
  assert.match(stderr, REFUSED);
}

function runEtcdctl({ space }: TestCluster, user: string | undefined, args: readonly string[]) {
  const files = ['cacert=ca.crt', 'cert=tls.crt', 'key=tls.key'].map((flag) => {
    const [name = '', file = ''] = flag.split('=');
    return `--${name}=${TLS_FILES}/${file}`;
  });
  const who = user === undefined ? [] : [`--user=${user}`];
  const command = ['/usr/local/bin/etcdctl', '--endpoints=https://localhost:2379', ...files, ...who, ...args];
  return space.kubectl.run(['exec', 'demo-0', '-c', 'etcd', '--', ...command]);
}

/** What `etcdctl` prints in a Pod of its own that mounts the certificate of `user` and nothing else. */
async function saidToCertificate(
  { space }: TestCluster,
  user: string,
  args: readonly string[],
): Promise<string> {
  const image = await space.kubectl.must([
    'get',
    'pod',
    'demo-0',
    '-o',
    'jsonpath={.spec[*][?(@.name=="etcd")].image}',
  ]);
  const pod = `${user}-${args[0]}`;
  const files = ['--cacert=/tls/ca.crt', '--cert=/tls/tls.crt', '--key=/tls/tls.key'];
  const command = ['/usr/local/bin/etcdctl', '--endpoints=https://demo-client:2379', ...files, ...args];
  const visitor = barePod(pod, {
    containers: [
      {
        ...bareContainer('etcdctl', image, command),
        volumeMounts: [{ name: 'tls', mountPath: '/tls', readOnly: true }],
      },
    ],
    volumes: [{ name: 'tls', secret: { secretName: `demo-user-${user}-tls` } }],
  });
  await space.kubectl.must(['create', '-f', '-'], { input: JSON.stringify(visitor) });
  await space.view.until(`${pod} has ended`, () =>
    space.view.pod(pod)?.containers.find(({ state }) => state === 'terminated'),
  );
  return (await space.kubectl.must(['logs', pod])).trim();
}

const TLS_FILES = '/etc/quorate/tls/client';

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
