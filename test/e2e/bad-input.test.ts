/** Objects that cannot be: refused with a remedy where they are applied, or named in a condition; the good one heals. */
import assert from 'node:assert/strict';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import { applyCluster, manifestOf, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import { assertSound } from './support/oracle.ts';
import { seconds } from './support/seconds.ts';

type Refusal = { readonly what: string; readonly spec: unknown; readonly remedy: RegExp };

const REFUSED: readonly Refusal[] = [
  { what: 'an even size', spec: { size: 2 }, remedy: /use the next odd number/ },
  { what: 'a size below zero', spec: { size: -1 }, remedy: /greater than or equal to 0/ },
  { what: 'a size of eleven', spec: { size: 11 }, remedy: /less than or equal to 9/ },
  { what: 'a size in words', spec: { size: 'three' }, remedy: /must be of type integer/ },
  { what: 'a version that is none', spec: { version: 'latest' }, remedy: /spec\.version/ },
  {
    what: 'a version that is too old',
    spec: { version: 'v3.4.30' },
    remedy: /upgrade an older cluster to 3\.5/,
  },
  {
    what: 'a repository with a tag',
    spec: { repository: 'etcd:v3.6.16' },
    remedy: /remove it, and set version/,
  },
  { what: 'a volume that is too small', spec: { storage: { size: '10Mi' } }, remedy: /at least 256Mi/ },
  {
    what: 'an option that the agent owns',
    spec: { etcd: { extraArgs: { 'initial-cluster-state': 'new' } } },
    remedy: /may hold only .*remove it/s,
  },
  {
    what: 'an option with a value that etcd refuses',
    spec: { etcd: { extraArgs: { 'max-request-bytes': 'many' } } },
    remedy: /whole number; correct the value/,
  },
  {
    what: 'an election time-out that is too short',
    spec: { etcd: { electionTimeoutMs: 300 } },
    remedy: /raise the one or lower the other/,
  },
  {
    what: 'a request above its limit',
    spec: { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
    remedy: /raise the limit or lower the request/,
  },
];

e2eTest(
  'what can never be is refused where it is applied, with what to do instead',
  { minutes: 3 },
  async (ground) => {
    const { kubectl, view } = ground.space;
    for (const { what, spec, remedy } of REFUSED) {
      const { code, stderr } = await kubectl.run(['apply', '-f', '-'], {
        input: manifestOf({ spec: spec as EtcdClusterSpec }),
      });
      assert.notEqual(code, 0, `${what} is accepted`);
      assert.match(stderr, remedy, what);
    }
    assert.deepEqual(view.clusters(), []);
  },
);

e2eTest(
  'a size that cannot be is refused on a cluster that runs, by edit and by kubectl scale',
  { minutes: 6 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 1 } });
    await cluster.untilSettled({ size: 1 });
    const writer = await startWriter(cluster);
    for (const args of [
      ['scale', 'etcdcluster/demo', '--replicas=2'],
      ['patch', 'etcdcluster', 'demo', '--type=merge', '-p', '{"spec":{"size":4}}'],
    ]) {
      const { code, stderr } = await cluster.space.kubectl.run(args);
      assert.notEqual(code, 0);
      assert.match(stderr, /use the next odd number/);
    }
    await writer.untilMore(20);
    await assertSound(cluster, { size: 1, writer });
  },
);

const NO_SUCH_VERSION = 'v3.6.999';
const PULL_FAILS = /ErrImagePull|ImagePullBackOff/;
/** What Kubernetes itself says of an image that is nowhere. */
const PULL_WARNINGS = ['Failed', 'BackOff', 'ErrImagePull', 'ImagePullBackOff', 'InspectFailed'].map(
  (reason) => ({
    about: 'Pod',
    reason,
  }),
);

e2eTest(
  'an image that does not exist is named; with one that does, the cluster comes up',
  { minutes: 10 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3, version: NO_SUCH_VERSION } });
    const said = await untilSaid(cluster, PULL_FAILS);
    assert.match(said, /3\.6\.999/);
    assert.equal(cluster.status().phase, 'Creating');
    const startedMs = performance.now();
    await cluster.edit({ version: 'v3.6.16' });
    await cluster.untilSettled({ size: 3, version: 'v3.6.16' });
    ground.note(`settled ${seconds(performance.now() - startedMs)} after the correction`);
    const writer = await startWriter(cluster);
    await writer.untilMore(20);
    await assertSound(cluster, { size: 3, version: 'v3.6.16', writer, warnings: PULL_WARNINGS });
  },
);

e2eTest(
  'an upgrade to an image that does not exist costs one follower; corrected, it comes back',
  { minutes: 10 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3, version: 'v3.6.16' } });
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await writer.untilMore(50);
    const before = new Map(cluster.pods().map(({ name, uid }) => [name, uid]));
    await writer.section('the wrong image');
    await cluster.edit({ version: NO_SUCH_VERSION });
    await untilSaid(cluster, PULL_FAILS);
    await writer.untilMore(100);
    const replaced = cluster.pods().filter(({ name, uid }) => before.get(name) !== uid);
    assert.equal(
      replaced.length,
      1,
      `Pods that were replaced: ${replaced.map(({ name }) => name).join(', ')}`,
    );
    await writer.section('corrected');
    const startedMs = performance.now();
    await cluster.edit({ version: 'v3.6.16' });
    await cluster.untilSettled({ size: 3, version: 'v3.6.16' });
    ground.note(`settled ${seconds(performance.now() - startedMs)} after the correction`);
    await assertSound(cluster, { size: 3, version: 'v3.6.16', writer, warnings: PULL_WARNINGS });
  },
);

e2eTest(
  'Pods that no node can take are named; with less asked for, the cluster comes up',
  { minutes: 10 },
  async (ground) => {
    const resources = { requests: { cpu: '500' }, limits: { cpu: '500' } };
    const cluster = await applyCluster(ground, { spec: { size: 1, resources } });
    await untilSaid(cluster, /Unschedulable.*Insufficient cpu/);
    await cluster.edit({ resources: null });
    await cluster.untilSettled({ size: 1 });
    const writer = await startWriter(cluster);
    await writer.untilMore(20);
    const warnings = [{ about: 'Pod', reason: 'FailedScheduling' }];
    await assertSound(cluster, { size: 1, writer, warnings });
  },
);

/** The message of `kubectl get -o wide`, once it says what is expected; notes how long after Kubernetes did. */
async function untilSaid({ ground, space, status }: TestCluster, pattern: RegExp): Promise<string> {
  const from = space.view.history.length;
  const said = await space.view.until(`status.message says ${pattern}`, () => {
    const { message = '' } = status();
    return pattern.test(message) && message;
  });
  const first = space.view.history
    .slice(from)
    .find(({ kind, object }) => kind === 'Pod' && pattern.test(JSON.stringify(object['status'])));
  const lag = first === undefined ? '' : ` ${seconds(Date.now() - first.atMs)} after Kubernetes has`;
  ground.note(`status says it${lag}: ${said}`);
  return said;
}
