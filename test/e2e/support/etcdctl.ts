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
  const who = user === undefined ? [] : [`--user=${user}`];
  const command = commandWith('/etc/quorate/tls/client', 'localhost', [...who, ...args]);
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
  const visitor = barePod(pod, {
    containers: [
      {
        ...bareContainer('etcdctl', image, commandWith('/tls', 'demo-client', args)),
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

/** With the certificate that lies in `folder`. */
function commandWith(folder: string, host: string, args: readonly string[]): readonly string[] {
  const files = [`--cacert=${folder}/ca.crt`, `--cert=${folder}/tls.crt`, `--key=${folder}/tls.key`];
  return ['/usr/local/bin/etcdctl', `--endpoints=https://${host}:2379`, ...files, ...args];
}
