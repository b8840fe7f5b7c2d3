/**
 * Takes the picture of the README: runs the demo in a terminal of tmux, waits until a member that lost its
 * disk is on its way back, and draws what is on the screen into `docs/demo.svg`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ansiToSvg } from './ansi-to-svg.ts';

const root = join(import.meta.dirname, '..');
const COLUMNS = 118;
const ROWS = 36;
/** A server of its own: nobody's sessions are touched. */
const SERVER = `quorate-capture-${process.pid}`;
const LOOK_MS = 50;
/** The default tour is past its middle by then, even on a slow machine. */
const LIMIT_MS = 120_000;

function tmux(...args: readonly string[]): string {
  const { status, stdout, error } = spawnSync('tmux', ['-L', SERVER, ...args], { encoding: 'utf8' });
  if (error !== undefined) {
    process.stderr.write(`capture-demo: tmux is needed (${error.message})\n`);
    process.exit(1);
  }
  return status === 0 ? stdout : '';
}

/** The moment worth showing: a member that lost its disk is on its way back, some time after a leader was lost. */
function isWorthShowing(screen: string): boolean {
  return (
    /[▶✓] wipe/.test(screen) &&
    /its disk is empty now[\s\S]*MemberAdd done[\s\S]*Starting as learner/.test(screen)
  );
}

async function capture(): Promise<readonly string[] | undefined> {
  const untilMs = Date.now() + LIMIT_MS;
  while (Date.now() < untilMs) {
    const screen = tmux('capture-pane', '-p', '-t', 'demo');
    if (isWorthShowing(screen)) {
      return tmux('capture-pane', '-e', '-p', '-t', 'demo').trimEnd().split('\n');
    }
    await delay(LOOK_MS);
  }
  return undefined;
}

const command = `env -u NO_COLOR TERM=tmux-256color '${join(root, 'bin', 'quorate')}' demo`;
tmux(
  '-f',
  '/dev/null',
  'new-session',
  '-d',
  '-s',
  'demo',
  '-x',
  String(COLUMNS),
  '-y',
  String(ROWS),
  command,
);
try {
  const lines = await capture();
  if (lines === undefined) {
    process.stderr.write(`capture-demo: nothing worth showing within ${LIMIT_MS / 1000} s\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(join(root, 'docs'), { recursive: true });
    writeFileSync(join(root, 'docs', 'demo.svg'), ansiToSvg(lines, COLUMNS));
  }
} finally {
  // Ctrl-C, so that the demo ends all it started; the server ends with its last session.
  tmux('send-keys', '-t', 'demo', 'C-c');
}
