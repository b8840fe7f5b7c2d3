/** Changes of the template and of the version roll through the members while clients write. */
import assert from 'node:assert/strict';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import { applyCluster, type SpecPatch, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import type { WarningPattern } from './support/expected-warning.ts';
import { assertSound } from './support/oracle.ts';
import { seconds } from './support/seconds.ts';
import { watchReplacements } from './support/watch-replacements.ts';

const ROLL_MS_MAX = 180_000;

const BLOCKED: WarningPattern = { about: 'EtcdCluster/demo', reason: 'UpgradeBlocked' };

const CHANGES: readonly { readonly what: string; readonly spec: EtcdClusterSpec }[] = [
  {
    what: 'an annotation of the Pods',
    spec: { podTemplate: { metadata: { annotations: { team: 'blue' } } } },
  },
  { what: 'an option of etcd', spec: { etcd: { snapshotCount: 5_000 } } },
  { what: 'the resources', spec: { resources: { requests: { memory: '96Mi' } } } },
];

for (const { what, spec } of CHANGES) {
  e2eTest(
    `${what} is changed: Pods are replaced one by one, each when all serve again, and the leader last`,
    { minutes: 8 },
    async (ground) => {
      const cluster = await applyCluster(ground, { spec: { size: 3 } });
      await cluster.untilSettled({ size: 3 });
      const writer = await startWriter(cluster);
      await writer.untilMore(50);
      await writer.section('rolling');
      await roll(cluster, spec);
      await writer.untilMore(20);
      await assertSound(cluster, { size: 3, writer });
    },
  );
}

for (const [from, to] of [
  ['v3.5.35', 'v3.6.16'],
  ['v3.6.16', 'v3.7.3'],
] as const) {
  e2eTest(
    `etcd goes from ${from} to ${to} while clients write, and not back`,
    { minutes: 10 },
    async (ground) => {
      const cluster = await applyCluster(ground, { spec: { size: 3, version: from } });
      await cluster.untilSettled({ size: 3, version: from });
      const writer = await startWriter(cluster);
      await writer.untilMore(50);
      await writer.section('rolling');
      await roll(cluster, { version: to }, to);
      await writer.section('after');
      await refused(cluster, { version: from }, /does not go back from/);
      await cluster.edit({ version: to });
      await writer.untilMore(20);
      await assertSound(cluster, { size: 3, version: to, writer, warnings: [BLOCKED] });
    },
  );
}

e2eTest(
  'a cluster of etcd 3.5 goes to 3.6 and on to 3.7 while clients write; both at once is refused',
  { minutes: 15 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3, version: 'v3.5.35' } });
    await cluster.untilSettled({ size: 3, version: 'v3.5.35' });
    const writer = await startWriter(cluster);
    await writer.untilMore(50);
    await refused(cluster, { version: 'v3.7.3' }, /one minor at a time.*set spec\.version to a 3\.6 first/);
    await writer.section('3.5 to 3.6');
    await roll(cluster, { version: 'v3.6.16' }, 'v3.6.16');
    await writer.section('3.6 to 3.7');
    await roll(cluster, { version: 'v3.7.3' }, 'v3.7.3');
    await writer.section('after');
    await writer.untilMore(20);
    await assertSound(cluster, { size: 3, version: 'v3.7.3', writer, warnings: [BLOCKED] });
  },
);

/** Makes a change that replaces every Pod, and checks how that was done. */
async function roll(cluster: TestCluster, spec: SpecPatch, version?: string): Promise<void> {
  const { ground, space } = cluster;
  const before = new Map(cluster.pods().map(({ name, uid }) => [name, uid]));
  const watch = watchReplacements(cluster);
  const startedMs = performance.now();
  await cluster.edit(spec);
  await space.view.until(
    'every Pod was replaced',
    () =>
      cluster.pods().length === before.size &&
      cluster.pods().every(({ name, uid }) => before.get(name) !== uid),
    ROLL_MS_MAX,
  );
  await cluster.untilSettled({ size: before.size, version });
  ground.note(`${version ?? 'rolled'} after ${seconds(performance.now() - startedMs)}`);
  const replaced = watch.stop();
  const order = replaced.map(({ pod, leader }) => `${pod}${pod === leader ? ' (leads)' : ''}`).join(', ');
  ground.note(`order: ${order}`);
  assert.equal(replaced.length, before.size, `each Pod is replaced once: ${order}`);
  for (const [index, { pod, leader, others }] of replaced.entries()) {
    assert.deepEqual(others, [], `Pods that did not serve when ${pod} was replaced`);
    assert.equal(pod === leader, index === replaced.length - 1, `the leader is the last: ${order}`);
  }
}

/** Asks for a version that cannot follow: a condition says so with a remedy, and nothing is replaced. */
async function refused(cluster: TestCluster, spec: SpecPatch, remedy: RegExp): Promise<void> {
  const before = cluster.pods().map(({ uid }) => uid);
  await cluster.edit(spec);
  const blocked = await cluster.space.view.until('UpgradeBlocked says why', () => {
    const { conditions, observedGeneration } = cluster.status();
    return (
      observedGeneration === cluster.object().metadata.generation &&
      conditions?.find(({ type, status }) => type === 'UpgradeBlocked' && status === 'True')
    );
  });
  assert.match(blocked.message, remedy);
  assert.deepEqual(
    cluster.pods().map(({ uid }) => uid),
    before,
    'the Pods are the same',
  );
}
