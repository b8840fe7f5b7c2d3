import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ansiPaint, noPaint, paintFor } from '../../src/demo/paint.ts';
import { fit, fitRight, type Line, paintLine, widthOf } from '../../src/demo/text-line.ts';

test('fits text by padding or by cutting it with an ellipsis', () => {
  assert.equal(fit('abc', 5), 'abc  ');
  assert.equal(fitRight('abc', 5), '  abc');
  assert.equal(fit('abcdef', 5), 'abcd…');
  assert.equal(fitRight('abcdef', 1), '…');
  assert.equal(fit('abc', 0), '');
});

test('never paints a line wider than its place', () => {
  const span = fc.record({ text: fc.string({ maxLength: 12 }) });
  fc.assert(
    fc.property(fc.array(span, { maxLength: 6 }), fc.nat({ max: 30 }), (line: Line, width) => {
      const painted = paintLine(line, width, noPaint);
      assert.equal(painted.length, Math.min(width, painted.length));
      if (widthOf(line) <= width) {
        assert.equal(painted, line.map((each) => each.text).join(''));
      }
    }),
  );
});

test('paints what is shown, and nothing that is not', () => {
  const line: Line = [{ text: 'ok', style: 'good' }, { text: ' rest' }, { text: ' more', style: 'bad' }];
  assert.equal(paintLine(line, 7, ansiPaint), '\u001b[32mok\u001b[0m rest');
});

test('colours only a terminal, and only when nobody objects', () => {
  const terminal = { isTTY: true };
  assert.equal(paintFor(terminal, {}), ansiPaint);
  assert.equal(paintFor(terminal, { NO_COLOR: '' }), ansiPaint);
  assert.equal(paintFor(terminal, { NO_COLOR: '1' }), noPaint);
  assert.equal(paintFor(terminal, { TERM: 'dumb' }), noPaint);
  assert.equal(paintFor({}, {}), noPaint);
});
