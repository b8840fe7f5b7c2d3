import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Waker } from '../../src/agent/waker.ts';

/** Nobody waits for it: every test here wakes or gives up. */
const FOR_EVER_MS = 1_000_000;

describe('a waker', () => {
  it('ends the pause that is under way', async (t) => {
    const waker = new Waker();
    const asleep = waker.sleep(FOR_EVER_MS, t.signal);
    waker.wake();
    await asleep;
  });

  it('ends the next pause when it rang while the loop was at work', async (t) => {
    const waker = new Waker();
    waker.wake();
    waker.wake();
    await waker.sleep(FOR_EVER_MS, t.signal);
  });

  it('rings once: the pause after that lasts', async (t) => {
    const waker = new Waker();
    waker.wake();
    await waker.sleep(FOR_EVER_MS, t.signal);
    let isOver = false;
    const asleep = waker.sleep(FOR_EVER_MS, t.signal).then(() => {
      isOver = true;
    });
    await Promise.resolve();
    assert.equal(isOver, false);
    waker.wake();
    await asleep;
  });

  it('pauses no longer than it was told', async (t) => {
    await new Waker().sleep(1, t.signal);
  });

  it('gives up with the signal, before or during the pause', async () => {
    const waker = new Waker();
    await waker.sleep(FOR_EVER_MS, AbortSignal.abort());
    const stop = new AbortController();
    const asleep = waker.sleep(FOR_EVER_MS, stop.signal);
    stop.abort();
    await asleep;
  });
});
