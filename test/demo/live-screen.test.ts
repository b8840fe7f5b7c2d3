import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveScreen } from '../../src/demo/live-screen.ts';

function aStream(columns?: number, rows?: number) {
  const written: string[] = [];
  return {
    written,
    ...(columns === undefined ? {} : { columns }),
    ...(rows === undefined ? {} : { rows }),
    write: (text: string) => written.push(text),
  };
}

test('writes only the lines that changed', () => {
  const stream = aStream(80, 3);
  const screen = new LiveScreen(stream);
  screen.open();
  screen.draw(['one', 'two', 'three']);
  stream.written.length = 0;
  screen.draw(['one', 'TWO', 'three']);
  screen.draw(['one', 'TWO', 'three']);
  assert.deepEqual(stream.written, ['\u001b[2;1HTWO\u001b[K']);
});

test('draws everything anew when the terminal was resized', () => {
  const stream = { ...aStream(), columns: 80, rows: 2 };
  const screen = new LiveScreen(stream);
  screen.open();
  screen.draw(['one', 'two']);
  stream.written.length = 0;
  stream.columns = 60;
  screen.draw(['one', 'two']);
  assert.equal(stream.written.length, 1);
  assert.match(stream.written[0] ?? '', /one.*two/s);
});

test('gives the terminal back once, and draws nothing afterwards', () => {
  const stream = aStream();
  const screen = new LiveScreen(stream);
  screen.open();
  screen.close();
  screen.close();
  screen.draw(['late']);
  assert.equal(stream.written.length, 2);
  assert.match(stream.written[1] ?? '', /\?25h.*\?1049l/s);
});

test('assumes a common size where the terminal tells none', () => {
  assert.deepEqual(new LiveScreen(aStream()).space, { columns: 80, rows: 24 });
  assert.deepEqual(new LiveScreen(aStream(0, 0)).space, { columns: 80, rows: 24 });
});
