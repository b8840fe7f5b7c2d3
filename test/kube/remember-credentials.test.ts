import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiCredentials, Credentials } from '../../src/kube/api-credentials.ts';
import { rememberCredentials } from '../../src/kube/remember-credentials.ts';
import { aManualClock, type ManualClock } from '../support/a-clock.ts';

type Reader = {
  readonly read: ApiCredentials['read'];
  readonly clock: ManualClock;
  /** `load` and `show` as they were called; what is shown is the number of the load and of the show. */
  readonly calls: string[];
  /** What the next `show` gives instead. */
  readonly next: { show: Promise<Credentials> | undefined };
};

function aReader(): Reader {
  const clock = aManualClock();
  const calls: string[] = [];
  const next: Reader['next'] = { show: undefined };
  const count = (what: string): number => calls.filter((each) => each === what).length;
  const read = rememberCredentials<number>({
    nowMs: () => clock.nowMs(),
    load: () => {
      calls.push('load');
      return count('load');
    },
    show: async (config) => {
      calls.push('show');
      return next.show ?? { headers: { load: String(config), show: String(count('show')) }, tls: {} };
    },
  });
  return { read, clock, calls, next };
}

describe('rememberCredentials', () => {
  it('asks once for many who ask at once, and again after a while', async (t) => {
    const { read, clock, calls } = aReader();
    const all = await Promise.all([read('nothing', t.signal), read('nothing', t.signal)]);
    assert.deepEqual(all[0], all[1]);
    assert.deepEqual(calls, ['load', 'show']);
    clock.advance(11_000);
    assert.deepEqual((await read('nothing', t.signal)).headers, { load: '1', show: '2' });
  });

  it('reads everything anew after a refusal, but not for each of many', async (t) => {
    const { read, clock, calls } = aReader();
    await read('nothing', t.signal);
    clock.advance(5_000);
    const renewed = await Promise.all([read('refusal', t.signal), read('refusal', t.signal)]);
    assert.deepEqual(
      renewed.map(({ headers }) => headers['load']),
      ['2', '2'],
    );
    assert.deepEqual(calls, ['load', 'show', 'load', 'show']);
  });

  it('asks again after a failure', async (t) => {
    const { read, next } = aReader();
    next.show = Promise.reject(new Error('the plugin failed'));
    await assert.rejects(read('nothing', t.signal), /the plugin failed/);
    next.show = undefined;
    assert.equal((await read('nothing', t.signal)).headers['show'], '2');
  });

  it('lets go of who asked when a plugin hangs, and tries another one after a minute', async (t) => {
    const { read, clock, next, calls } = aReader();
    next.show = new Promise(() => {});
    const stop = new AbortController();
    const asked = read('nothing', stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(asked, /enough/);
    await assert.rejects(read('nothing', stop.signal), /enough/);
    assert.deepEqual(calls, ['load', 'show']);
    next.show = undefined;
    clock.advance(61_000);
    assert.equal((await read('nothing', t.signal)).headers['show'], '2');
  });
});
