/**
 * An operator dies at any point of its work, and another begins. Each run kills the first when the API server has
 * carried out one of its writes and the answer has not come back; to have died just before the next write is the
 * same to the next operator.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { STATEFUL_SET } from '../../src/operator/kinds.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { isWrite } from '../support/watched-object-api.ts';
import {
  anOperatorGround,
  createCluster,
  eventsOf,
  membersIn,
  type PlayedCluster,
  pathIn,
  podsOf,
  startOperator,
} from './operator-kit.ts';

const ground = anOperatorGround({ workers: 8 });

/** Operators at once; each follows its own namespace only. */
const AT_ONCE = 6;

type Scenario = {
  /** What is there before the operator that is to be killed begins. */
  readonly prepare: (namespace: string) => Promise<PlayedCluster>;
  /** What it is to carry out. */
  readonly change: (cluster: PlayedCluster) => Promise<unknown>;
  readonly done: (cluster: PlayedCluster) => Promise<unknown>;
  readonly judge: (cluster: PlayedCluster) => Promise<void>;
};

/** One run; the operator is killed at its write of this number, counted from 1. @returns how many it made */
async function run(t: TestContext, scenario: Scenario, killAt: number): Promise<number> {
  const namespace = await ground.namespace();
  const cluster = await scenario.prepare(namespace);
  const killed = Promise.withResolvers<void>();
  let writes = 0;
  const first = startOperator(t, ground, { namespaces: [namespace] });
  first.watched.fate = (call) => {
    writes += Number(isWrite(call));
    if (writes < killAt || !isWrite(call)) {
      return 'pass';
    }
    killed.resolve();
    return writes === killAt ? 'lose' : 'cut';
  };
  await scenario.change(cluster);
  const ended = scenario.done(cluster);
  // What it waits for may come only after the kill.
  ended.catch(() => undefined);
  await Promise.race([killed.promise, ended]);
  await first.kill();
  const second = startOperator(t, ground, { namespaces: [namespace] });
  await ended;
  await scenario.judge(cluster);
  await judgeEvents(cluster);
  await second.stop();
  return writes;
}

/** An Event may be lost with the operator that was about to tell it, and is never told twice. */
async function judgeEvents(cluster: PlayedCluster): Promise<void> {
  const events = await eventsOf(ground.client(), cluster);
  const said = events.map(({ reason, message }) => `${reason}: ${message}`);
  assert.equal(new Set(said).size, said.length, said.join('\n'));
  assert.deepEqual(
    events.filter(({ count }) => count !== 1),
    [],
  );
}

/** Kills before the first write, and at each write of an undisturbed run. */
async function killEverywhere(t: TestContext, scenario: Scenario): Promise<void> {
  const writes = await run(t, scenario, Number.POSITIVE_INFINITY);
  assert.ok(writes > 0);
  const runs = Array.from({ length: writes + 1 }, (_, index) => index);
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let killAt = runs.shift(); killAt !== undefined; killAt = runs.shift()) {
      await run(t, scenario, killAt).catch((cause: unknown) => {
        throw new Error(`killed at write ${killAt} of ${writes}`, { cause });
      });
    }
  });
  await Promise.all(workers);
}

async function aRightCluster(t: TestContext, namespace: string, size: number): Promise<PlayedCluster> {
  const cluster = await createCluster(ground, namespace, 'demo', { size });
  const operator = startOperator(t, ground, { namespaces: [namespace] });
  await cluster.right();
  await operator.stop();
  return cluster;
}

async function generationOfSet(cluster: PlayedCluster): Promise<unknown> {
  const { body } = await ground.client().send('GET', pathIn(cluster, STATEFUL_SET, cluster.name));
  return valueAt(body, 'metadata.generation');
}

const endsIn = ({ key }: PlayedCluster) =>
  ground.played().facts.filter(({ cluster, what }) => cluster === key && what === 'pod ends');

describe('an operator that is killed and started anew, at each of its writes', () => {
  it('creates the cluster all the same', async (t) => {
    await killEverywhere(t, {
      prepare: (namespace) => createCluster(ground, namespace, 'demo', { size: 3 }),
      change: async () => undefined,
      done: (cluster) => cluster.right(),
      judge: async (cluster) => {
        assert.deepEqual(membersIn(await cluster.read()), ['demo-0', 'demo-1', 'demo-2']);
        assert.equal(await generationOfSet(cluster), 1, 'the set was never changed');
        assert.deepEqual(endsIn(cluster), []);
      },
    });
  });

  it('grows and shrinks it all the same', async (t) => {
    await killEverywhere(t, {
      prepare: (namespace) => aRightCluster(t, namespace, 3),
      change: (cluster) => cluster.edit({ spec: { size: 1 } }),
      done: (cluster) => cluster.right(),
      judge: async (cluster) => {
        assert.deepEqual(membersIn(await cluster.read()), ['demo-0']);
        assert.equal(await generationOfSet(cluster), 3, 'from 3 to 2 to 1');
        assert.deepEqual(
          endsIn(cluster).map(({ who }) => who),
          ['demo-2', 'demo-1'],
        );
      },
    });
  });

  it('replaces its Pods one by one all the same', async (t) => {
    await killEverywhere(t, {
      prepare: (namespace) => aRightCluster(t, namespace, 3),
      change: (cluster) =>
        cluster.edit({ spec: { podTemplate: { metadata: { annotations: { revision: '2' } } } } }),
      done: async (cluster) => {
        await ground.played().until(() => endsIn(cluster).length >= 3, AbortSignal.timeout(120_000));
        return cluster.right();
      },
      judge: async (cluster) => {
        assert.equal(await generationOfSet(cluster), 2);
        assert.deepEqual(
          endsIn(cluster).map(({ down }) => down),
          [[], [], []],
        );
      },
    });
  });

  it('takes it down all the same', async (t) => {
    await killEverywhere(t, {
      prepare: (namespace) => aRightCluster(t, namespace, 1),
      change: (cluster) => cluster.remove(),
      done: (cluster) => cluster.gone(),
      judge: async (cluster) => {
        assert.deepEqual(await podsOf(ground.client(), cluster), []);
      },
    });
  });
});
