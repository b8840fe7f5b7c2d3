/** Somebody else has a hand in a cluster's objects. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { APPLIED_KINDS, CONFIG_MAP, STATEFUL_SET } from '../../src/operator/kinds.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import {
  anOperatorGround,
  conditionOf,
  createCluster,
  membersIn,
  objectsOf,
  type PlayedCluster,
  pathIn,
  podsOf,
  startOperator,
  untilEvent,
  untilObject,
} from './operator-kit.ts';

const ground = anOperatorGround();
const MERGE = { contentType: 'application/merge-patch+json' };

function typeOf(kind: string): ResourceType {
  const type = APPLIED_KINDS.find((each) => each.kind === kind);
  assert.ok(type !== undefined, kind);
  return type;
}

/** An object that was there before, of a name that the cluster called demo needs. */
const FOREIGN: readonly (readonly [kind: string, name: string, fields: object])[] = [
  ['Service', 'demo-client', { spec: { ports: [{ port: 80 }], selector: { app: 'other' } } }],
  ['ConfigMap', 'demo-config', { data: { other: 'data' } }],
  ['ConfigMap', 'demo-formation', { data: { record: 'mine' } }],
  ['ServiceAccount', 'demo-agent', {}],
  ['Role', 'demo-agent', { rules: [] }],
  ['PodDisruptionBudget', 'demo', { spec: { selector: { matchLabels: { app: 'other' } } } }],
];

describe('an object that somebody else has made', () => {
  for (const [kind, name, fields] of FOREIGN) {
    it(`is not touched where it is the ${kind} ${name}, and named; once it is gone, the cluster comes`, async (t) => {
      const namespace = await ground.namespace();
      const path = pathIn({ namespace }, typeOf(kind), name);
      const made = await ground
        .client()
        .send('POST', path.slice(0, path.lastIndexOf('/')), { metadata: { name }, ...fields });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      startOperator(t, ground);
      const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
      const hindered = await cluster.until(
        'hindered',
        (each) => conditionOf(each, 'Progressing')?.reason === 'NameTaken',
      );
      assert.equal(valueAt(hindered, 'status.phase'), 'Failed');
      assert.match(String(valueAt(hindered, 'status.message')), new RegExp(`${kind} ${name} exists`));
      assert.deepEqual(await podsOf(ground.client(), cluster), []);
      await untilEvent(ground, cluster, 'NameTaken');
      assert.deepEqual((await ground.client().send('GET', path)).body, made.body);
      await ground.client().send('DELETE', path);
      await cluster.right();
    });
  }
});

/** What people do to objects, and where. */
const EDITS: readonly (readonly [kind: string, name: string, path: string, change: object])[] = [
  ['Service', 'demo-client', 'spec.selector', { spec: { selector: { app: 'other' } } }],
  ['Service', 'demo-peer', 'spec.publishNotReadyAddresses', { spec: { publishNotReadyAddresses: false } }],
  ['Role', 'demo-agent', 'rules', { rules: [] }],
  ['PodDisruptionBudget', 'demo', 'spec.maxUnavailable', { spec: { maxUnavailable: 3 } }],
  ['StatefulSet', 'demo', 'spec.replicas', { spec: { replicas: 1 } }],
  [
    'StatefulSet',
    'demo',
    'spec.template.spec.terminationGracePeriodSeconds',
    { spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } } },
  ],
  ['ConfigMap', 'demo-config', 'data', { data: { 'etcd-options.json': 'nonsense' } }],
];

describe('an object that somebody edits', () => {
  for (const [kind, name, path, change] of EDITS) {
    it(`is as it was a moment later: ${path} of ${kind} ${name}`, async (t) => {
      startOperator(t, ground);
      const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
      await cluster.right();
      const place = pathIn(cluster, typeOf(kind), name);
      const before = valueAt((await ground.client().send('GET', place)).body, path);
      const edited = await ground.client().send('PATCH', place, change, MERGE);
      assert.equal(edited.status, 200, JSON.stringify(edited.body));
      assert.notDeepEqual(valueAt(edited.body, path), before);
      await untilObject(
        ground.client(),
        place.slice(0, place.lastIndexOf('/')),
        `${path} of ${kind} ${name} to be ${JSON.stringify(before)}`,
        (object) =>
          valueAt(object, 'metadata.name') === name &&
          JSON.stringify(valueAt(object, path)) === JSON.stringify(before),
      );
      const live = await cluster.right();
      assert.deepEqual(membersIn(live), ['demo-0', 'demo-1', 'demo-2']);
    });
  }
});

describe('an object that somebody deletes', () => {
  it('comes back, whichever it is, and no member notices', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    const { clusterID } = Object(valueAt(await cluster.right(), 'status'));
    const before = await objectsOf(ground.client(), cluster);
    const pods = await podUidsOf(cluster);
    for (const [key, object] of before) {
      const [kind = '', name = ''] = key.split('/');
      if (kind !== 'StatefulSet') {
        await deleteAndAwait(cluster, typeOf(kind), name, valueAt(object, 'metadata.uid'));
      }
    }
    assert.equal(valueAt(await cluster.right(), 'status.clusterID'), clusterID);
    assert.deepEqual(await podUidsOf(cluster), pods);
  });

  it('may be the set itself: all Pods are made anew, and their members resume', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    const { clusterID } = Object(valueAt(await cluster.right(), 'status'));
    const path = pathIn(cluster, STATEFUL_SET, 'demo');
    const uid = valueAt((await ground.client().send('GET', path)).body, 'metadata.uid');
    const pods = await podUidsOf(cluster);
    await deleteAndAwait(cluster, STATEFUL_SET, 'demo', uid);
    const resumed = (): number =>
      ground
        .played()
        .facts.filter(({ cluster: key, what }) => key === cluster.key && what === 'member resumed').length;
    await ground.played().until(() => resumed() === 3, AbortSignal.timeout(60_000));
    const live = await cluster.right();
    assert.equal(valueAt(live, 'status.clusterID'), clusterID);
    assert.ok((await podUidsOf(cluster)).every((each) => !pods.includes(each)));
  });

  it('may be the record: it is made anew, Formed, since its cluster ID is known', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    const { clusterID } = Object(valueAt(await cluster.right(), 'status'));
    const path = pathIn(cluster, CONFIG_MAP, 'demo-formation');
    const { body } = await ground.client().send('GET', path);
    await deleteAndAwait(cluster, CONFIG_MAP, 'demo-formation', valueAt(body, 'metadata.uid'));
    const anew = (await ground.client().send('GET', path)).body;
    assert.deepEqual(JSON.parse(String(valueAt(anew, 'data.record'))), {
      ...JSON.parse(String(valueAt(body, 'data.record'))),
      clusterId: clusterID,
    });
  });
});

async function deleteAndAwait(
  cluster: PlayedCluster,
  type: ResourceType,
  name: string,
  uid: unknown,
): Promise<void> {
  const path = pathIn(cluster, type, name);
  const removed = await ground.client().send('DELETE', path);
  assert.equal(removed.status, 200, JSON.stringify(removed.body));
  const collection = path.slice(0, path.lastIndexOf('/'));
  await untilObject(
    ground.client(),
    collection,
    `another ${type.kind} ${name}`,
    (object) => valueAt(object, 'metadata.name') === name && valueAt(object, 'metadata.uid') !== uid,
  );
}

async function podUidsOf({ namespace }: PlayedCluster): Promise<readonly unknown[]> {
  const { body } = await ground.client().send('GET', `/api/v1/namespaces/${namespace}/pods`);
  const items = valueAt(body, 'items');
  return Array.isArray(items) ? items.map((item) => valueAt(item, 'metadata.uid')) : [];
}
