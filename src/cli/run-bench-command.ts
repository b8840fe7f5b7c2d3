/** What `quorate bench` does once its command line is read. */
import { tmpdir } from 'node:os';
import type { Command } from 'commander';
import { makeBenchFolder, sweepKilledBenches } from '../bench/bench-folder.ts';
import { BENCH_GROUPS, type BenchGroup, benchGroupsOf } from '../bench/bench-group.ts';
import type { BenchReport } from '../bench/bench-report.ts';
import { renderBench } from '../bench/bench-table.ts';
import { runBench } from '../bench/run-bench.ts';
import { paintFor } from '../demo/paint.ts';
import { isInstallProblem } from '../etcd/install/etcd-binaries.ts';
import { exitOnSignals } from '../local/exit-on-signals.ts';
import { type EtcdVersion, formatEtcdVersion, maxLearnersOf } from '../model/etcd-version.ts';
import { ensureEtcd } from './ensure-etcd.ts';
import { oneEtcdVersion } from './etcd-version-arguments.ts';
import { EXIT } from './exit-code.ts';
import { unwritableReason, writeReport } from './report-file.ts';
import { thisProgram } from './this-program.ts';

export type BenchArguments = {
  readonly runs: number;
  readonly only?: string;
  readonly etcd: string;
  readonly json?: string;
};

/** As an argument: standard output instead of a file. */
const STDOUT = '-';

/** Gives the exit code; never returns when the command line is wrong. */
export async function runBenchCommand(options: BenchArguments, command: Command): Promise<number> {
  const version = versionOf(options, command);
  const groups = groupsOf(options, command);
  checkReport(options, command);
  const stopping = new AbortController();
  const running = benchUntilStopped(options, version, groups, stopping.signal);
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

function versionOf({ etcd }: BenchArguments, command: Command): EtcdVersion {
  const version = oneEtcdVersion(etcd);
  return 'invalid' in version
    ? command.error(`--etcd ${version.invalid}`, { exitCode: EXIT.usage })
    : version;
}

function groupsOf({ only }: BenchArguments, command: Command): readonly BenchGroup[] {
  const groups = only === undefined ? BENCH_GROUPS : benchGroupsOf(only);
  return 'invalid' in groups ? command.error(`--only ${groups.invalid}`, { exitCode: EXIT.usage }) : groups;
}

function checkReport({ json }: BenchArguments, command: Command): void {
  const why = json === undefined || json === STDOUT ? undefined : unwritableReason(json);
  if (why !== undefined) {
    const remedy = 'name a file in a folder that you may write to.';
    command.error(`--json "${json}" cannot be written: ${why}; ${remedy}`, { exitCode: EXIT.usage });
  }
}

async function benchUntilStopped(
  options: BenchArguments,
  version: EtcdVersion,
  groups: readonly BenchGroup[],
  signal: AbortSignal,
): Promise<number> {
  const etcd = await ensureEtcd(version, process.stderr, signal);
  if (isInstallProblem(etcd)) {
    process.stderr.write(`quorate bench: ${etcd.code}: ${etcd.message}\n`);
    return EXIT.failure;
  }
  await sweepKilledBenches(tmpdir(), signal);
  const folder = makeBenchFolder(tmpdir());
  try {
    const ground = {
      folder: folder.path,
      supervisorMark: folder.supervisorMark,
      etcdVersion: formatEtcdVersion(version),
      maxLearners: maxLearnersOf(version),
      etcdPath: etcd.etcd,
      agentEntry: [thisProgram()],
      environment: process.env,
      tell: (line: string) => void process.stderr.write(`${line}\n`),
    };
    const report = await runBench(ground, groups, options.runs, signal);
    tellReport(options, report);
    return report.problems.length === 0 ? EXIT.ok : EXIT.failure;
  } finally {
    await folder.remove();
  }
}

/** What people read goes to stderr when stdout is taken by the JSON. */
function tellReport({ json }: BenchArguments, report: BenchReport): void {
  const stream = json === STDOUT ? process.stderr : process.stdout;
  stream.write(renderBench(report, paintFor(stream, process.env)));
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (json === STDOUT) {
    process.stdout.write(text);
  } else if (json !== undefined) {
    writeReport(json, text);
  }
}
