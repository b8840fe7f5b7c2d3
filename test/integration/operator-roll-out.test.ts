/** The template of a cluster's Pods changes, and they are replaced one by one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlayedFact } from '../support/played-stage.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import type { ApiCall } from '../support/watched-object-api.ts';
import {
  anOperatorGround,
  conditionOf,
  createCluster,
  eventsOf,
  listAt,
  type PlayedCluster,
  startOperator,
  untilEvent,
} from './operator-kit.ts';

const ground = anOperatorGround({ isThere: (image) => !image.includes('nowhere') });

/** Another template, and nothing else. */
const revised = (revision: string): object => ({
  spec: { podTemplate: { metadata: { annotations: { 'example.com/revision': revision } } } },
});

/** The Pods that were told to end, in order. */
function endedIn({ key }: PlayedCluster): readonly PlayedFact[] {
  return ground.played().facts.filter(({ cluster, what }) => cluster === key && what === 'pod ends');
}

const namesOf = (facts: readonly PlayedFact[]): readonly string[] => facts.map(({ who }) => who);

async function lead(cluster: PlayedCluster, pod: string): Promise<void> {
  ground.played().etcdOf(cluster.key, pod)?.moveLeader(pod);
  ground.played().wake(cluster.key);
  await cluster.until(`led by ${pod}`, (each) => valueAt(each, 'status.leader') === pod);
}

/** Makes the operator pass over the cluster, and waits until it has. */
async function pokeAt(cluster: PlayedCluster, word: string): Promise<void> {
  const observed = await cluster.edit({ spec: { clientService: { annotations: { word } } } });
  await cluster.until('looked at', (each) => valueAt(each, 'status.observedGeneration') === observed);
}

/** What the annotation says that `revised` sets, of each Pod. */
async function revisionsOf({ namespace }: PlayedCluster): Promise<readonly unknown[]> {
  const pods = await listAt(ground.client(), `/api/v1/namespaces/${namespace}/pods`);
  return pods.map((pod) => Reflect.get(Object(valueAt(pod, 'metadata.annotations')), 'example.com/revision'));
}

describe('a change of the template', () => {
  it('replaces one Pod after another, each when all others serve, and the leader last', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    await lead(cluster, 'demo-1');
    await cluster.edit(revised('2'));
    await cluster.right();
    const ended = endedIn(cluster);
    assert.deepEqual(namesOf(ended), ['demo-2', 'demo-0', 'demo-1']);
    assert.deepEqual(
      ended.map(({ down }) => down),
      [[], [], []],
      'no two are down at once',
    );
    assert.deepEqual(
      ended.map(({ leads }) => leads),
      [false, false, true],
    );
    assert.deepEqual(await revisionsOf(cluster), ['2', '2', '2']);
  });

  it('touches nobody where nothing but the size, or a Service, changes', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    await cluster.edit({ spec: { size: 5, clientService: { type: 'NodePort' } } });
    await cluster.right();
    assert.deepEqual(endedIn(cluster), []);
  });

  it('waits while a member is not well, and goes on when it is', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    const voice = ground.played().voiceOf(cluster.key, 'demo-2');
    await voice?.silence();
    await cluster.until('aware of it', (each) => conditionOf(each, 'Degraded')?.status === 'True');
    await cluster.edit(revised('2'));
    await cluster.until('waiting', (each) =>
      /to be replaced; waiting for demo-2/.test(String(conditionOf(each, 'Progressing')?.message)),
    );
    assert.deepEqual(endedIn(cluster), []);
    await voice?.speak();
    await cluster.right();
    assert.deepEqual(
      endedIn(cluster).map(({ down }) => down),
      [[], [], []],
    );
  });

  it('is held while the cluster is paused', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    const paused = await cluster.edit({
      spec: { pause: true, size: 5, ...Object(valueAt(revised('2'), 'spec')) },
    });
    await cluster.until(
      'paused',
      (each) =>
        valueAt(each, 'status.observedGeneration') === paused &&
        conditionOf(each, 'Progressing')?.reason === 'Paused',
    );
    assert.deepEqual(await revisionsOf(cluster), [undefined, undefined, undefined]);
    assert.deepEqual(endedIn(cluster), []);
    await cluster.edit({ spec: { pause: false } });
    await cluster.right();
    assert.deepEqual(await revisionsOf(cluster), ['2', '2', '2', '2', '2']);
  });

  it('goes to another minor one by one, and says when it is done', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', {
      size: 3,
      version: 'v3.6.16',
    });
    await cluster.right();
    await cluster.edit({ spec: { version: 'v3.7.3' } });
    const live = await cluster.until(
      'of another version',
      (each) => valueAt(each, 'status.version') === 'v3.7.3',
    );
    assert.equal(valueAt(live, 'status.targetVersion'), 'v3.7.3');
    await cluster.right();
    assert.deepEqual(
      endedIn(cluster).map(({ down }) => down),
      [[], [], []],
    );
    for (const reason of ['UpgradeStarted', 'UpgradeFinished']) {
      await untilEvent(ground, cluster, reason);
    }
  });

  it('that cannot run takes one Pod and no second, and the corrected one heals it', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    await cluster.edit({ spec: { repository: 'nowhere.example/etcd' } });
    const stuck = await cluster.until('stuck', (each) =>
      /ImagePullBackOff/.test(String(valueAt(each, 'status.message'))),
    );
    assert.equal(conditionOf(stuck, 'Available')?.status, 'True');
    await pokeAt(cluster, 'again');
    assert.deepEqual(namesOf(endedIn(cluster)), ['demo-2']);
    await cluster.edit({ spec: { repository: 'quay.io/coreos/etcd' } });
    await cluster.right();
    const ended = endedIn(cluster);
    assert.equal(ended[1]?.who, 'demo-2', 'the one that was stuck goes first');
    assert.ok(ended.slice(2).every(({ down }) => down.length === 0));
  });
});

describe('a change that comes while the one before is carried out', () => {
  it('is not told of as done before anything was done about it', async (t) => {
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 1 });
    await cluster.right();
    const [busy, released, seen] = [1, 2, 3].map(() => Promise.withResolvers<void>());
    assert.ok(busy !== undefined && released !== undefined && seen !== undefined);
    const { apply } = watched.api;
    watched.api.apply = async (type, object, signal) => {
      if (object.metadata.name === 'demo-client') {
        busy.resolve();
        await released.promise;
      }
      return apply(type, object, signal);
    };
    watched.onEvent = (_kind, event) => {
      if ('object' in event && event.object.metadata.generation === 2) {
        seen.resolve();
      }
    };
    await ground.client().send('DELETE', `/api/v1/namespaces/${cluster.namespace}/services/demo-client`);
    await busy.promise;
    await cluster.edit(revised('2'));
    await seen.promise;
    released.resolve();
    await ground.played().until(() => endedIn(cluster).length > 0, AbortSignal.timeout(30_000));
    await cluster.right();
    const isOfSecond = ({ sent }: ApiCall): boolean =>
      valueAt(sent, 'status.observedGeneration') === 2 ||
      JSON.stringify(valueAt(sent, 'spec.template.metadata.annotations'))?.includes('revision') === true;
    assert.equal(watched.calls.find(isOfSecond)?.kind, 'StatefulSet', 'first it is done, then it is told');
  });
});

describe('late views', () => {
  it('never cost a second Pod while the first is just being replaced', async (t) => {
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    const removals = (): readonly string[] =>
      watched.calls.flatMap((call) => (call.verb === 'remove' && call.kind === 'Pod' ? [call.name] : []));
    // Its agent goes on saying that all is well, and the operator's view does not show that it is deleted.
    ground.played().hold(cluster.key, 'end', 'demo-2');
    watched.lag('Pod');
    await cluster.edit(revised('2'));
    await ground.played().until(() => endedIn(cluster).length > 0, AbortSignal.timeout(30_000));
    for (const word of ['one', 'two', 'three']) {
      ground.played().confirm(cluster.key);
      await pokeAt(cluster, word);
    }
    assert.deepEqual(removals(), ['demo-2']);
    watched.catchUp('Pod');
    ground.played().letGo(cluster.key, 'end', 'demo-2');
    await cluster.right();
    assert.deepEqual(removals(), ['demo-2', 'demo-1', 'demo-0']);
    assert.ok(endedIn(cluster).every(({ down }) => down.length === 0));
  });

  it('of the set do not make a Pod outdated that is of the template as it is now', async (t) => {
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    watched.lag('StatefulSet');
    await cluster.edit(revised('2'));
    await pokeAt(cluster, 'one');
    await pokeAt(cluster, 'two');
    assert.deepEqual(endedIn(cluster), [], 'what is outdated is not known yet');
    watched.catchUp('StatefulSet');
    await cluster.right();
    assert.equal(endedIn(cluster).length, 3);
  });

  it('of the controller do the same', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    ground.played().hold(cluster.key, 'controller', 'demo');
    await cluster.edit(revised('2'));
    await pokeAt(cluster, 'one');
    assert.deepEqual(endedIn(cluster), []);
    ground.played().letGo(cluster.key, 'controller', 'demo');
    await cluster.right();
    assert.equal(endedIn(cluster).length, 3);
  });

  it('of the cluster itself make no Event twice', async (t) => {
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 1 });
    await cluster.right();
    await cluster.edit({ spec: { size: 3 } });
    await ground.played().until(() => endedOrJoined(cluster), AbortSignal.timeout(30_000));
    watched.lag('EtcdCluster');
    await cluster.right();
    for (let round = 0; round < 3; round++) {
      ground.played().confirm(cluster.key);
    }
    watched.catchUp('EtcdCluster');
    await pokeAt(cluster, 'one');
    const events = await eventsOf(ground.client(), cluster);
    assert.deepEqual(
      events.filter(({ count }) => count !== 1),
      [],
    );
  });
});

function endedOrJoined({ key }: PlayedCluster): boolean {
  return ground.played().facts.some(({ cluster, what }) => cluster === key && what === 'member joined');
}
