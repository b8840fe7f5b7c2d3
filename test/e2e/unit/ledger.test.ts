import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, keyOf, Ledger, writtenAt } from '../support/ledger.ts';

describe('a ledger', () => {
  it('tells the longest time between two acknowledgements, when it began, and what was said meanwhile', () => {
    const ledger = new Ledger(1_000, 'start');
    ledger.noteAcknowledged(0, 1_010);
    ledger.noteFailed('no leader');
    ledger.noteFailed('no leader');
    ledger.noteFailed('refused');
    ledger.noteAcknowledged(4, 3_010);
    ledger.noteAcknowledged(5, 3_020);
    const [section] = ledger.sections();
    assert.deepEqual(section, {
      name: 'start',
      acknowledged: 3,
      longestGap: { ms: 2_000, since: '1970-01-01T00:00:01.010Z', failures: { 'no leader': 2, refused: 1 } },
    });
    assert.deepEqual(ledger.acknowledged, [0, 4, 5]);
  });

  it('gives a gap to the section in which it ends', () => {
    const ledger = new Ledger(0, 'before');
    ledger.noteAcknowledged(0, 10);
    ledger.openSection('after');
    ledger.noteAcknowledged(1, 510);
    const [before, after] = ledger.sections();
    assert.equal(before?.longestGap.ms, 10);
    assert.equal(after?.name, 'after');
    assert.equal(after?.longestGap.ms, 500);
  });

  it('has a section of no writes without a gap', () => {
    assert.deepEqual(new Ledger(5, 'start').sections(), [
      { name: 'start', acknowledged: 0, longestGap: { ms: 0, since: '', failures: {} } },
    ]);
  });
});

describe('judge', () => {
  const found = (...numbers: readonly number[]): Map<string, string> =>
    new Map(numbers.map((number) => [keyOf(number), writtenAt(keyOf(number))]));

  it('finds writes that were acknowledged and are gone', () => {
    assert.deepEqual(judge([0, 1, 2], found(0, 2)), { lost: [keyOf(1)], changed: [] });
  });

  it('holds nothing against a write that took effect without an answer', () => {
    assert.deepEqual(judge([0], found(0, 1)), { lost: [], changed: [] });
  });

  it('finds values that have changed', () => {
    assert.deepEqual(judge([0], new Map([[keyOf(0), 'another']])), { lost: [], changed: [keyOf(0)] });
  });
});
