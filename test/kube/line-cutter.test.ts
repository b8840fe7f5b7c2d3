import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createLineCutter } from '../../src/kube/line-cutter.ts';

describe('createLineCutter', () => {
  it('gives back every line, wherever the chunks are cut', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 20 }), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
        const edges = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b),
          bytes.length,
        ];
        const cutter = createLineCutter(10_000);
        const found = edges.slice(1).flatMap((to, index) => {
          const pushed = cutter.push(bytes.subarray(edges[index], to));
          return pushed === 'too-long' ? ['too long'] : pushed;
        });
        assert.deepEqual(found, lines);
        assert.equal(cutter.isInsideLine(), false);
      }),
    );
  });

  it('knows when a line has begun and not ended', () => {
    const cutter = createLineCutter(100);
    assert.deepEqual(cutter.push(Buffer.from('a\nb')), ['a']);
    assert.equal(cutter.isInsideLine(), true);
    assert.deepEqual(cutter.push(Buffer.from('\n')), ['b']);
    assert.equal(cutter.isInsideLine(), false);
  });

  it('refuses a line beyond the bound, in one chunk or in many', () => {
    assert.equal(createLineCutter(3).push(Buffer.from('1234\n')), 'too-long');
    const cutter = createLineCutter(3);
    assert.deepEqual(cutter.push(Buffer.from('12')), []);
    assert.equal(cutter.push(Buffer.from('34')), 'too-long');
    assert.deepEqual(createLineCutter(3).push(Buffer.from('123\n')), ['123']);
  });
});
