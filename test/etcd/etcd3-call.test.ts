import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { callOnce } from '../../src/etcd/etcd3-call.ts';

const never = new Promise<string>(() => {});

describe('a call', () => {
  it('is made once, with a deadline, and gives what came of it', async (t) => {
    const deadlines: unknown[] = [];
    const answered = await callOnce(
      async ({ deadline }) => {
        deadlines.push(deadline);
        return 'answer';
      },
      1_000,
      t.signal,
    );
    assert.deepEqual(answered, { ok: true, value: 'answer' });
    assert.equal(deadlines.length, 1);
    assert.equal(typeof deadlines[0], 'number');
  });

  it('is not made again when it fails, and keeps etcd’s words', async (t) => {
    let calls = 0;
    const failed = await callOnce(
      () => {
        calls += 1;
        return Promise.reject(new Error('etcdserver: request timed out'));
      },
      1_000,
      t.signal,
    );
    assert.deepEqual([failed, calls], [{ ok: false, text: 'etcdserver: request timed out' }, 1]);
  });

  it('is not made at all once it was given up', async () => {
    const call = (): Promise<string> => assert.fail('it was made');
    const result = await callOnce(call, 1_000, AbortSignal.abort());
    assert.deepEqual(result, { ok: false, text: 'given up before asking' });
  });

  it('tells what it waits for first when its deadline has passed', async (t) => {
    const late = await callOnce(
      async (_options, given) => {
        await once(given, 'abort');
        throw given.reason;
      },
      1,
      t.signal,
    );
    assert.ok(!late.ok);
    assert.match(late.text, /timeout/);
  });

  it('is left behind when it is given up', async () => {
    const givenUp = new AbortController();
    const pending = callOnce(() => never, 1_000, givenUp.signal);
    givenUp.abort();
    assert.deepEqual(await pending, { ok: false, text: 'given up waiting' });
  });
});
