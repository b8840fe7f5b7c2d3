import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONDITION_REASONS } from '../../src/operator/plan/condition-reasons.ts';
import { EVENT_REASONS } from '../../src/operator/plan/event-reasons.ts';
import { readText } from './source-files.ts';

const DOCUMENT = readText('docs/operations.md');
const PHASES = /export type ClusterPhase =([^;]+);/;
const CONDITIONS = /export type ClusterConditionType =([^;]+);/;
/** It comes with backups. */
const CONDITIONS_TO_COME = new Set(['BackupReady']);

/** The cells of the rows of the chapter (`## `) or section (`### `) of this title that begin with a word. */
function rowsOf(title: string): readonly (readonly string[])[] {
  const [, text = ''] = DOCUMENT.split(`# ${title}\n`);
  const [own = ''] = text.split(/\n#+ /);
  return own
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '));
}

function wordsOf(...titles: readonly string[]): readonly string[] {
  return titles
    .flatMap(rowsOf)
    .map(([word = '']) => word.replaceAll('`', ''))
    .toSorted();
}

/** The words of a union in the API's types. */
function unionOf(pattern: RegExp): readonly string[] {
  const [, union = ''] = pattern.exec(readText('src/api/cluster-status.ts')) ?? [];
  return [...union.matchAll(/'(\w+)'/g)].map(([, word = '']) => word).toSorted();
}

const REASON_SECTIONS = ['All is well, or on its way', 'Something is amiss', 'For the author of the spec'];

describe('docs/operations.md', () => {
  it('explains every reason of a condition, and no other', () => {
    assert.deepEqual(wordsOf(...REASON_SECTIONS), CONDITION_REASONS.toSorted());
  });

  it('explains every reason of an Event as the source does, and no other', () => {
    const rows = rowsOf('Events').map(([word = '', type, meaning]) => [
      word.replaceAll('`', ''),
      { type, meaning },
    ]);
    assert.deepEqual(Object.fromEntries(rows), EVENT_REASONS);
  });

  it('explains every phase and every condition', () => {
    assert.deepEqual(wordsOf('Phases'), unionOf(PHASES));
    const conditions = unionOf(CONDITIONS).filter((type) => !CONDITIONS_TO_COME.has(type));
    assert.deepEqual(wordsOf('Conditions'), conditions);
  });

  it('says in whole sentences what each word means and what to do', () => {
    for (const [word = '', ...cells] of REASON_SECTIONS.flatMap(rowsOf)) {
      assert.equal(cells.length, 2, word);
      for (const cell of cells) {
        assert.match(cell, /^[A-Z`].*\.$/, word);
      }
    }
  });
});
