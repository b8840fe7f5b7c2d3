/** `etcdctl` as people use it who are users of etcd. */
import assert from 'node:assert/strict';
import type { TestCluster } from './a-cluster.ts';
import { bareContainer, barePod } from './bare-pod.ts';

/** Why etcd refuses, beside what it says of the connection. */
export const REFUSED = /permission denied|user name is empty|authentication failed|invalid auth token/;

/** What `etcdctl` prints, run beside a member with that member's certificate, as `user` (`NAME:PASSWORD`) or nobody. */
export async function etcdctl(
  cluster: TestCluster,
  user: string | undefined,
  args: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await runEtcdctl(cluster, user, args);
  assert.equal(code, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

export async function assertRefused(
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
export async function saidToCertificate(
  { space }: TestCluster,
  user: string,
  args: readonly string[],
): Promise<string> {
  const image = await space.kubectl.must([
    'get',
    'pod',
    'demo-0',
    '-o',
    'jsonpath={.spec.containers[?(@.name=="etcd")].image}',
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
