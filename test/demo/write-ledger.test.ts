import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUCKET_MS, WriteLedger } from '../../src/demo/write-ledger.ts';

test('counts the pauses between acknowledgements, for each step and in all', () => {
  const ledger = new WriteLedger(0);
  assert.equal(ledger.noteAcknowledged(1, 'c', 1_000), 0, 'the first ends no gap');
  assert.equal(ledger.noteAcknowledged(2, 'c', 1_300), 300);
  ledger.beginStep();
  assert.equal(ledger.noteAcknowledged(3, 'c', 1_310), 10);
  const totals = ledger.totals(1_350);
  assert.equal(totals.longestGapMs, 300);
  assert.equal(totals.longestGapInStepMs, 10);
  assert.equal(totals.openGapMs, 40);
});

test('a gap that spans the beginning of a step belongs to the step it ends in', () => {
  const ledger = new WriteLedger(0);
  ledger.noteAcknowledged(1, 'c', 0);
  ledger.beginStep();
  ledger.noteAcknowledged(2, 'c', 400);
  assert.equal(ledger.totals(400).longestGapInStepMs, 400);
});

test('a pause on purpose is no gap; the wait after it is one of its own kind', () => {
  const ledger = new WriteLedger(0);
  ledger.noteAcknowledged(1, 'c', 0);
  ledger.notePaused();
  assert.equal(ledger.totals(60_000).openGapMs, 0);
  ledger.noteResumed(60_000);
  ledger.beginStep();
  assert.equal(ledger.totals(60_100).openGapMs, 100);
  assert.equal(ledger.noteAcknowledged(2, 'c', 61_500), 1_500);
  ledger.noteAcknowledged(3, 'c', 61_505);
  const totals = ledger.totals(61_505);
  assert.equal(totals.longestGapInStepMs, 1_500);
  assert.equal(totals.longestWakeMs, 1_500);
  assert.equal(totals.longestGapMs, 5);
});

test('an acknowledgement that comes while the pause begins ends no gap', () => {
  const ledger = new WriteLedger(0);
  ledger.noteAcknowledged(1, 'c', 0);
  ledger.notePaused();
  assert.equal(ledger.noteAcknowledged(2, 'c', 200), 0);
});

test('keeps what was acknowledged apart from what had no answer', () => {
  const ledger = new WriteLedger(0);
  ledger.noteAcknowledged(1, 'c1', 1);
  ledger.noteUnanswered();
  ledger.noteAcknowledged(3, 'c2', 2);
  assert.deepEqual(
    [1, 2, 3].map((number) => ledger.acknowledged.has(number)),
    [true, false, true],
  );
  assert.deepEqual([...ledger.clusterIds], ['c1', 'c2']);
  assert.equal(ledger.totals(2).unanswered, 1);
});

test('shows the rate of the last second and the buckets before', () => {
  const ledger = new WriteLedger(0);
  for (let number = 1; number <= 8; number++) {
    ledger.noteAcknowledged(number, 'c', number * (BUCKET_MS / 2) - 1);
  }
  const totals = ledger.totals(4 * BUCKET_MS);
  assert.deepEqual(totals.history, [2, 2, 2, 2]);
  assert.equal(totals.writesPerSecond, 8);
  assert.deepEqual(ledger.totals(6 * BUCKET_MS).history, [2, 2, 2, 2, 0, 0]);
});

test('keeps a bounded history, whatever time has passed', () => {
  const ledger = new WriteLedger(0);
  ledger.noteAcknowledged(1, 'c', 1);
  const { history, writesPerSecond } = ledger.totals(3_600_000);
  assert.equal(history.length, 120);
  assert.equal(writesPerSecond, 0);
  ledger.noteAcknowledged(2, 'c', 3_600_001);
  assert.equal(ledger.totals(3_600_000 + BUCKET_MS).writesPerSecond, 1);
});
