import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  createWorkQueue,
  type QueueNews,
  type WorkQueue,
  type WorkQueueOptions,
  type WorkResult,
} from '../../../src/operator/queue/work-queue.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

/** One run of the work, which lasts until the test ends it. */
type Run = {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly end: (result?: WorkResult) => void;
  readonly fail: (error: Error) => void;
};

type Bench = {
  readonly queue: WorkQueue;
  /** The run that began next; waits for one. */
  readonly begun: () => Promise<Run>;
  /** Keys of the runs that began and were not asked for. */
  readonly unasked: () => readonly string[];
  readonly news: readonly QueueNews[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
};

const DONE: WorkResult = { kind: 'done' };

function aBench(t: TestContext, options: Partial<WorkQueueOptions> = {}): Bench {
  const untaken: Run[] = [];
  const takers: ((run: Run) => void)[] = [];
  const news: QueueNews[] = [];
  const queue = createWorkQueue({
    workers: 2,
    clock: systemClock,
    random: () => 0.5,
    backOff: { baseMs: 4, capMs: 16 },
    onNews: (each) => news.push(each),
    work: (key, signal) => {
      const result = Promise.withResolvers<WorkResult>();
      const run: Run = { key, signal, end: (how = DONE) => result.resolve(how), fail: result.reject };
      const taker = takers.shift();
      if (taker === undefined) {
        untaken.push(run);
      } else {
        taker(run);
      }
      return result.promise;
    },
    ...options,
  });
  const stop = new AbortController();
  const ended = queue.run(stop.signal);
  t.after(() => stop.abort());
  return {
    queue,
    news,
    stop,
    ended,
    unasked: () => untaken.map(({ key }) => key),
    begun: () => {
      const run = untaken.shift();
      return run === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(run);
    },
  };
}

describe('a work queue', () => {
  it('works on keys in the order of arrival, each once, as many at a time as there are workers', async (t) => {
    const { queue, begun, unasked } = aBench(t);
    for (const key of ['a', 'b', 'c', 'd', 'c', 'd']) {
      queue.add(key);
    }
    assert.deepEqual(unasked(), ['a', 'b']);
    assert.equal(queue.depth(), 2);
    (await begun()).end();
    (await begun()).end();
    const [third, fourth] = [await begun(), await begun()];
    assert.deepEqual([third.key, fourth.key, queue.depth()], ['c', 'd', 0]);
  });

  it('never works on a key twice at once, and once more if it was added meanwhile', async (t) => {
    const { queue, begun, unasked } = aBench(t);
    queue.add('a');
    const first = await begun();
    queue.add('a');
    queue.add('a');
    assert.deepEqual(unasked(), []);
    first.end();
    const second = await begun();
    second.end();
    queue.add('b');
    assert.equal((await begun()).key, 'b', 'no third run');
  });

  it('begins when it is run, with what was added before', async (t) => {
    const keys: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const queue = createWorkQueue({
      workers: 1,
      clock: systemClock,
      random: () => 0.5,
      work: async (key) => {
        keys.push(key);
        resolve();
        return DONE;
      },
    });
    queue.add('a');
    assert.deepEqual(keys, []);
    const stop = new AbortController();
    t.after(() => stop.abort());
    void queue.run(stop.signal);
    await promise;
    assert.deepEqual(keys, ['a']);
  });

  it('closes when told: work is told to stop and waited for, nothing new begins', async (t) => {
    const { queue, begun, unasked, stop, ended } = aBench(t, { workers: 1 });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 1);
    const run = await begun();
    stop.abort();
    assert.equal(run.signal.aborted, true);
    let isOver = false;
    const over = ended.then(() => {
      isOver = true;
    });
    await Promise.resolve();
    assert.equal(isOver, false);
    run.end({ kind: 'again', afterMs: 1 });
    await over;
    assert.deepEqual(unasked(), []);
    assert.deepEqual([queue.add('d'), queue.addAfter('e', 1), queue.depth()], [false, false, 0]);
  });
});

describe('a work queue’s delays', () => {
  it('come to the earliest time asked for, and to one run', async (t) => {
    const { queue, begun, unasked } = aBench(t);
    queue.addAfter('a', 3_600_000);
    queue.addAfter('a', 1);
    queue.addAfter('a', 3_600_000);
    const run = await begun();
    run.end();
    queue.add('b');
    await begun();
    assert.deepEqual(unasked(), []);
  });

  it('are satisfied by a run that begins before', async (t) => {
    const { queue, begun, unasked } = aBench(t);
    queue.addAfter('a', 5);
    queue.add('a');
    (await begun()).end();
    queue.addAfter('b', 10);
    assert.equal((await begun()).key, 'b');
    assert.deepEqual(unasked(), []);
  });

  it('may be asked for by the work itself', async (t) => {
    const { queue, begun } = aBench(t);
    queue.add('a');
    (await begun()).end({ kind: 'again', afterMs: 1 });
    assert.equal((await begun()).key, 'a');
  });

  it('of nothing are no delays', async (t) => {
    const { queue, unasked } = aBench(t);
    queue.addAfter('a', 0);
    assert.deepEqual(unasked(), ['a']);
  });
});

describe('a work queue in trouble', () => {
  const retries = (news: readonly QueueNews[]) =>
    news.flatMap((each) => (each.kind === 'finished' ? [each.retryInMs] : []));

  it('tries again what failed or threw, later each time in a row', async (t) => {
    const { queue, begun, news } = aBench(t);
    queue.add('a');
    (await begun()).fail(new Error('a bug'));
    (await begun()).end({ kind: 'failed', why: 'no quorum' });
    (await begun()).fail(new Error('a bug'));
    (await begun()).fail(new Error('a bug'));
    (await begun()).end();
    queue.add('a');
    (await begun()).fail(new Error('a bug'));
    await begun();
    assert.deepEqual(retries(news), [3, 6, 12, 12, undefined, 3]);
    const failed = news.filter((each) => each.kind === 'finished' && each.result === 'failed');
    assert.partialDeepStrictEqual(failed, [{ key: 'a', error: 'no quorum' }]);
  });

  it('does not let a key that fails hold up another', async (t) => {
    const { queue, begun } = aBench(t, { workers: 1, backOff: { baseMs: 3_600_000, capMs: 3_600_000 } });
    queue.add('a');
    queue.add('b');
    (await begun()).fail(new Error('a bug'));
    assert.equal((await begun()).key, 'b');
  });

  it('gives the worker of a key that takes too long to others, and still never works on it twice', async (t) => {
    const { queue, begun, news, unasked } = aBench(t, { workers: 1, workMsMax: 20 });
    queue.add('stuck');
    const stuck = await begun();
    queue.add('b');
    const other = await begun();
    assert.equal(other.key, 'b');
    assert.equal(stuck.signal.aborted, true);
    assert.ok(news.some((each) => each.kind === 'overdue' && each.key === 'stuck'));
    queue.add('stuck');
    other.end();
    queue.add('c');
    assert.equal((await begun()).key, 'c');
    assert.deepEqual(unasked(), []);
    stuck.end();
    assert.equal(queue.depth(), 0);
  });

  it('takes no more keys than it has room for, and says so', async (t) => {
    const { queue, news } = aBench(t, { workers: 1, keysMax: 2 });
    const added = [queue.add('a'), queue.add('b'), queue.addAfter('c', 3_600_000), queue.add('d')];
    assert.deepEqual(added, [true, true, true, false]);
    assert.deepEqual(
      news.filter((each) => each.kind === 'dropped'),
      [{ kind: 'dropped', key: 'd' }],
    );
    assert.equal(queue.add('c'), true, 'one that waits already has its place');
  });

  it('measures waiting and working', async (t) => {
    const { queue, begun, news } = aBench(t, { workers: 1 });
    queue.add('a');
    queue.add('b');
    (await begun()).end();
    await begun();
    const waited = news.flatMap((each) => (each.kind === 'started' ? [each.waitedMs] : []));
    assert.ok(waited.length === 2 && waited.every((ms) => ms >= 0));
    const [finished] = news.filter((each) => each.kind === 'finished');
    assert.ok(finished !== undefined && finished.durationMs >= 0);
  });
});
