/** Where Kubernetes has no native sidecars, the agent is an ordinary container beside etcd: all holds as ever. */
import assert from 'node:assert/strict';
import { applyCluster, type TestCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import { assertSound } from '../support/oracle.ts';
import { replacePods } from '../support/replace-pods.ts';
import { seconds } from '../support/seconds.ts';
import { strike } from '../support/strike.ts';

const ORDINARY = ['--sidecar-mode=ordinary'];
const ROLL_MS_MAX = 180_000;

e2eTest(
  'with ordinary sidecars a cluster forms, scales, restarts and heals; native ones cost it one roll-out',
  { minutes: 15 },
  async (ground) => {
    await ground.operator.stop();
    await ground.operator.start(ORDINARY);
    try {
      const cluster = await applyCluster(ground, { spec: { size: 3 } });
      ground.note(`formed in ${seconds(await cluster.untilSettled({ size: 3 }))}`);
      assert.deepEqual(nativeIn(cluster), [], 'Pods with a native sidecar');
      const writer = await startWriter(cluster);
      await writer.untilMore(50);
      for (const size of [5, 3, 1, 3]) {
        await writer.section(`to ${size}`);
        await cluster.edit({ size });
        ground.note(`at ${size} after ${seconds(await cluster.untilSettled({ size }))}`);
      }
      const leader = cluster.leader();
      const followers = cluster.pods().flatMap(({ name }) => (name === leader ? [] : [name]));
      const [struck = '', emptied = ''] = followers;
      for (const container of ['agent', 'etcd']) {
        await writer.section(`the ${container} of a follower is killed`);
        await strike(cluster, struck, container);
        await untilRestarted(cluster, struck, container);
        await cluster.untilSettled({ size: 3 });
      }
      await writer.section('the Pod of the leader is deleted');
      await replacePods(cluster, [leader]);
      await cluster.untilSettled({ size: 3 });
      await writer.section('a volume is lost');
      await replacePods(cluster, [emptied], { claims: true });
      await cluster.untilSettled({ size: 3 });
      await writer.section('native sidecars');
      await ground.operator.stop();
      await ground.operator.start();
      await cluster.space.view.until(
        'every Pod has a native one',
        () => nativeIn(cluster).length === 3,
        ROLL_MS_MAX,
      );
      await assertSound(cluster, {
        size: 3,
        writer,
        quarantined: ['demo-1', 'demo-2'],
        warnings: [
          { about: 'EtcdCluster/demo', reason: 'MemberGivesUp', message: /LostIdentity|RemovedData/ },
        ],
      });
    } finally {
      await ground.operator.stop();
      await ground.operator.start();
    }
  },
);

function nativeIn(cluster: TestCluster): readonly string[] {
  const isNative = (pod: string): boolean =>
    cluster.space.view.pod(pod)?.containers.some(({ name, init }) => name === 'agent' && init) === true;
  return cluster.pods().flatMap(({ name }) => (isNative(name) ? [name] : []));
}

async function untilRestarted({ space }: TestCluster, pod: string, container: string): Promise<void> {
  await space.view.until(`${container} of ${pod} is started again`, () =>
    space.view
      .pod(pod)
      ?.containers.some(
        ({ name, restarts, state }) => name === container && restarts === 1 && state === 'running',
      ),
  );
}
