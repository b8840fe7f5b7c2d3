import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HISTORIC_BUGS } from '../simulation/historic-bugs.ts';
import { INVARIANTS } from '../simulation/invariant.ts';
import { readSources, readText } from './source-files.ts';

type Row = {
  readonly number: string;
  readonly invariant: string;
  readonly bugs: string;
  readonly seen: string;
};

const [, CHAPTER = ''] = readText('docs/SPEC.md').split('\n## 5. Invariants\n');
const ROWS: readonly Row[] = [...CHAPTER.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$/gm)].map(
  ([, number = '', invariant = '', bugs = '', seen = '']) => ({ number, invariant, bugs, seen }),
);

function quoted(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

describe('docs/SPEC.md', () => {
  it('has a row for every invariant that the simulator judges, in its words', () => {
    const written = ROWS.map(({ number, invariant }) => `${number} ${invariant.replaceAll('`', '')}`);
    assert.deepEqual(written, Object.values(INVARIANTS));
  });

  it('names for every invariant a bug that the simulator catches by it', () => {
    const names = Object.keys(INVARIANTS);
    for (const [index, { bugs, invariant }] of ROWS.entries()) {
      assert.notEqual(quoted(bugs).length, 0, invariant);
      for (const name of quoted(bugs)) {
        const bug = HISTORIC_BUGS.find((each) => each.name === name);
        assert.ok(
          bug?.breaks.some((broken) => broken === names[index]),
          `${invariant}: ${name}`,
        );
      }
    }
  });

  it('names for every invariant a scenario that exists', () => {
    const scenarios = readSources('test/scenario')
      .map(({ code }) => code)
      .join('\n');
    for (const { seen, invariant } of ROWS) {
      assert.notEqual(quoted(seen).length, 0, invariant);
      for (const name of quoted(seen)) {
        const isNamed = ["'", '`', ' '].some((end) => scenarios.includes(`${name}${end}`));
        assert.ok(isNamed, name);
      }
    }
  });
});
