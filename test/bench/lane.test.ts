/** A lane and the turns of two lanes, over clusters that only pretend. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BenchStep } from '../../src/bench/bench-step.ts';
import { openEtcdAccess } from '../../src/bench/etcd-access.ts';
import { Lane } from '../../src/bench/lane.ts';
import { measureSteps } from '../../src/bench/measure-steps.ts';
import type { StepTime, TestCluster } from '../../src/bench/test-cluster.ts';
import { startTraffic } from '../../src/bench/traffic.ts';
import type { KeyValueApi } from '../../src/demo/key-value-api.ts';
import { CLUSTER, NAMES } from '../support/a-member-view.ts';

const UP: BenchStep = { kind: 'scale', name: '1→3', from: 1, to: 3, leader: null };
const DOWN: BenchStep = { kind: 'scale', name: '3→1', from: 3, to: 1, leader: null };

const KEYS: KeyValueApi = {
  put: () => Promise.resolve({ kind: 'acknowledged', clusterId: CLUSTER }),
  readPage: () => Promise.reject(new Error('nothing is read')),
};

const JOIN = {
  ordinal: 1,
  execMs: 5,
  startedMs: 100,
  firstDecisionMs: 200,
  registeredMs: null,
  admittedMs: null,
  caughtUpMs: null,
  promotedMs: null,
};

/** Opens clusters whose steps are `act`, and notes what happens to them. */
function opener(
  journal: string[],
  act: (size: number) => Promise<StepTime> = () => Promise.resolve({ ms: 500, joins: [JOIN] }),
): (size: number) => Promise<TestCluster> {
  return async (formedSize) => {
    journal.push(`open ${formedSize}`);
    let size = formedSize;
    const traffic = startTraffic(KEYS, () => ['a']);
    const other = (): Promise<never> => Promise.reject(new Error('no such step here'));
    return {
      names: NAMES,
      access: openEtcdAccess(),
      traffic,
      size: () => size,
      scale: (wanted) => {
        journal.push(`scale ${wanted}`);
        size = wanted;
        return act(wanted);
      },
      loseDisk: other,
      roll: other,
      untilQuiet: async () => void journal.push('quiet'),
      close: async () => {
        journal.push('close');
        await traffic.stop();
      },
    };
  };
}

describe('a lane', () => {
  it('opens its cluster once, takes steps on it under traffic, and closes it', async (t) => {
    const journal: string[] = [];
    const lane = new Lane(opener(journal), 0);
    for (const step of [UP, DOWN]) {
      await lane.prepare(step, t.signal);
      const sample = await lane.take(step, t.signal);
      assert.equal(sample.kind, 'measured');
      assert.equal(sample.kind === 'measured' && sample.value.afterLookMs, 300);
    }
    await lane.close();
    assert.deepEqual(journal, ['open 1', 'scale 3', 'quiet', 'scale 1', 'quiet', 'close']);
  });

  it('begins anew, where the next step begins, after a step that failed', async (t) => {
    const journal: string[] = [];
    const act = (size: number): Promise<StepTime> =>
      size === 3 ? Promise.reject(new Error('no leader')) : Promise.resolve({ ms: 500, joins: [] });
    const lane = new Lane(opener(journal, act), 0);
    await lane.prepare(UP, t.signal);
    assert.deepEqual(await lane.take(UP, t.signal), { kind: 'failed', why: 'no leader' });
    await lane.prepare(DOWN, t.signal);
    assert.equal((await lane.take(DOWN, t.signal)).kind, 'measured');
    await lane.close();
    assert.deepEqual(journal, ['open 1', 'scale 3', 'close', 'open 3', 'scale 1', 'quiet', 'close']);
  });

  it('is given up after three failures, and says why', async (t) => {
    let opened = 0;
    const lane = new Lane(() => {
      opened += 1;
      return Promise.reject(new Error('no etcd'));
    }, 0);
    const failures: string[] = [];
    for (let run = 0; run < 5; run++) {
      await lane.prepare(UP, t.signal);
      const sample = await lane.take(UP, t.signal);
      failures.push(sample.kind === 'failed' ? sample.why : 'measured');
    }
    assert.equal(opened, 3);
    const why = 'before the step: no etcd';
    const givenUp = `given up after 3 failures: ${why}`;
    assert.deepEqual(failures, [why, why, givenUp, givenUp, givenUp]);
  });

  it('stops at once when told to', async () => {
    const stop = new AbortController();
    const journal: string[] = [];
    const lane = new Lane(opener(journal), 60_000);
    await lane.prepare(UP, stop.signal);
    const taking = lane.take(UP, stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(taking, /stopped/);
    await lane.close();
    assert.deepEqual(journal, ['open 1', 'close']);
  });
});

describe('two lanes', () => {
  it('take each step in turn, and both are closed', async (t) => {
    const journal: string[] = [];
    const told: string[] = [];
    const product = new Lane(
      opener(journal, (size) => Promise.resolve({ ms: size * 1000, joins: [] })),
      0,
    );
    const bare = new Lane(
      opener(journal, () => Promise.reject(new Error('no leader'))),
      0,
    );
    const lanes = { product, bare };
    const [up, down] = await measureSteps(lanes, (line) => told.push(line), [UP, DOWN], 2, t.signal);
    assert.equal(up?.product.length, 2);
    assert.equal(down?.bare.length, 2);
    assert.deepEqual(
      journal.filter((entry) => entry.startsWith('scale')),
      ['scale 3', 'scale 3', 'scale 1', 'scale 1', 'scale 3', 'scale 3', 'scale 1'],
    );
    assert.equal(journal.filter((entry) => entry === 'close').length, 4);
    assert.match(told[0] ?? '', /^1→3 1\/2: 3\.00 s \(gap \d+ ms\), bare etcd FAILED \(no leader\)$/);
  });
});
