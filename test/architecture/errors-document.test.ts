import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LEAVE_REASONS } from '../../src/decide/leave-verdict.ts';
import { REASONS } from '../../src/model/reason.ts';
import { readSources, readText } from './source-files.ts';

const DOCUMENT = readText('docs/errors.md');

/** Words in capitals that are no error codes: variables of the environment, and what systems call errors. */
const NO_CODES = /^(QUORATE|KUBERNETES|POD|XDG|HTTP|HTTPS|NO|EAI)_|^ETCD_BIN$/;

type Row = { readonly word: string; readonly meaning: string; readonly remedy: string };

/** The rows of all tables in the chapter of this title. */
function rowsOf(title: string): readonly Row[] {
  const [, chapter = ''] = DOCUMENT.split(`\n## ${title}\n`);
  const [text = ''] = chapter.split('\n## ');
  return [...text.matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm)].map((match) => ({
    word: match[1] ?? '',
    meaning: match[2] ?? '',
    remedy: match[3] ?? '',
  }));
}

/** Every error code that the source writes as a text. */
function codesInSource(): readonly string[] {
  const found = readSources('src').flatMap(({ code }) =>
    [...code.matchAll(/['"`]([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)['"`]|(CONFIG_INVALID)/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    ),
  );
  return [...new Set(found)].filter((word) => !NO_CODES.test(word)).toSorted();
}

describe('docs/errors.md', () => {
  it('explains every reason, and no other', () => {
    assert.deepEqual(wordsOf('Reasons'), REASONS.toSorted());
  });

  it('explains every reason to leave or stay, and no other', () => {
    assert.deepEqual(wordsOf('Leave reasons'), LEAVE_REASONS.toSorted());
  });

  it('explains every error code in the source, and no other', () => {
    assert.deepEqual(wordsOf('Error codes'), codesInSource());
  });

  it('says in whole sentences what each word means and what to do', () => {
    for (const { word, meaning, remedy } of [
      ...rowsOf('Reasons'),
      ...rowsOf('Leave reasons'),
      ...rowsOf('Error codes'),
    ]) {
      assert.match(meaning, /^[A-Za-z`].*\.$/, word);
      assert.match(remedy, /^[A-Z`].*\.$/, word);
    }
  });

  it('has a row for each line of its tables', () => {
    const lines = DOCUMENT.split('\n').filter((line) => line.startsWith('| `'));
    const rows = ['Reasons', 'Leave reasons', 'Error codes'].flatMap(rowsOf);
    assert.equal(rows.length, lines.length);
  });
});

function wordsOf(title: string): readonly string[] {
  return rowsOf(title)
    .map(({ word }) => word)
    .toSorted();
}
