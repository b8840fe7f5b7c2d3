import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresIn, mapSamples, measuredIn, type Sample, sampleOnce } from '../../src/bench/sample.ts';

const PATIENCE_MS = 10_000;

const SAMPLES: readonly Sample<number>[] = [
  { kind: 'measured', value: 1 },
  { kind: 'failed', why: 'no leader' },
  { kind: 'measured', value: 3 },
];

test('keeps failed runs apart from measured ones', () => {
  assert.deepEqual(measuredIn(SAMPLES), [1, 3]);
  assert.deepEqual(failuresIn(SAMPLES), ['no leader']);
});

test('a failed run stays failed whatever is read off the others', () => {
  const texts = mapSamples(SAMPLES, String);
  assert.deepEqual(texts, [
    { kind: 'measured', value: '1' },
    { kind: 'failed', why: 'no leader' },
    { kind: 'measured', value: '3' },
  ]);
});

test('gives what was measured', async (t) => {
  assert.deepEqual(await sampleOnce(async () => 7, PATIENCE_MS, t.signal), { kind: 'measured', value: 7 });
});

test('a run that throws is a failed one', async (t) => {
  const sample = await sampleOnce(() => Promise.reject(new Error('refused')), PATIENCE_MS, t.signal);
  assert.deepEqual(sample, { kind: 'failed', why: 'refused' });
});

test('a run that takes too long is a failed one and says what it waited for', async (t) => {
  const sample = await sampleOnce(
    async (signal) => {
      const aborted = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => aborted.resolve());
      await aborted.promise;
      throw new Error('a learner is listed');
    },
    1,
    t.signal,
  );
  assert.deepEqual(sample, { kind: 'failed', why: 'not done after 0.001 s: a learner is listed' });
});

test('being told to stop is not a failed run', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'));
  await assert.rejects(
    sampleOnce(() => Promise.reject(new Error('anything')), PATIENCE_MS, stopped),
    /stopped/,
  );
});
