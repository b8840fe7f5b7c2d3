import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { singleFlight } from '../../../src/agent/leave/single-flight.ts';

describe('a single flight', () => {
  it('shares one outcome among the calls made while it is under way', async () => {
    const first = Promise.withResolvers<string>();
    let starts = 0;
    const flight = singleFlight(() => {
      starts += 1;
      return first.promise;
    });
    assert.equal(flight.isRunning(), false);
    const calls = [flight.run(), flight.run(), flight.run()];
    assert.equal(flight.isRunning(), true);
    first.resolve('left');
    assert.deepEqual(await Promise.all(calls), ['left', 'left', 'left']);
    assert.deepEqual([starts, flight.isRunning()], [1, false]);
  });

  it('starts anew for a call made after it is over, also after a failure', async () => {
    let starts = 0;
    const flight = singleFlight(async () => {
      starts += 1;
      if (starts === 1) {
        throw new Error('no luck');
      }
      return starts;
    });
    await assert.rejects(flight.run(), /no luck/);
    assert.equal(await flight.run(), 2);
  });
});
