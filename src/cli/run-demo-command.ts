/** What `quorate demo` does once its command line is read. */
import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Command } from 'commander';
import { makeDemoFolder, sweepKilledDemos } from '../demo/demo-folder.ts';
import { type DemoView, liveView, plainView } from '../demo/demo-view.ts';
import { paintFor } from '../demo/paint.ts';
import { parseSteps } from '../demo/parse-steps.ts';
import { defaultSteps, planTour } from '../demo/plan-tour.ts';
import { runDemo } from '../demo/run-demo.ts';
import type { Step } from '../demo/step.ts';
import type { TourReport } from '../demo/tour-report.ts';
import { renderTour } from '../demo/tour-table.ts';
import { isInstallProblem } from '../etcd/install/etcd-binaries.ts';
import { exitOnSignals } from '../local/exit-on-signals.ts';
import { type EtcdVersion, formatEtcdVersion } from '../model/etcd-version.ts';
import { ensureEtcd } from './ensure-etcd.ts';
import { oneEtcdVersion } from './etcd-version-arguments.ts';
import { EXIT } from './exit-code.ts';
import { unwritableReason, writeReport } from './report-file.ts';
import { thisProgram } from './this-program.ts';

export type DemoArguments = {
  readonly size: number;
  readonly etcd: string;
  readonly steps?: string;
  readonly json?: string;
  readonly seed?: number;
  readonly keep: boolean;
  readonly plain: boolean;
  readonly settle: boolean;
};

/** Gives the exit code; never returns when the command line is wrong. */
export async function runDemoCommand(options: DemoArguments, command: Command): Promise<number> {
  const version = versionOf(options, command);
  const steps = stepsOf(options, command);
  checkReport(options, command);
  const stopping = new AbortController();
  const running = runUntilStopped(options, version, steps, stopping.signal);
  const undo = exitOnSignals(async () => {
    stopping.abort();
    await running.catch(() => undefined);
  });
  try {
    return await running;
  } finally {
    undo();
  }
}

function versionOf({ etcd }: DemoArguments, command: Command): EtcdVersion {
  const version = oneEtcdVersion(etcd);
  return 'invalid' in version
    ? command.error(`--etcd ${version.invalid}`, { exitCode: EXIT.usage })
    : version;
}

function stepsOf({ steps, size }: DemoArguments, command: Command): readonly Step[] {
  const parsed = steps === undefined ? defaultSteps(size) : parseSteps(steps);
  const planned = 'invalid' in parsed ? parsed : planTour(parsed, size);
  return 'invalid' in planned
    ? command.error(`--steps ${planned.invalid}`, { exitCode: EXIT.usage })
    : planned;
}

function checkReport({ json }: DemoArguments, command: Command): void {
  const why = json === undefined || json === STDOUT ? undefined : unwritableReason(json);
  if (why !== undefined) {
    command.error(
      `--json "${json}" cannot be written: ${why}; name a file in a folder that you may write to.`,
      {
        exitCode: EXIT.usage,
      },
    );
  }
}

/** As an argument: standard output instead of a file. */
const STDOUT = '-';

const SEED_END = 2 ** 32;

async function runUntilStopped(
  options: DemoArguments,
  version: EtcdVersion,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<number> {
  const etcd = await ensureEtcd(version, process.stderr, signal);
  if (isInstallProblem(etcd)) {
    process.stderr.write(`quorate demo: ${etcd.code}: ${etcd.message}\n`);
    return EXIT.failure;
  }
  await sweepKilledDemos(tmpdir(), signal);
  const folder = makeDemoFolder(tmpdir(), options.keep);
  let mayRemove = !options.keep;
  try {
    const report = await runDemo(
      {
        folder,
        size: options.size,
        etcdVersion: formatEtcdVersion(version),
        steps,
        seed: options.seed ?? randomInt(SEED_END),
        settle: options.settle,
        keep: options.keep,
      },
      {
        etcdPath: etcd.etcd,
        agentEntry: [thisProgram()],
        environment: process.env,
        view: viewFor(options),
      },
      signal,
    );
    mayRemove &&= report.ok;
    tell(options, report, mayRemove ? null : folder);
    return report.ok ? EXIT.ok : EXIT.failure;
  } finally {
    if (mayRemove) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** What people read goes to stderr when stdout is taken by the JSON. */
function peopleStream({ json }: DemoArguments): NodeJS.WriteStream {
  return json === STDOUT ? process.stderr : process.stdout;
}

function viewFor(options: DemoArguments): DemoView {
  const stream = peopleStream(options);
  return stream.isTTY && !options.plain && process.env['TERM'] !== 'dumb'
    ? liveView(stream, paintFor(stream, process.env))
    : plainView((line) => stream.write(line), Date.now());
}

function tell(options: DemoArguments, report: TourReport, keptFolder: string | null): void {
  const stream = peopleStream(options);
  stream.write(renderTour(report, paintFor(stream, process.env)));
  if (keptFolder !== null) {
    stream.write(`The state folder with data and logs is ${keptFolder}\n`);
  }
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (options.json === STDOUT) {
    process.stdout.write(json);
  } else if (options.json !== undefined) {
    writeReport(options.json, json);
  }
}
