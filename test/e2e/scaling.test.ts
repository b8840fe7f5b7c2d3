/** Sizes are edited, also while the last edit is under way; members follow, and volumes stay. */
import assert from 'node:assert/strict';
import { applyCluster, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import type { WarningPattern } from './support/expected-warning.ts';
import { assertMembers, assertSound } from './support/oracle.ts';
import { seconds } from './support/seconds.ts';

const ROUNDS = 3;
const STAGES = [3, 5, 3, 1, 0, 3] as const;

/** A member that comes back on the volume it had before it left sets that data aside and joins anew. */
const CAME_BACK: WarningPattern = {
  about: 'EtcdCluster/demo',
  reason: 'MemberGivesUp',
  message: /RemovedData/,
};

e2eTest(
  'from 1 to 3, 5, 3, 1, 0 and 3, three times round on kept volumes: at each stage the Pods are the members',
  { minutes: 20 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 1 } });
    await cluster.untilSettled({ size: 1 });
    const writer = await startWriter(cluster);
    for (let round = 1; round <= ROUNDS; round++) {
      let size = 1;
      if (round > 1) {
        await goTo(cluster, 1);
      }
      const times: string[] = [];
      for (const next of STAGES) {
        await writer.section(`round ${round}, ${size} to ${next}`);
        const tookMs = await goTo(cluster, next);
        times.push(`${size}→${next} ${seconds(tookMs)}`);
        size = next;
        if (next > 0) {
          await assertMembers(cluster);
        }
      }
      ground.note(`round ${round}: ${times.join(', ')}`);
    }
    const kept = [...cluster.space.view.claims().keys()];
    const wanted = [0, 1, 2, 3, 4].map((ordinal) => `data-demo-${ordinal}`);
    assert.deepEqual(kept, wanted, 'volumes');
    const { history } = cluster.space.view;
    const lost = history.filter(
      ({ kind, change }) => kind === 'PersistentVolumeClaim' && change === 'removed',
    );
    assert.deepEqual(lost, [], 'volumes that were removed on the way');
    const quarantined = ['demo-1', 'demo-2', 'demo-3', 'demo-4'];
    // An etcd that starts on data of a removed member ends, and the kubelet takes its time.
    const warnings = [CAME_BACK, { about: 'Pod', reason: 'BackOff', message: /container etcd/ }];
    await assertSound(cluster, { size: 3, writer, quarantined, warnings });
  },
);

/** Until enough of those that stay are voters, the way down is held; and who was told to go before it ever started is removed. */
const TURNED_BACK: readonly WarningPattern[] = [
  { about: 'EtcdCluster/demo', reason: 'ScalingHeld' },
  { about: 'EtcdCluster/demo', reason: 'MemberGivesUp', message: /OrphanedMember|LearnerNeverStarted/ },
];

e2eTest('5 is wanted and then 3, while members still join: it ends at 3', { minutes: 10 }, async (ground) => {
  const cluster = await applyCluster(ground, { spec: { size: 1 } });
  await cluster.untilSettled({ size: 1 });
  const writer = await startWriter(cluster);
  await cluster.edit({ size: 5 });
  await cluster.space.view.until(
    'a second member is listed',
    () => (cluster.status().members ?? []).filter(({ id }) => id !== undefined).length > 1,
  );
  const tookMs = await goTo(cluster, 3);
  ground.note(`at 3 after ${seconds(tookMs)}`);
  await assertSound(cluster, { size: 3, writer, warnings: TURNED_BACK });
});

e2eTest(
  '1 is wanted and then 3 again, while members still leave: it ends at 3',
  { minutes: 10 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3 } });
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await cluster.edit({ size: 1 });
    await cluster.space.view.until('a Pod is being deleted', () =>
      cluster.pods().some(({ deleting }) => deleting),
    );
    const tookMs = await goTo(cluster, 3);
    ground.note(`at 3 again after ${seconds(tookMs)}`);
    const quarantined = ['demo-1', 'demo-2'];
    // An etcd that starts on data of a removed member ends, and the kubelet takes its time.
    const warnings = [CAME_BACK, { about: 'Pod', reason: 'BackOff', message: /container etcd/ }];
    await assertSound(cluster, { size: 3, writer, quarantined, warnings });
  },
);

e2eTest('kubectl scale etcdcluster grows and shrinks a cluster', { minutes: 10 }, async (ground) => {
  const cluster = await applyCluster(ground, { spec: { size: 1 } });
  await cluster.untilSettled({ size: 1 });
  const writer = await startWriter(cluster);
  for (const size of [3, 1]) {
    const { generation = 0 } = cluster.object().metadata;
    await cluster.space.kubectl.must(['scale', 'etcdcluster/demo', `--replicas=${size}`]);
    await cluster.space.view.until(
      `size ${size} is seen`,
      () => (cluster.object().metadata.generation ?? 0) > generation,
    );
    ground.note(`at ${size} after ${seconds(await cluster.untilSettled({ size }))}`);
  }
  await assertSound(cluster, { size: 1, writer });
});

async function goTo(cluster: TestCluster, size: number): Promise<number> {
  const startedMs = performance.now();
  await cluster.edit({ size });
  await cluster.untilSettled({ size });
  return performance.now() - startedMs;
}
