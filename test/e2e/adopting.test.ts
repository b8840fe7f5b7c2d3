/** The volumes of an etcd that somebody ran before, by a StatefulSet written by hand. */
import assert from 'node:assert/strict';
import { plainEtcd } from '../../scripts/bench-kube/plain-etcd.ts';
import { applyCluster, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import { askInPlainText } from './support/etcd-ask.ts';
import { createEtcdGateway } from './support/etcd-gateway.ts';
import type { WarningPattern } from './support/expected-warning.ts';
import type { Space } from './support/ground.ts';
import { assertSound } from './support/oracle.ts';
import { seconds } from './support/seconds.ts';

const NAME = 'demo';
const SIZE = 3;
const VERSION = { major: 3, minor: 6, patch: 16 } as const;
const PODS_END_SECONDS = 90;

const WARNINGS: readonly WarningPattern[] = [
  { about: 'EtcdCluster/demo', reason: 'NameTaken' },
  { about: 'EtcdCluster/demo', reason: 'ClusterFailed' },
  { about: 'EtcdCluster/demo', reason: 'MemberNeedsHuman', message: /FormationBlocked/ },
];

e2eTest(
  'a plain StatefulSet of etcd is left alone; once it is deleted, its volumes are adopted with everything in them',
  { minutes: 10 },
  async (ground) => {
    const { space } = ground;
    for (const object of plainEtcd({
      name: NAME,
      namespace: space.namespace,
      size: SIZE,
      version: VERSION,
    })) {
      await space.kubectl.must(['apply', '-f', '-'], { input: JSON.stringify(object) });
    }
    const pods = (): readonly string[] =>
      space.view.pods().flatMap(({ name, ready }) => (ready && name.startsWith(`${NAME}-`) ? [name] : []));
    await space.view.until('the plain etcd serves', () => pods().length === SIZE);
    const gateway = createEtcdGateway(askInPlainText(ground.access, space.namespace, ground.signal));
    const before = await gateway.listMembers(`${NAME}-0`);
    const claims = [...space.view.claims()];
    const writer = await startWriter({ ground, space, name: NAME });
    await writer.untilMore(50);

    await writer.section('an EtcdCluster of its name is applied');
    const cluster = await applyCluster(ground, {
      // Members on these volumes know each other in plain text.
      spec: { size: SIZE, version: 'v3.6.16', security: {} },
    });
    await untilReason(cluster, 'Progressing', 'NameTaken');
    await writer.untilMore(50);
    assert.equal(pods().length, SIZE, 'the plain Pods serve on');

    await writer.section('the plain set is deleted, its volumes are adopted');
    const objects = [`statefulset/${NAME}`, `service/${NAME}-peer`, `service/${NAME}-client`];
    await space.kubectl.must(
      ['delete', ...objects, '--cascade=foreground', `--timeout=${PODS_END_SECONDS}s`],
      { timeoutMs: PODS_END_SECONDS * 1_500 },
    );
    await untilReason(cluster, 'Available', 'FormationBlocked');
    assert.deepEqual([...space.view.claims()], claims, 'volumes while it is blocked');
    const startedMs = performance.now();
    await space.kubectl.must(['annotate', 'etcdcluster', NAME, 'etcd.etcd.io/adopt=true']);
    await cluster.untilSettled({ size: SIZE });
    ground.note(`settled ${seconds(performance.now() - startedMs)} after the word`);
    await writer.untilMore(20);
    await assertSound(cluster, { size: SIZE, writer, warnings: WARNINGS });
    assert.equal(cluster.status().clusterID, before.clusterId, 'it is the same cluster');
    const ids = (cluster.status().members ?? []).map(({ id }) => id).toSorted();
    assert.deepEqual(ids, before.members.map(({ id }) => id).toSorted(), 'and these are its members');
    assert.deepEqual([...space.view.claims()], claims, 'on the same volumes');
    await growsAndShrinks(cluster);
  },
);

/** What was adopted is a cluster as any other. */
async function growsAndShrinks(cluster: TestCluster): Promise<void> {
  for (const size of [5, 3]) {
    await cluster.edit({ size });
    await cluster.untilSettled({ size });
  }
  await assertSound(cluster, { size: 3, warnings: WARNINGS });
}

async function untilReason(
  cluster: { readonly space: Space; readonly status: TestCluster['status'] },
  type: string,
  reason: string,
): Promise<void> {
  await cluster.space.view.until(`${type} says ${reason}`, () =>
    cluster.status().conditions?.some((each) => each.type === type && each.reason === reason),
  );
}
