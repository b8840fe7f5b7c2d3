import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readText } from './source-files.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENT = readText('docs/security.md');

/** Tables whose last column names the proof. */
const PROVED = DOCUMENT.split('\n## ').filter((chapter) => chapter.includes('proved by |'));

type Link = { readonly words: string; readonly path: string };

/** Links to files of this checkout. */
function linksIn(text: string): readonly Link[] {
  return [...text.matchAll(/\[([^\]]+)\]\((\.\.\/[^)#]+)\)/g)].map(([, words = '', path = '']) => ({
    words,
    path: path.slice('../'.length),
  }));
}

/** The rows of those tables in `chapter`. */
function claimsIn(chapter: string): readonly string[] {
  const lines = chapter.split('\n');
  let isProved = false;
  return lines.filter((line) => {
    isProved = line.endsWith('proved by |') || (isProved && line.startsWith('|'));
    return isProved && !line.endsWith('proved by |') && !line.startsWith('|---');
  });
}

describe('docs/security.md', () => {
  it('names no proof that is not there', () => {
    const links = linksIn(DOCUMENT);
    assert.deepEqual(
      links.filter(({ path }) => !existsSync(join(ROOT, path))),
      [],
    );
    const tests = links.filter(({ path }) => path.endsWith('.test.ts'));
    assert.deepEqual(
      tests.filter(({ words, path }) => !readText(path).includes(words)),
      [],
    );
  });

  it('makes no claim without a proof, other than among those that are not proved yet', () => {
    const claims = PROVED.flatMap(claimsIn);
    assert.ok(claims.length > 25, `${claims.length} claims`);
    assert.deepEqual(
      claims.filter((claim) => !linksIn(claim).some(({ path }) => path.endsWith('.test.ts'))),
      [],
    );
  });
});
