/** From nothing to a cluster that serves. */
import assert from 'node:assert/strict';
import { applyCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import { assertSound } from './support/oracle.ts';
import { seconds } from './support/seconds.ts';

const PATIENCE_SECONDS = 90;
/** On two busy cores seven etcds and seven agents take their time to start. */
const PATIENCE_MS_PER_MEMBER = 40_000;

for (const size of [1, 3, 5, 7]) {
  e2eTest(
    `a cluster of ${size} that is applied becomes available, and every member votes`,
    { minutes: 8 },
    async (ground) => {
      const startedMs = performance.now();
      const cluster = await applyCluster(ground, { spec: { size } });
      await cluster.waitFor('condition=Available', PATIENCE_SECONDS);
      ground.note(`available after ${seconds(performance.now() - startedMs)}`);
      await cluster.untilSettled({ size }, PATIENCE_MS_PER_MEMBER * (size + 1));
      ground.note(`settled after ${seconds(performance.now() - startedMs)}`);
      const writer = await startWriter(cluster);
      await writer.untilMore(100);
      await assertSound(cluster, { size, writer });
    },
  );
}

e2eTest(
  'two clusters of one name in two namespaces know nothing of each other',
  { minutes: 8, namespaces: 2 },
  async (ground) => {
    const clusters = await Promise.all(
      ground.spaces.map((space) => applyCluster(ground, { space, spec: { size: 3 } })),
    );
    await Promise.all(clusters.map((cluster) => cluster.untilSettled({ size: 3 })));
    const writers = await Promise.all(clusters.map((cluster) => startWriter(cluster)));
    const ids = clusters.map((cluster) => cluster.status().clusterID);
    assert.equal(new Set(ids).size, 2, `cluster IDs ${ids.join(', ')}`);
    for (const [index, cluster] of clusters.entries()) {
      const writer = writers[index];
      await writer?.untilMore(50);
      await assertSound(cluster, { size: 3, ...(writer === undefined ? {} : { writer }) });
    }
  },
);
