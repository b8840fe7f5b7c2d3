/** The operator is away, or dies at every step: agents heal without it, and it takes up where it was. */
import assert from 'node:assert/strict';
import { applyCluster, type TestCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import { gatewayOf } from '../support/etcd-ask.ts';
import { assertNothingHappens } from '../support/nothing-happens.ts';
import { assertSound } from '../support/oracle.ts';
import { replacePods } from '../support/replace-pods.ts';
import { seconds } from '../support/seconds.ts';
import { strike } from '../support/strike.ts';

e2eTest(
  'while no operator runs, members that are killed, deleted or emptied come back; afterwards status is right again',
  { minutes: 10 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3 } });
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await writer.untilMore(50);
    await ground.operator.stop();
    const leader = cluster.leader();
    const [struck = '', emptied = ''] = cluster.pods().flatMap(({ name }) => (name === leader ? [] : [name]));

    await writer.section('etcd of a follower is killed');
    await strike(cluster, struck, 'etcd');
    await untilServing(cluster, struck, 1);
    await writer.section('the Pod of the leader is deleted');
    await replacePods(cluster, [leader]);
    await untilServing(cluster, leader, 0);
    await writer.section('a follower loses its volume');
    await replacePods(cluster, [emptied], { claims: true });
    await untilServing(cluster, emptied, 0);
    await writer.section('a size is wanted');
    await cluster.edit({ size: 5 });
    assert.equal(cluster.pods().length, 3, 'Pods while nobody is there to make any');
    await writer.untilMore(20);

    await writer.section('the operator is back');
    const startedMs = performance.now();
    await ground.operator.start();
    await cluster.untilSettled({ size: 5 });
    ground.note(
      `status is right and two members have joined ${seconds(performance.now() - startedMs)} after its start`,
    );
    await assertSound(cluster, {
      size: 5,
      writer,
      restarts: { [`${struck}/etcd`]: 1 },
      warnings: [{ about: 'EtcdCluster/demo', reason: 'MemberGivesUp', message: /LostIdentity/ }],
    });
  },
);

e2eTest(
  'an operator that dies at every step of a create and of a scale leaves nothing undone',
  { minutes: 15 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3 } });
    const { view } = cluster.space;
    const ready = (): number => cluster.pods().filter((pod) => pod.ready).length;
    const replicas = (): unknown => {
      const spec = view.statefulSet('demo')?.['spec'];
      return typeof spec === 'object' && spec !== null && 'replicas' in spec ? spec.replicas : undefined;
    };
    await dieAtEach(cluster, [
      ['the finalizer is set', () => (cluster.object().metadata.finalizers ?? []).length > 0],
      ['the record is there', () => view.record('demo') !== undefined],
      ['the StatefulSet is there', () => view.statefulSet('demo') !== undefined],
      ['a status is there', () => cluster.object().status?.phase !== undefined],
      ['a Pod is there', () => cluster.pods().length > 0],
      ['the cluster is formed', () => view.record('demo')?.phase === 'Formed'],
      ['two members serve', () => ready() >= 2],
    ]);
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await writer.section('3 to 5');
    await cluster.edit({ size: 5 });
    await dieAtEach(cluster, [
      ['the StatefulSet is edited', () => replicas() === 5],
      ['a fourth Pod is there', () => cluster.pods().length > 3],
      ['four members serve', () => ready() >= 4],
    ]);
    await cluster.untilSettled({ size: 5 });
    await writer.section('5 to 3');
    await cluster.edit({ size: 3 });
    await dieAtEach(cluster, [
      ['the StatefulSet is edited', () => replicas() === 3],
      ['a Pod leaves', () => cluster.pods().some(({ deleting }) => deleting) || cluster.pods().length < 5],
    ]);
    await assertSound(cluster, { size: 3, writer });
  },
);

/** An operator has looked at everything, and heard every agent, long before. */
const QUIET_MS = 20_000;

e2eTest(
  'an operator that comes back to a cluster that is settled writes nothing and tells nothing',
  { minutes: 8 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3 } });
    await cluster.untilSettled({ size: 3 });
    // Agents compare hashes and note what they found for a moment after the last one has joined.
    await ground.operator.stop();
    await assertNothingHappens(ground, cluster.space, QUIET_MS, ({ kind }) => kind !== 'Event');
    await ground.operator.start();
    await assertNothingHappens(ground, cluster.space, QUIET_MS, () => true);
    await assertSound(cluster, { size: 3 });
  },
);

type Step = readonly [what: string, isThere: () => boolean];

/** Ends the operator as soon as each step is seen, now with a word and now without, and starts the next one. */
async function dieAtEach({ ground, space }: TestCluster, steps: readonly Step[]): Promise<void> {
  for (const [index, [what, isThere]] of steps.entries()) {
    await space.view.until(what, isThere);
    await (index % 2 === 0 ? ground.operator.kill() : ground.operator.stop());
    await ground.operator.start();
  }
}

/** Resolves once the Pod serves, its etcd restarted so often, and its member is a voter by the others' list. */
async function untilServing(cluster: TestCluster, pod: string, restarts: number): Promise<void> {
  const startedMs = performance.now();
  await cluster.space.view.until(`${pod} serves again`, () => {
    const found = cluster.space.view.pod(pod);
    const etcd = found?.containers.find(({ name }) => name === 'etcd');
    return found?.ready === true && !found.deleting && etcd?.restarts === restarts;
  });
  const gateway = gatewayOf(cluster);
  const { members } = await gateway.listMembers(pod);
  assert.deepEqual(members.map(({ name }) => name).toSorted(), ['demo-0', 'demo-1', 'demo-2']);
  assert.ok(members.every(({ isLearner }) => !isLearner));
  cluster.ground.note(
    `${pod} serves again after ${seconds(performance.now() - startedMs)}, without an operator`,
  );
}
