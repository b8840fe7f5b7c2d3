import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pause, within } from '../../src/runtime/abort.ts';

const FOR_EVER_MS = 1_000_000;

describe('a bounded signal', () => {
  it('fires with the signal it bounds', () => {
    const stop = new AbortController();
    const bounded = within(stop.signal, FOR_EVER_MS);
    assert.equal(bounded.aborted, false);
    stop.abort();
    assert.equal(bounded.aborted, true);
  });

  it('fires by itself when its time is up', async (t) => {
    await pause(FOR_EVER_MS, within(t.signal, 1));
  });
});

describe('a pause', () => {
  it('ends when its time is up, and early with the signal; it never rejects', async (t) => {
    await pause(1, t.signal);
    await pause(FOR_EVER_MS, AbortSignal.abort(new Error('no matter')));
  });
});
