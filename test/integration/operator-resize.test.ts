/** The size of a cluster changes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATEFUL_SET } from '../../src/operator/kinds.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import {
  anOperatorGround,
  claimsOf,
  conditionOf,
  createCluster,
  eventsOf,
  membersIn,
  type PlayedCluster,
  pathIn,
  podsOf,
  startOperator,
} from './operator-kit.ts';

const ground = anOperatorGround();

const resized = (size: number): object => ({ spec: { size } });

async function replicasOf(cluster: PlayedCluster): Promise<unknown> {
  const { body } = await ground.client().send('GET', pathIn(cluster, STATEFUL_SET, cluster.name));
  return valueAt(body, 'spec.replicas');
}

/** What happened to the members of a cluster, such as `member left demo-2`. */
function storyOf({ key }: PlayedCluster): readonly string[] {
  return ground
    .played()
    .facts.filter(({ cluster, what }) => cluster === key && what.startsWith('member'))
    .map(({ what, who }) => `${what} ${who}`);
}

describe('a cluster whose size is edited', () => {
  it('goes up and down, and its members are its Pods at each stage', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 1 });
    await cluster.right();
    for (const size of [3, 5, 3, 1]) {
      await cluster.edit(resized(size));
      const live = await cluster.right();
      const wanted = Array.from({ length: size }, (_, ordinal) => `demo-${ordinal}`);
      assert.deepEqual(membersIn(live), wanted);
      assert.deepEqual(await podsOf(ground.client(), cluster), wanted);
      assert.partialDeepStrictEqual(valueAt(live, 'status'), { phase: 'Running', size, readyReplicas: size });
    }
    const left = storyOf(cluster).filter((line) => line.startsWith('member left'));
    assert.deepEqual(
      left,
      ['4', '3', '2', '1'].map((ordinal) => `member left demo-${ordinal}`),
    );
    assert.equal((await claimsOf(ground.client(), cluster)).length, 5, 'volumes stay');
  });

  it('ends up where it was wanted at last, however often it changes its mind', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    for (const size of [1, 5, 7, 1, 3]) {
      await cluster.edit(resized(size));
    }
    const live = await cluster.right();
    assert.deepEqual(membersIn(live), ['demo-0', 'demo-1', 'demo-2']);
    assert.equal(await replicasOf(cluster), 3);
  });

  it('hibernates at 0, where nobody leaves, and all come back', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    await cluster.edit(resized(0));
    const asleep = await cluster.until('asleep', (each) => valueAt(each, 'status.phase') === 'Stopped');
    assert.deepEqual(await podsOf(ground.client(), cluster), []);
    assert.deepEqual(membersIn(asleep), ['demo-0', 'demo-1', 'demo-2'], 'who was a member is remembered');
    await cluster.edit(resized(3));
    await cluster.right();
    const story = storyOf(cluster);
    assert.deepEqual(
      story.slice(-3).toSorted(),
      [0, 1, 2].map((ordinal) => `member resumed demo-${ordinal}`),
    );
    assert.ok(!story.some((line) => line.startsWith('member left')), story.join('\n'));
  });

  it('comes back from 0 with all its members first where fewer are wanted', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    await cluster.edit(resized(0));
    await cluster.until('asleep', (each) => valueAt(each, 'status.phase') === 'Stopped');
    await cluster.edit(resized(1));
    const live = await cluster.right();
    assert.deepEqual(membersIn(live), ['demo-0']);
    const story = storyOf(cluster);
    assert.ok(story.indexOf('member resumed demo-1') < story.indexOf('member left demo-1'), story.join('\n'));
  });

  it('does not shrink while one that stays is not heard, says so, and shrinks once it is', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 5 });
    await cluster.right();
    const voice = ground.played().voiceOf(cluster.key, 'demo-1');
    assert.ok(voice !== undefined);
    await voice.silence();
    await cluster.until(
      'aware of the silence',
      (each) => conditionOf(each, 'Degraded')?.reason === 'AgentsSilent',
    );
    await cluster.edit(resized(3));
    const held = await cluster.until(
      'held',
      (each) => conditionOf(each, 'Progressing')?.reason === 'ScaleInUnsafe',
    );
    assert.match(String(conditionOf(held, 'Progressing')?.message), /demo-1/);
    assert.equal(await replicasOf(cluster), 5);
    await voice.speak();
    assert.deepEqual(membersIn(await cluster.right()), ['demo-0', 'demo-1', 'demo-2']);
    const events = await eventsOf(ground.client(), cluster);
    assert.equal(events.filter(({ reason }) => reason === 'ScalingHeld').length, 1);
  });

  it('is scaled by its scale subresource, as kubectl scale does', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 1 });
    await cluster.right();
    const path = `/apis/etcd.etcd.io/v1alpha1/namespaces/${cluster.namespace}/etcdclusters/demo/scale`;
    const contentType = 'application/merge-patch+json';
    const scaled = await ground.client().send('PATCH', path, { spec: { replicas: 3 } }, { contentType });
    assert.equal(scaled.status, 200);
    assert.deepEqual(membersIn(await cluster.right()), ['demo-0', 'demo-1', 'demo-2']);
    const scale = await ground.client().send('GET', path);
    assert.equal(valueAt(scale.body, 'status.replicas'), 3);
    assert.match(String(valueAt(scale.body, 'status.selector')), /etcd\.etcd\.io\/cluster=demo/);
  });
});
