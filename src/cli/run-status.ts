import { LiveScreen } from '../demo/live-screen.ts';
import { paintFor } from '../demo/paint.ts';
import { fetchSnapshot } from '../local/control-client.ts';
import { pause } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';
import { EXIT } from './exit-code.ts';
import { interruptible } from './interruptible.ts';
import type { OutputFormat } from './output-option.ts';
import { printResult } from './output-option.ts';
import { stateFolderOf } from './state-folder.ts';
import { statusReportOf } from './status-report.ts';
import { renderStatus } from './status-table.ts';

export type StatusArguments = {
  readonly state?: string;
  readonly watch: boolean;
  readonly json: boolean;
  readonly output: OutputFormat;
};

const WATCH_MS = 1_000;

/**
 * What `quorate status` does; gives the exit code.
 *
 * @throws LocalClusterError as `fetchSnapshot`
 */
export function runStatus(options: StatusArguments): Promise<number> {
  const folder = stateFolderOf(options.state, process.env);
  const paint = paintFor(process.stdout, process.env);
  return interruptible(async (signal) => {
    if (options.watch) {
      await watch(
        async () => renderStatus(statusReportOf(await fetchSnapshot(folder, signal)), paint),
        signal,
      );
      return EXIT.ok;
    }
    const report = statusReportOf(await fetchSnapshot(folder, signal));
    printResult(options.json ? 'json' : options.output, report, renderStatus(report, paint));
    return EXIT.ok;
  });
}

/** In place on a terminal, one after another elsewhere; a cluster that is not there now may come back. */
async function watch(render: () => Promise<string>, signal: AbortSignal): Promise<void> {
  const screen = process.stdout.isTTY ? new LiveScreen(process.stdout) : undefined;
  screen?.open();
  try {
    while (!signal.aborted) {
      const text = await render().catch((error: unknown) => `${errorText(error)}\n`);
      if (screen === undefined) {
        process.stdout.write(text);
      } else {
        screen.draw(linesFor(text, screen.space.rows));
      }
      await pause(WATCH_MS, signal);
    }
  } finally {
    screen?.close();
  }
}

/** As many lines as the terminal has, so that what was there before is erased. */
function linesFor(text: string, rows: number): readonly string[] {
  const lines = text.split('\n');
  return Array.from({ length: rows }, (_, row) => lines[row] ?? '');
}
