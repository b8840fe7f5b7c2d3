/** Data that was there before the cluster, and a formation record that is gone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLAIM, CONFIG_MAP, STATEFUL_SET } from '../../src/operator/kinds.ts';
import { PlayedEtcd } from '../support/played-etcd.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { isWrite } from '../support/watched-object-api.ts';
import {
  anOperatorGround,
  claimsOf,
  conditionOf,
  createCluster,
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

/** Ages are told in whole seconds: what is made from now on is younger than what was made before. */
async function untilNextSecond(namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const now = async (): Promise<unknown> => {
    const { body } = await ground.client().send('POST', path, { metadata: { generateName: 'age-' } });
    return valueAt(body, 'metadata.creationTimestamp');
  };
  const first = await now();
  while ((await now()) === first) {
    // Asked again: each question takes a few milliseconds.
  }
}

/** A cluster that was and is no more; its volumes are left, with its data. */
async function leaveVolumes(namespace: string, size: number): Promise<unknown> {
  const cluster = await createCluster(ground, namespace, 'demo', { size });
  const clusterID = valueAt(await cluster.right(), 'status.clusterID');
  await cluster.remove();
  await cluster.gone();
  for (const type of [CONFIG_MAP, STATEFUL_SET]) {
    await untilNone(ground, type, cluster);
  }
  await untilNextSecond(namespace);
  return clusterID;
}

const isBlocked = (each: unknown): boolean =>
  conditionOf(each, 'Progressing')?.reason === 'FormationBlocked' &&
  /demo-0 holds member .* demo-1 holds member .* demo-2 holds member/.test(
    String(conditionOf(each, 'Progressing')?.message),
  );

const annotated = (name: string, value: string): object => ({
  metadata: { annotations: { [`etcd.etcd.io/${name}`]: value } },
});

describe('a cluster whose volumes were there before it', () => {
  it('starts nothing, and says whose data they hold', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const clusterID = await leaveVolumes(namespace, 3);
    const facts = ground.played().facts.length;
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    const blocked = await cluster.until('blocked', isBlocked);
    assert.equal(valueAt(blocked, 'status.phase'), 'Failed');
    assert.match(String(valueAt(blocked, 'status.message')), new RegExp(`of cluster ${clusterID}`));
    assert.equal(valueAt(blocked, 'status.clusterID'), undefined);
    const story = ground.played().facts.slice(facts);
    assert.deepEqual(
      story.filter((fact) => fact.cluster === cluster.key && fact.what !== 'pod made'),
      [],
      'nobody has touched anything',
    );
  });

  it('goes on with that data where a human says so', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const clusterID = await leaveVolumes(namespace, 3);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    await cluster.until('blocked', isBlocked);
    await cluster.edit(annotated('adopt', 'true'));
    const live = await cluster.right();
    assert.equal(valueAt(live, 'status.clusterID'), clusterID);
    assert.deepEqual(membersIn(live), ['demo-0', 'demo-1', 'demo-2']);
  });

  it('starts empty where a human says so', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const clusterID = await leaveVolumes(namespace, 3);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    await cluster.until('blocked', isBlocked);
    await cluster.edit(annotated('discard', 'true'));
    const live = await cluster.right();
    assert.notEqual(valueAt(live, 'status.clusterID'), clusterID);
    const aside = ground
      .played()
      .facts.filter(({ cluster: key, what }) => key === cluster.key && what === 'data set aside');
    assert.equal(aside.length, 3);
  });

  it('says what is wrong with a word that makes no sense, and does nothing', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    await leaveVolumes(namespace, 3);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    await cluster.until('blocked', isBlocked);
    await cluster.edit(annotated('adopt', 'c0ffee'));
    const unknown = await cluster.until('told', (each) =>
      /c0ffee/.test(String(valueAt(each, 'status.message'))),
    );
    assert.match(
      String(valueAt(unknown, 'status.message')),
      /No volume is known to hold data of cluster c0ffee/,
    );
    await cluster.edit(annotated('discard', 'true'));
    await cluster.until('told of both', (each) =>
      /contradict each other/.test(String(valueAt(each, 'status.message'))),
    );
  });

  it('looks at all of them, also where it wants fewer, and shrinks once they are adopted', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const clusterID = await leaveVolumes(namespace, 3);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    await cluster.until('blocked', isBlocked);
    await cluster.edit(annotated('adopt', 'true'));
    const live = await cluster.right();
    assert.equal(valueAt(live, 'status.clusterID'), clusterID);
    assert.deepEqual(membersIn(live), ['demo-0']);
  });

  it('knows those of a plain StatefulSet by their names, and adopts them', async (t) => {
    const namespace = await ground.namespace();
    const { client, played } = { client: ground.client(), played: ground.played() };
    const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } } };
    const made = await client.send('POST', claims, { metadata: { name: 'data-demo-0' }, spec });
    assert.equal(made.status, 201);
    const etcd = new PlayedEtcd('demo-0');
    const [member] = etcd.members;
    assert.ok(member !== undefined);
    played.volumes.set(String(valueAt(made.body, 'metadata.uid')), {
      etcd,
      memberId: member.id,
      generation: null,
      maxLearners: null,
    });
    played.etcds.set(etcd.clusterId, etcd);
    await untilNextSecond(namespace);
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    await cluster.until('blocked', (each) =>
      /demo-0 holds member/.test(String(valueAt(each, 'status.message'))),
    );
    await cluster.edit(annotated('adopt', etcd.clusterId));
    assert.equal(valueAt(await cluster.right(), 'status.clusterID'), etcd.clusterId);
    await cluster.edit({ spec: { size: 3 } });
    assert.deepEqual(membersIn(await cluster.right()), ['demo-0', 'demo-1', 'demo-2']);
    assert.deepEqual(await claimsOf(client, cluster), ['data-demo-0', 'data-demo-1', 'data-demo-2']);
  });
});

describe('a formation record that is gone', () => {
  it('is not made anew where nobody knows whether there was a cluster; a human says so', async (t) => {
    const namespace = await ground.namespace();
    const { watched } = startOperator(t, ground);
    const key = `${namespace}/demo`;
    for (const ordinal of [0, 1, 2]) {
      ground.played().hold(key, 'agent', `demo-${ordinal}`);
    }
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    await cluster.until('waiting', (each) => valueAt(each, 'status.currentReplicas') === 3);
    const path = pathIn(cluster, CONFIG_MAP, 'demo-formation');
    const { body } = await ground.client().send('GET', path);
    assert.equal(JSON.parse(String(valueAt(body, 'data.record'))).phase, 'Unformed');
    await ground.client().send('DELETE', path);
    const lost = await cluster.until(
      'at a loss',
      (each) => conditionOf(each, 'Progressing')?.reason === 'FormationUnknown',
    );
    assert.equal(valueAt(lost, 'status.phase'), 'Failed');
    assert.match(String(valueAt(lost, 'status.message')), /demo-formation, says nothing \(it is gone\)/);
    const records = watched.calls.filter(({ verb, name }) => verb === 'create' && name === 'demo-formation');
    assert.equal(records.length, 1);

    const { metadata, data } = Object(body);
    const again = { metadata: { ...metadata, resourceVersion: undefined, uid: undefined }, data };
    const written = await ground.client().send('POST', path.slice(0, path.lastIndexOf('/')), again);
    assert.equal(written.status, 201, JSON.stringify(written.body));
    for (const ordinal of [0, 1, 2]) {
      ground.played().letGo(key, 'agent', `demo-${ordinal}`);
    }
    await cluster.right();
  });

  it('is made anew, Formed, where status knows the cluster ID, also by another operator', async (t) => {
    const namespace = await ground.namespace();
    const first = startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    const clusterID = valueAt(await cluster.right(), 'status.clusterID');
    await first.stop();
    const path = pathIn(cluster, CONFIG_MAP, 'demo-formation');
    await ground.client().send('DELETE', path);
    const { watched } = startOperator(t, ground);
    const anew = await untilObject(
      ground.client(),
      path.slice(0, path.lastIndexOf('/')),
      'the record made anew',
      (object) => valueAt(object, 'metadata.name') === 'demo-formation',
    );
    assert.deepEqual(JSON.parse(String(valueAt(anew, 'data.record'))), {
      phase: 'Formed',
      clusterUid: valueAt(await cluster.read(), 'metadata.uid'),
      generation: 1,
      maxLearners: 8,
      clusterId: clusterID,
    });
    await cluster.right();
    assert.ok(!watched.calls.some((call) => isWrite(call) && call.kind === 'Pod'));
  });

  it('that makes no sense is not written over, and is named', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    await cluster.right();
    const path = pathIn(cluster, CONFIG_MAP, 'demo-formation');
    const contentType = 'application/merge-patch+json';
    const broken = await ground.client().send('PATCH', path, { data: { record: 'oops' } }, { contentType });
    await cluster.until('warned', (each) =>
      /demo-formation, says nothing/.test(String(conditionOf(each, 'Degraded')?.message)),
    );
    const { body } = await ground.client().send('GET', path);
    assert.equal(valueAt(body, 'metadata.resourceVersion'), valueAt(broken.body, 'metadata.resourceVersion'));
    assert.deepEqual(await podsOf(ground.client(), cluster), ['demo-0']);
    assert.equal((await objectsOf(ground.client(), cluster)).size, 9);
  });
});

describe('a volume', () => {
  it('that goes with its Pod is healed as a new member', async (t) => {
    const namespace = await ground.namespace();
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    const before = await cluster.right();
    await removeWithVolume(cluster, 'demo-1');
    const live = await cluster.until('healed', (each) => {
      const now = idOf(each, 'demo-1');
      return (
        now !== undefined && now !== idOf(before, 'demo-1') && conditionOf(each, 'Ready')?.status === 'True'
      );
    });
    assert.deepEqual(membersIn(live), ['demo-0', 'demo-1', 'demo-2']);
  });

  it('of two of three lost is named, and nothing is changed', async (t) => {
    const namespace = await ground.namespace();
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
    await cluster.right();
    const before = watched.calls.length;
    for (const pod of ['demo-1', 'demo-2']) {
      await removeWithVolume(cluster, pod);
    }
    const lost = await cluster.until('lost', (each) => conditionOf(each, 'DataLost')?.status === 'True');
    assert.equal(valueAt(lost, 'status.phase'), 'Failed');
    const writes = watched.calls
      .slice(before)
      .filter((call) => call.namespace === namespace && isWrite(call))
      .filter(({ verb, kind }) => verb !== 'applyStatus' && kind !== 'Event');
    assert.deepEqual(writes, []);
  });
});

async function removeWithVolume(cluster: PlayedCluster, pod: string): Promise<void> {
  const claim = pathIn(cluster, CLAIM, `data-${pod}`);
  assert.equal((await ground.client().send('DELETE', claim)).status, 200);
  const path = `/api/v1/namespaces/${cluster.namespace}/pods/${pod}`;
  assert.equal((await ground.client().send('DELETE', path)).status, 200);
}

function idOf(cluster: unknown, name: string): unknown {
  const members = valueAt(cluster, 'status.members');
  return Array.isArray(members)
    ? valueAt(
        members.find((member) => valueAt(member, 'name') === name),
        'id',
      )
    : undefined;
}
