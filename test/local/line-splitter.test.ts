import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAgentLine } from '../../src/local/agent-line.ts';
import { LINE_CHARS_MAX, splitLines } from '../../src/local/line-splitter.ts';

function linesOf(chunks: readonly Buffer[]): readonly string[] {
  const lines: string[] = [];
  const split = splitLines((line) => lines.push(line));
  for (const chunk of chunks) {
    split(chunk);
  }
  return lines;
}

describe('splitLines', () => {
  it('finds the same lines wherever the stream is cut, even inside a character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n'))),
        fc.nat({ max: 7 }),
        (lines, size) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const chunks: Buffer[] = [];
          for (let start = 0; start < bytes.length; start += size + 1) {
            chunks.push(bytes.subarray(start, start + size + 1));
          }
          assert.deepEqual(linesOf(chunks), lines);
        },
      ),
    );
  });

  it('passes an endless line on in pieces', () => {
    const piece = Buffer.alloc(LINE_CHARS_MAX / 2 + 1, 'x');
    assert.deepEqual(
      linesOf([piece, piece, Buffer.from('end\n')]).map((line) => line.length),
      [LINE_CHARS_MAX + 2, 3],
    );
  });
});

describe('parseAgentLine', () => {
  it('reads what pino writes', () => {
    assert.deepEqual(parseAgentLine('{"level":30,"membershipCall":"MemberAdd"}'), {
      level: 30,
      membershipCall: 'MemberAdd',
    });
  });

  it('takes nothing else for a record', () => {
    for (const line of ['', 'Error: x', '    at main.ts:1', '[1]', '{', '{"a":', '"x"']) {
      assert.equal(parseAgentLine(line), undefined);
    }
  });
});
