import type { EtcdSource } from '../etcd/install/etcd-binaries.ts';
import type { InstallEvent } from '../etcd/install/install-deps.ts';

/** Where progress is written: stderr, or what stands in for it. */
export type ProgressStream = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
};

/** Shows an installation as it goes; `stop` ends what is live on the terminal. */
export type InstallProgress = { readonly report: (event: InstallEvent) => void; readonly stop: () => void };

/** The elapsed seconds change no faster. */
const REDRAW_INTERVAL_MS = 1000;

/** For terminals that do not tell their width, or say 0. */
const COLUMNS_DEFAULT = 80;

const CLEAR_LINE = '\r\u001b[2K';

const COLOURS = { good: '\u001b[32m', bad: '\u001b[33m' } as const;

/**
 * One line per step. On a terminal the step under way shows its elapsed seconds, and lines are coloured
 * unless NO_COLOR is set (no-color.org). What was found ready is not mentioned: the result says it.
 */
export function installProgress(
  stream: ProgressStream,
  environment: Readonly<Record<string, string | undefined>>,
): InstallProgress {
  const isTerminal = stream.isTTY === true && environment['TERM'] !== 'dumb';
  const isColoured = isTerminal && (environment['NO_COLOR'] ?? '') === '';
  const steps = isTerminal ? liveSteps(stream) : plainSteps(stream);
  const finish = (text: string, mood: keyof typeof COLOURS): void => {
    steps.end();
    stream.write(isColoured ? `${COLOURS[mood]}${text}\u001b[0m\n` : `${text}\n`);
  };
  const report = (event: InstallEvent): void => {
    const subject = `etcd ${event.version}:`;
    if (event.kind === 'step') {
      steps.begin(`${subject} ${event.text}`);
    } else if (event.kind === 'refused') {
      finish(`${subject} ${event.why}; ${afterwards(event.next)}`, 'bad');
    } else if (event.source === 'go-build' || event.source === 'release') {
      finish(`${subject} installed in ${event.directory}`, 'good');
    }
  };
  return { report, stop: steps.end };
}

function afterwards(next: EtcdSource | null): string {
  switch (next) {
    case null:
      return 'nothing is left to try';
    case 'ETCD_BIN':
      return 'looking at ETCD_BIN';
    case 'cache':
      return 'looking into the cache';
    case 'go-build':
      return 'trying its Go modules';
    case 'release':
      return 'trying the official release';
  }
}

/** Announces a step when it begins and, with its duration, when it ends. */
type Steps = { readonly begin: (text: string) => void; readonly end: () => void };

function plainSteps(stream: ProgressStream): Steps {
  return { begin: (text) => stream.write(`${text} …\n`), end: () => {} };
}

function liveSteps(stream: ProgressStream): Steps {
  let current: { readonly timer: NodeJS.Timeout; readonly draw: () => void } | undefined;
  const end = (): void => {
    if (current !== undefined) {
      clearInterval(current.timer);
      current.draw();
      stream.write('\n');
      current = undefined;
    }
  };
  const begin = (text: string): void => {
    end();
    const startedMs = performance.now();
    const draw = (): void => {
      const seconds = ` … ${Math.floor((performance.now() - startedMs) / 1000)} s`;
      // A line that wraps could not be redrawn in place.
      const room = (stream.columns || COLUMNS_DEFAULT) - seconds.length - 1;
      stream.write(`${CLEAR_LINE}${text.slice(0, Math.max(room, 0))}${seconds}`);
    };
    draw();
    current = { timer: setInterval(draw, REDRAW_INTERVAL_MS).unref(), draw };
  };
  return { begin, end };
}
