/** Volumes grow where their StorageClass lets them; where it does not, that is named, and nothing else is touched. */
import assert from 'node:assert/strict';
import * as v from 'valibot';
import { applyCluster, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import type { Ground } from './support/ground.ts';
import { assertSound } from './support/oracle.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

const classesSchema = v.object({
  items: v.array(
    v.looseObject({
      metadata: v.object({ annotations: v.optional(v.record(v.string(), v.string()), {}) }),
      provisioner: v.string(),
    }),
  ),
});
const storage = v.object({ storage: v.string() });
const claimsSchema = v.object({
  items: v.array(
    v.object({
      metadata: v.object({ name: v.string() }),
      spec: v.object({ resources: v.object({ requests: storage }) }),
    }),
  ),
});

e2eTest(
  'a larger volume is wanted: every claim asks for it, etcd runs on, and the cluster is settled when all have it',
  { minutes: 8 },
  async (ground) => {
    const className = `quorate-e2e-${ground.space.namespace}`.slice(0, 60);
    await createGrowingClass(ground, className);
    try {
      const spec = { size: 3, storage: { size: '1Gi', storageClassName: className } };
      const cluster = await applyCluster(ground, { spec });
      await cluster.untilSettled({ size: 3 });
      const writer = await startWriter(cluster);
      await writer.section('2Gi is wanted');
      const uids = cluster.pods().map(({ uid }) => uid);
      await cluster.edit({ storage: { size: '2Gi', storageClassName: className } });
      await untilReason(cluster, 'VolumesGrowing');
      const asked = await claimsOf(cluster);
      assert.deepEqual(new Set(asked.values()), new Set(['2Gi']));
      await enlarge(cluster, [...asked.keys()]);
      await writer.untilMore(20);
      await assertSound(cluster, { size: 3, writer });
      assert.deepEqual(
        cluster.pods().map(({ uid }) => uid),
        uids,
        'no Pod was replaced',
      );
      await cluster.edit({ size: 5 });
      await untilAllAskFor(cluster, 5, '2Gi');
      await enlarge(cluster, [...(await claimsOf(cluster)).keys()]);
      await cluster.untilSettled({ size: 5 });
    } finally {
      await ground.kubectl.must(['delete', 'storageclass', className, '--ignore-not-found']);
    }
  },
);

e2eTest(
  'a StorageClass that lets nothing grow: that is named, and everything else goes on',
  { minutes: 8 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 1 } });
    await cluster.untilSettled({ size: 1 });
    const writer = await startWriter(cluster);
    await cluster.edit({ storage: { size: '2Gi' } });
    const message = await untilReason(cluster, 'ObjectRefused');
    assert.match(message, /PersistentVolumeClaim data-demo-0 of 2Gi/);
    ground.note(`status: ${message}`);
    await writer.untilMore(20);
    await writer.section('its template is changed all the same');
    const [before] = cluster.pods();
    await cluster.edit({ podTemplate: { metadata: { annotations: { team: 'blue' } } } });
    await cluster.space.view.until('the Pod is replaced', () =>
      cluster.pods().some(({ uid, ready }) => uid !== before?.uid && ready),
    );
    await writer.finish();
  },
);

/** As the default class, but its volumes may grow. */
async function createGrowingClass({ kubectl }: Ground, name: string): Promise<void> {
  const list = await kubectl.must(['get', 'storageclass', '-o', 'json']);
  const { items } = v.parse(classesSchema, JSON.parse(list));
  const usual = items.find(({ metadata }) => metadata.annotations[DEFAULT_CLASS] === 'true') ?? items[0];
  assert.ok(usual !== undefined, 'the cluster has a StorageClass');
  const growing = { ...usual, metadata: { name }, allowVolumeExpansion: true };
  await kubectl.must(['create', '-f', '-'], { input: JSON.stringify(growing) });
}

async function untilReason(cluster: TestCluster, reason: string): Promise<string> {
  const found = await cluster.space.view.until(`Progressing says ${reason}`, () =>
    cluster.status().conditions?.find((each) => each.type === 'Progressing' && each.reason === reason),
  );
  return found.message;
}

/** What each claim asks for. */
async function claimsOf({ space }: TestCluster): Promise<ReadonlyMap<string, string>> {
  const list = await space.kubectl.must(['get', 'pvc', '-o', 'json']);
  const { items } = v.parse(claimsSchema, JSON.parse(list));
  return new Map(items.map(({ metadata, spec }) => [metadata.name, spec.resources.requests.storage]));
}

/** Says what a driver says that has enlarged volumes; those of a real one do so by themselves. */
async function enlarge({ space }: TestCluster, claims: readonly string[]): Promise<void> {
  const patch = JSON.stringify({ status: { capacity: { storage: '2Gi' } } });
  for (const name of claims) {
    await space.kubectl.must(['patch', 'pvc', name, '--subresource=status', '--type=merge', '-p', patch]);
  }
}

/** The templates of a StatefulSet never change, so that new claims begin small and grow like the others. */
async function untilAllAskFor(cluster: TestCluster, count: number, size: string): Promise<void> {
  for (;;) {
    cluster.ground.signal.throwIfAborted();
    const asked = await claimsOf(cluster);
    if (asked.size === count && [...asked.values()].every((each) => each === size)) {
      return;
    }
  }
}
