import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installProgress, type ProgressStream } from '../../src/cli/install-progress.ts';
import type { InstallEvent } from '../../src/etcd/install/install-deps.ts';

const version = '3.6.16';
const EVENTS: readonly InstallEvent[] = [
  { kind: 'refused', version, source: 'cache', why: 'there is no /c/3.6.16', next: 'go-build' },
  { kind: 'step', version, source: 'go-build', text: 'building it from its Go modules' },
  { kind: 'found', version, source: 'go-build', directory: '/c/3.6.16' },
];

type Written = { readonly stream: ProgressStream; readonly text: () => string };

function aStream(properties: { readonly isTTY?: boolean; readonly columns?: number } = {}): Written {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  return { stream: { ...properties, write }, text: () => written };
}

function textOf(
  properties: { isTTY?: boolean; columns?: number },
  environment: Record<string, string>,
): string {
  const { stream, text } = aStream(properties);
  const progress = installProgress(stream, environment);
  for (const event of EVENTS) {
    progress.report(event);
  }
  progress.stop();
  return text();
}

test('writes plain lines, one per step, where there is no terminal', () => {
  const lines = [
    'etcd 3.6.16: there is no /c/3.6.16; trying its Go modules',
    'etcd 3.6.16: building it from its Go modules …',
    'etcd 3.6.16: installed in /c/3.6.16',
  ];
  assert.equal(textOf({}, {}), `${lines.join('\n')}\n`);
  assert.equal(textOf({ isTTY: true }, { TERM: 'dumb' }), `${lines.join('\n')}\n`);
});

test('colours lines on a terminal', () => {
  assert.match(textOf({ isTTY: true }, {}), /\u001b\[33metcd 3\.6\.16: there is no .*\u001b\[0m\n/);
});

test('shows no colours where NO_COLOR is set, but still the seconds', () => {
  const text = textOf({ isTTY: true }, { NO_COLOR: '1' });
  assert.doesNotMatch(text, /\u001b\[3/);
  assert.match(text, /building it from its Go modules … 0 s/);
});

test('says nothing of what was found ready', () => {
  const { stream, text } = aStream();
  installProgress(stream, {}).report({ kind: 'found', version, source: 'cache', directory: '/c/3.6.16' });
  assert.equal(text(), '');
});

test('draws the step under way again each second, in one line that never wraps', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { stream, text } = aStream({ isTTY: true, columns: 30 });
  const progress = installProgress(stream, {});
  progress.report({ kind: 'step', version, source: 'go-build', text: 'building it from its Go modules' });
  t.mock.timers.tick(2000);
  progress.stop();
  t.mock.timers.tick(2000);
  const drawn = text().trimEnd().split('\r\u001b[2K').slice(1);
  assert.equal(drawn.length, 4);
  for (const line of drawn) {
    assert.ok(line.length < 30, line);
    assert.match(line, /^etcd 3\.6\.16: building .* … \d s$/);
  }
});
