import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterRestart, type BackOff, restartDelayMs } from '../../src/local/restart-back-off.ts';

/** Seconds each restart waits, for a container that runs for so many seconds each time. */
function waits(runSeconds: readonly number[]): readonly number[] {
  let backOff: BackOff | undefined;
  let nowMs = 5_000_000;
  return runSeconds.map((ranSeconds) => {
    nowMs += ranSeconds * 1000;
    const delayMs = restartDelayMs(backOff, nowMs);
    nowMs += delayMs;
    backOff = afterRestart(backOff, nowMs);
    return delayMs / 1000;
  });
}

describe('the back-off of a container', () => {
  const table: readonly [string, readonly number[], readonly number[]][] = [
    [
      'restarts at once, then after 10 s, 20 s, … and at most 5 min',
      [1, 1, 1, 1, 1, 1, 1, 1, 1],
      [0, 10, 20, 40, 80, 160, 300, 300, 300],
    ],
    ['counts the first run, however long, as no merit', [100_000, 1, 1], [0, 10, 20]],
    ['is not shortened by a run shorter than ten minutes', [1, 1, 1, 500, 1], [0, 10, 20, 40, 80]],
    ['begins anew after a run of ten minutes', [1, 1, 1, 601, 1, 1], [0, 10, 20, 0, 10, 20]],
    [
      'ends ten minutes after the last restart, though the container is down by then',
      [1, 1, 1, 1, 1, 1, 1, 590, 1],
      [0, 10, 20, 40, 80, 160, 300, 10, 10],
    ],
  ];
  for (const [name, runSeconds, expected] of table) {
    it(name, () => assert.deepEqual(waits(runSeconds), expected));
  }
});
