/** A cluster comes to be, and goes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { APPLIED_KINDS, STATEFUL_SET } from '../../src/operator/kinds.ts';
import { ownerReferenceOf } from '../../src/resources/object-metadata.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { type ApiCall, isWrite, textOf } from '../support/watched-object-api.ts';
import {
  anOperatorGround,
  claimsOf,
  conditionOf,
  createCluster,
  eventsOf,
  membersIn,
  objectsOf,
  type PlayedCluster,
  pathIn,
  podsOf,
  startOperator,
  untilNone,
  untilObject,
} from './operator-kit.ts';

const ground = anOperatorGround();

/** What a cluster called demo consists of. */
const OBJECTS = [
  'ConfigMap/demo-config',
  'ConfigMap/demo-formation',
  'PodDisruptionBudget/demo',
  'Role/demo-agent',
  'RoleBinding/demo-agent',
  'Service/demo-client',
  'Service/demo-peer',
  'ServiceAccount/demo-agent',
  'StatefulSet/demo',
];
const PODS = ['demo-0', 'demo-1', 'demo-2'];
const CLAIMS = ['data-demo-0', 'data-demo-1', 'data-demo-2'];

describe('a cluster that is created', () => {
  it('gets all its objects, and a status that tells the truth', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    const live = await cluster.right();
    const objects = await objectsOf(ground.client(), cluster);
    assert.deepEqual([...objects.keys()].toSorted(), OBJECTS);
    const uid = valueAt(live, 'metadata.uid');
    for (const [name, object] of objects) {
      assert.equal(valueAt(object, 'metadata.ownerReferences.0.uid'), uid, name);
      assert.equal(valueAt(object, 'metadata.ownerReferences.0.controller'), true, name);
    }
    assert.deepEqual(valueAt(live, 'metadata.finalizers'), ['etcd.etcd.io/finalizer']);
    assert.deepEqual([await podsOf(ground.client(), cluster), membersIn(live)], [PODS, PODS]);
    const etcd = ground.played().etcdOf(cluster.key, 'demo-0');
    assert.partialDeepStrictEqual(valueAt(live, 'status'), {
      phase: 'Running',
      size: 3,
      currentReplicas: 3,
      readyReplicas: 3,
      clusterID: etcd?.clusterId,
      leader: 'demo-0',
      leaderID: etcd?.leaderId,
      version: 'v3.6.16',
      targetVersion: 'v3.6.16',
      generation: 1,
      clientEndpoints: [`http://demo-client.${namespace}.svc.cluster.local:2379`],
    });
    assert.equal(conditionOf(live, 'Available')?.status, 'True');
    assert.equal(conditionOf(live, 'Degraded')?.status, 'False');
    assert.deepEqual(ground.troubles, []);
  });

  it('has its record before any agent could look for it, its volumes claimed, and its set at last', async (t) => {
    const namespace = await ground.namespace();
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    await cluster.right();
    const writes = watched.calls.filter((call) => call.namespace === namespace && isWrite(call)).map(textOf);
    assert.deepEqual(writes.slice(0, 2), ['apply EtcdCluster demo', 'create ConfigMap demo-formation']);
    const first = writes.indexOf('apply StatefulSet demo');
    assert.equal(writes.indexOf('create PersistentVolumeClaim data-demo-0'), 2, writes.join('\n'));
    for (const name of OBJECTS.filter((each) => !/StatefulSet|formation/.test(each))) {
      const applied = writes.indexOf(`apply ${name.replace('/', ' ')}`);
      assert.ok(applied >= 0 && applied < first, name);
    }
  });

  it('tells its story in Events, each thing once', async (t) => {
    const namespace = await ground.namespace();
    const operator = startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    await cluster.right();
    await untilObject(ground.client(), `/api/v1/namespaces/${namespace}/events`, 'the last Event', (event) =>
      /now Running/.test(String(valueAt(event, 'message'))),
    );
    await operator.stop();
    const events = await eventsOf(ground.client(), cluster);
    assert.deepEqual(
      events.filter(({ count }) => count !== 1),
      [],
    );
    const said = events.map(({ reason, message }) => `${reason}: ${message}`);
    assert.equal(new Set(said).size, said.length, 'no two Events say the same');
    const joined = events.filter(({ reason }) => reason === 'MemberJoined');
    assert.equal(joined.length, 3);
    assert.ok(said.includes('PhaseChanged: Creating, now Running.'), said.join('\n'));
  });

  it('of one name in two namespaces is two clusters', async (t) => {
    startOperator(t, ground);
    const namespaces = [await ground.namespace(), await ground.namespace()];
    const clusters = await Promise.all(
      namespaces.map((namespace) => createCluster(ground, namespace, 'demo', { size: 1 })),
    );
    const live = await Promise.all(clusters.map((cluster) => cluster.right()));
    const [one, other] = live.map((each) => valueAt(each, 'status.clusterID'));
    assert.ok(typeof one === 'string' && typeof other === 'string' && one !== other);
  });
});

describe('a cluster that is deleted', () => {
  it('goes in order: the set and its Pods, then everything else, the finalizer before that; volumes stay', async (t) => {
    const namespace = await ground.namespace();
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    await cluster.right();
    const played = ground.played();
    played.hold(cluster.key, 'end', 'demo-1');
    let goneAtLast: readonly string[] = [];
    watched.fate = ({ verb, kind }) => {
      if (verb === 'apply' && kind === 'EtcdCluster') {
        goneAtLast = played.facts.filter(({ what }) => what.endsWith('gone')).map(({ who }) => who);
      }
      return 'pass';
    };
    await cluster.remove();
    const waiting = await cluster.until(
      'waiting for the Pod that is left',
      (each) =>
        /demo-1/.test(String(conditionOf(each, 'Progressing')?.message)) ||
        valueAt(each, 'status.currentReplicas') === 1,
    );
    assert.equal(valueAt(waiting, 'status.phase'), 'Deleting');
    assert.deepEqual(valueAt(waiting, 'metadata.finalizers'), ['etcd.etcd.io/finalizer']);
    assert.deepEqual([...(await objectsOf(ground.client(), cluster)).keys()].toSorted(), OBJECTS);
    const set = await ground.client().send('GET', pathIn(cluster, STATEFUL_SET, 'demo'));
    assert.ok(valueAt(set.body, 'metadata.deletionTimestamp') !== undefined);

    played.letGo(cluster.key, 'end', 'demo-1');
    await cluster.gone();
    assert.deepEqual(goneAtLast.toSorted(), ['demo', ...PODS]);
    assert.equal(goneAtLast.at(-1), 'demo', 'the set is gone after its Pods');
    assert.deepEqual(await claimsOf(ground.client(), cluster), CLAIMS);
    assert.equal(
      played.facts.filter(({ cluster: key, what }) => key === cluster.key && what === 'member left').length,
      0,
    );
  });

  it('leaves nothing of itself in the operator: one of the same name is a new one', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const storage = { medium: 'Ephemeral' } as const;
    const ids: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const cluster = await createCluster(ground, namespace, 'demo', { size: 1, storage });
      ids.push(valueAt(await cluster.right(), 'status.clusterID'));
      await cluster.remove();
      await cluster.gone();
      await untilNoObjects(cluster);
    }
    assert.equal(new Set(ids).size, 3, ids.join());
  });

  it('may be followed by one of its name before the garbage collector has seen that it is gone', async (t) => {
    const namespace = await ground.namespace();
    const { watched } = startOperator(t, ground);
    const storage = { medium: 'Ephemeral' } as const;
    const before = await createCluster(ground, namespace, 'demo', { size: 1, storage });
    const right = await before.right();
    const clusterID = valueAt(right, 'status.clusterID');
    ground.played().hold(before.key, 'garbage');
    await before.remove();
    await before.gone();
    const after = await createCluster(ground, namespace, 'demo', { size: 1, storage });
    await after.until('looked at', (each) => valueAt(each, 'status.observedGeneration') === 1);
    ground.played().letGo(before.key, 'garbage');
    assert.notEqual(valueAt(await after.right(), 'status.clusterID'), clusterID);
    const isOfBefore = ({ sent }: ApiCall) =>
      valueAt(sent, 'metadata.uid') === valueAt(right, 'metadata.uid');
    const ofBefore = watched.calls.filter((call) => call.kind === 'EtcdCluster' && isOfBefore(call));
    assert.equal(ofBefore.at(-1)?.verb, 'apply', 'its status could by then be that of the next one');
  });
});

describe('a record of a cluster that had the name before', () => {
  it('is waited for, and not taken over, where nobody has removed it yet', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const record = JSON.stringify({
      phase: 'Formed',
      clusterUid: 'before',
      generation: 1,
      maxLearners: 8,
      clusterId: 'c0ffee',
    });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const labels = { 'etcd.etcd.io/cluster': 'demo', 'app.kubernetes.io/managed-by': 'quorate' };
    const ownerReferences = [ownerReferenceOf('demo', 'before')];
    const made = await ground.client().send('POST', path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'demo-formation', labels, ownerReferences },
      data: { record },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const after = await createCluster(ground, namespace, 'demo', {
      size: 1,
      storage: { medium: 'Ephemeral' },
    });
    const looked = await after.until('looked at', (each) => valueAt(each, 'status.observedGeneration') === 1);
    assert.equal(valueAt(looked, 'status.clusterID'), undefined);
    assert.equal((await ground.client().send('DELETE', `${path}/demo-formation`)).status, 200);
    assert.notEqual(valueAt(await after.right(), 'status.clusterID'), 'c0ffee');
  });
});

async function untilNoObjects(cluster: PlayedCluster): Promise<void> {
  for (const type of APPLIED_KINDS) {
    await untilNone(ground, type, cluster);
  }
}
