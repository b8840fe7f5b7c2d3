/** What an operator costs the API server while nothing happens, and how little one cluster's trouble is another's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { valueAt } from '../support/real-api-server-client.ts';
import { type ApiCall, textOf, type WatchedApi } from '../support/watched-object-api.ts';
import {
  anOperatorGround,
  createCluster,
  type OperatorGround,
  type PlayedCluster,
  startOperator,
} from './operator-kit.ts';

const ground = anOperatorGround();

/** Rounds until the last Event is written and the last sentence of the status has its final wording. */
const ROUNDS_MAX = 10;

const callsFor = ({ calls }: WatchedApi, { namespace }: PlayedCluster): readonly ApiCall[] =>
  calls.filter((call) => call.namespace === namespace);

/**
 * Everybody in the cluster says the same word once more, and then so much happens elsewhere that the operator
 * must have taken note of it.
 */
async function aRound(cluster: PlayedCluster, name: string): Promise<void> {
  const played = ground.played();
  const voices = ['demo-0', 'demo-1', 'demo-2'].map((pod) => played.voiceOf(cluster.key, pod));
  const heard = Promise.all(voices.map((voice) => voice?.nextQuestion()));
  played.confirm(cluster.key);
  // Who asks again has heard the answer before.
  await heard;
  const elsewhere = await createCluster(ground, await ground.namespace(), name, { size: 1 });
  await elsewhere.right();
}

async function untilQuiet(watched: WatchedApi, cluster: PlayedCluster): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = callsFor(watched, cluster).length;
    await aRound(cluster, `settling-${round}`);
    if (callsFor(watched, cluster).length === before) {
      return;
    }
  }
  const last = callsFor(watched, cluster).slice(-5).map(textOf);
  assert.fail(`no round without calls; the last were ${last.join(', ')}`);
}

describe('a cluster in which nothing happens', () => {
  it('costs no call, however often its agents confirm their words', async (t) => {
    const { watched } = startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    await untilQuiet(watched, cluster);
    const before = callsFor(watched, cluster).length;
    for (let round = 0; round < 3; round++) {
      await aRound(cluster, `busy-${round}`);
    }
    assert.deepEqual(callsFor(watched, cluster).slice(before).map(textOf), []);
  });

  it('costs none after a restart of the operator but the first look', async (t) => {
    const first = startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    const version = valueAt(await cluster.right(), 'metadata.resourceVersion');
    await untilQuiet(first.watched, cluster);
    const settled = valueAt(await cluster.read(), 'metadata.resourceVersion');
    await first.stop();
    const { watched } = startOperator(t, ground);
    await untilQuiet(watched, cluster);
    assert.equal(valueAt(await cluster.read(), 'metadata.resourceVersion'), settled, `after ${version}`);
    const objects = callsFor(watched, cluster).map(textOf);
    assert.equal(new Set(objects).size, objects.length, `each object once at most: ${objects.join(', ')}`);
    assert.ok(!objects.some((call) => /Event|EtcdCluster/.test(call)), objects.join(', '));
  });
});

describe('an exception in the pass of one cluster', () => {
  it('is no concern of any other, and the cluster comes once it is over', async (t) => {
    const namespace = await ground.namespace();
    const { watched, log } = startOperator(t, ground);
    let isBroken = true;
    let thrown = 0;
    watched.fate = (call) => {
      const isHit = isBroken && call.namespace === namespace && call.name.startsWith('cursed');
      thrown += Number(isHit);
      return isHit ? 'throw' : 'pass';
    };
    const cursed = await createCluster(ground, namespace, 'cursed', { size: 1 });
    const others = await Promise.all(
      ['a', 'b', 'c'].map((name) => createCluster(ground, namespace, name, { size: 1 })),
    );
    await Promise.all(others.map((cluster) => cluster.right()));
    await untilThrown(ground, namespace, () => thrown >= 3);
    assert.ok(log.lines.some(({ msg }) => /an exception at/.test(String(msg))));
    isBroken = false;
    await cursed.right();
  });

  it('may be one that never ends: the others have workers left', async (t) => {
    const namespace = await ground.namespace();
    const { watched } = startOperator(t, ground);
    const released = Promise.withResolvers<void>();
    const send = watched.api.apply;
    watched.api.apply = async (type, object, signal) => {
      if (object.metadata.name.startsWith('cursed')) {
        await released.promise;
      }
      return send(type, object, signal);
    };
    const cursed = await createCluster(ground, namespace, 'cursed', { size: 1 });
    for (const name of ['a', 'b', 'c']) {
      await (await createCluster(ground, namespace, name, { size: 1 })).right();
    }
    released.resolve();
    await cursed.right();
  });
});

/** Something happens elsewhere until it holds. */
async function untilThrown(where: OperatorGround, namespace: string, holds: () => boolean): Promise<void> {
  for (let round = 0; !holds() && round < ROUNDS_MAX; round++) {
    await (await createCluster(where, namespace, `meanwhile-${round}`, { size: 1 })).right();
  }
  assert.ok(holds());
}
