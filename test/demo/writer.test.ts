import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { KeyValueApi, PutAnswer } from '../../src/demo/key-value-api.ts';
import { WriteLedger } from '../../src/demo/write-ledger.ts';
import { Writer } from '../../src/demo/writer.ts';
import { id } from '../support/a-member-view.ts';

const ACKNOWLEDGED: PutAnswer = { kind: 'acknowledged', clusterId: id('c1') };
const UNKNOWN: PutAnswer = { kind: 'unknown', why: 'no answer' };

type Put = { readonly clientUrl: string; readonly key: string };

/** A writer whose puts are answered by `answer`; it ends with the test. */
function aWriter(
  t: TestContext,
  endpoints: () => readonly string[],
  answer: (put: Put, index: number) => PutAnswer | Promise<PutAnswer>,
): {
  readonly writer: Writer;
  readonly ledger: WriteLedger;
  readonly puts: readonly Put[];
  readonly gaps: readonly number[];
  readonly told: readonly string[];
} {
  const puts: Put[] = [];
  const gaps: number[] = [];
  const told: string[] = [];
  const api: KeyValueApi = {
    put: async (clientUrl, key) => {
      const put = { clientUrl, key };
      return answer(put, puts.push(put) - 1);
    },
    readPage: () => Promise.reject(new Error('nothing is read')),
  };
  const ledger = new WriteLedger(performance.now());
  const writer = new Writer({
    api,
    ledger,
    endpoints,
    nowMs: () => performance.now(),
    onGap: (gapMs) => gaps.push(gapMs),
    onUnanswered: (endpoint, why) => told.push(`${endpoint}: ${why}`),
  });
  const stop = new AbortController();
  const running = writer.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  return { writer, ledger, puts, gaps, told };
}

test('writes nothing until it is resumed, and stays with one member that answers', async (t) => {
  const { writer, puts } = aWriter(
    t,
    () => ['a', 'b'],
    () => ACKNOWLEDGED,
  );
  assert.equal(puts.length, 0);
  writer.resume();
  await writer.acknowledgedAnew(t.signal);
  await writer.acknowledgedAnew(t.signal);
  assert.deepEqual(new Set(puts.map((put) => put.clientUrl)), new Set(['a']));
});

test('goes to the next member after a put without an answer, and never repeats a key', async (t) => {
  const { writer, ledger, puts, told } = aWriter(
    t,
    () => ['a', 'b', 'c'],
    ({ clientUrl }) => (clientUrl === 'c' ? ACKNOWLEDGED : UNKNOWN),
  );
  writer.resume();
  await writer.acknowledgedAnew(t.signal);
  assert.deepEqual(
    puts.slice(0, 3).map((put) => put.clientUrl),
    ['a', 'b', 'c'],
  );
  assert.equal(new Set(puts.map((put) => put.key)).size, puts.length);
  assert.equal(ledger.totals(performance.now()).unanswered, 2);
  assert.deepEqual(told, ['a: no answer', 'b: no answer']);
  assert.equal(ledger.acknowledged.has(1), false);
  assert.equal(ledger.acknowledged.has(3), true);
});

test('leaves a member that is no endpoint any more without waiting for it to fail', async (t) => {
  let endpoints = ['a', 'b'];
  const { writer, puts, ledger } = aWriter(
    t,
    () => endpoints,
    () => ACKNOWLEDGED,
  );
  writer.resume();
  await writer.acknowledgedAnew(t.signal);
  endpoints = ['b'];
  const before = puts.length;
  await writer.acknowledgedAnew(t.signal);
  assert.ok(puts.slice(before + 1).every((put) => put.clientUrl === 'b'));
  assert.equal(ledger.totals(performance.now()).unanswered, 0);
});

test('waits for members where there are none', async (t) => {
  let endpoints: readonly string[] = [];
  const { writer, puts } = aWriter(
    t,
    () => {
      const now = endpoints;
      endpoints = ['a'];
      return now;
    },
    () => ACKNOWLEDGED,
  );
  writer.resume();
  await writer.acknowledgedAnew(t.signal);
  assert.equal(puts[0]?.clientUrl, 'a');
});

test('takes only a put begun later for an acknowledgement anew', async (t) => {
  const first = Promise.withResolvers<PutAnswer>();
  const begun = Promise.withResolvers<void>();
  const { writer, puts } = aWriter(
    t,
    () => ['a'],
    (_, index) => {
      begun.resolve();
      return index === 0 ? first.promise : ACKNOWLEDGED;
    },
  );
  writer.resume();
  await begun.promise;
  const anew = writer.acknowledgedAnew(t.signal);
  first.resolve(ACKNOWLEDGED);
  await anew;
  assert.ok(puts.length >= 2);
});

test('a wait for an acknowledgement ends with its signal', async (t) => {
  const { writer } = aWriter(
    t,
    () => [],
    () => ACKNOWLEDGED,
  );
  await assert.rejects(writer.acknowledgedAnew(AbortSignal.abort(new Error('given up'))), /given up/);
});

test('lets the put under way be the last when it is paused', async (t) => {
  const answer = Promise.withResolvers<PutAnswer>();
  const begun = Promise.withResolvers<void>();
  const { writer, puts, ledger } = aWriter(
    t,
    () => ['a'],
    () => {
      begun.resolve();
      return answer.promise;
    },
  );
  writer.resume();
  await begun.promise;
  writer.pause();
  answer.resolve(ACKNOWLEDGED);
  await writer.idle();
  assert.equal(puts.length, 1);
  assert.equal(ledger.acknowledged.total, 1);
  assert.equal(ledger.totals(performance.now() + 1_000).openGapMs, 0);
});
