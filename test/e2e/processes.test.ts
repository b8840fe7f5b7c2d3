/** Processes are killed and Pods are deleted; the others go on, and what was lost comes back by itself. */
import assert from 'node:assert/strict';
import { applyCluster, type TestCluster } from './support/a-cluster.ts';
import { startWriter, type Writer } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import type { Ground } from './support/ground.ts';
import { assertSound } from './support/oracle.ts';
import { replacePods } from './support/replace-pods.ts';
import { seconds } from './support/seconds.ts';
import { strike } from './support/strike.ts';

for (const who of ['leader', 'follower'] as const) {
  for (const container of ['etcd', 'agent'] as const) {
    e2eTest(
      `the ${container} of the ${who} is killed: it alone is started again, and nobody is replaced`,
      { minutes: 8 },
      async (ground) => {
        const { cluster, writer, ids } = await aCluster(ground);
        const pod = chosen(cluster, who);
        const { at } = await strike(cluster, pod, container);
        await cluster.space.view.until(`${container} of ${pod} is started again`, () =>
          cluster.space.view
            .pod(pod)
            ?.containers.some(
              (each) => each.name === container && each.restarts === 1 && each.state === 'running',
            ),
        );
        await cluster.untilSettled({ size: 3 });
        ground.note(`settled ${seconds(Date.now() - Date.parse(at))} after the kill at ${at}`);
        await writer.untilMore(20);
        await assertSound(cluster, {
          size: 3,
          writer,
          restarts: { [`${pod}/${container}`]: 1 },
        });
        assert.deepEqual(memberIds(cluster), ids, 'the members are the same as before');
      },
    );
  }
}

e2eTest(
  'the leader’s Pod is deleted: another leads, and the Pod comes back as the same member',
  { minutes: 8 },
  async (ground) => {
    const { cluster, writer, ids } = await aCluster(ground);
    const pod = cluster.leader();
    const startedMs = performance.now();
    await replacePods(cluster, [pod]);
    await cluster.untilSettled({ size: 3 });
    ground.note(`settled ${seconds(performance.now() - startedMs)} after the deletion`);
    await writer.untilMore(20);
    await assertSound(cluster, { size: 3, writer });
    assert.deepEqual(memberIds(cluster), ids, 'the members are the same as before');
  },
);

e2eTest(
  'all Pods are deleted at once: the same members come back with everything',
  { minutes: 8 },
  async (ground) => {
    const { cluster, writer, ids } = await aCluster(ground);
    const startedMs = performance.now();
    await replacePods(
      cluster,
      cluster.pods().map(({ name }) => name),
    );
    await cluster.untilSettled({ size: 3 });
    ground.note(`settled ${seconds(performance.now() - startedMs)} after the deletion`);
    await writer.untilMore(20);
    // While they go, nobody has a quorum, and that is said.
    const warnings = [{ about: 'EtcdCluster/demo', reason: 'QuorumLost' }];
    await assertSound(cluster, { size: 3, writer, warnings });
    assert.deepEqual(memberIds(cluster), ids, 'the members are the same as before');
  },
);

async function aCluster(
  ground: Ground,
): Promise<{ readonly cluster: TestCluster; readonly writer: Writer; readonly ids: readonly string[] }> {
  const cluster = await applyCluster(ground, { spec: { size: 3 } });
  await cluster.untilSettled({ size: 3 });
  const writer = await startWriter(cluster);
  await writer.untilMore(50);
  await writer.section('the fault');
  return { cluster, writer, ids: memberIds(cluster) };
}

function chosen(cluster: TestCluster, who: 'leader' | 'follower'): string {
  const leader = cluster.leader();
  const pod = cluster.pods().find(({ name }) => (name === leader) === (who === 'leader'));
  assert.ok(pod !== undefined);
  return pod.name;
}

function memberIds(cluster: TestCluster): readonly string[] {
  return (cluster.status().members ?? []).map(({ name, id }) => `${name} ${id}`);
}
