import { Command } from 'commander';
import { BENCH_GROUPS } from '../bench/bench-group.ts';
import { DEFAULT_ETCD_VERSION } from '../model/etcd-version.ts';
import { wholeNumber } from './option-values.ts';
import type { BenchArguments } from './run-bench-command.ts';

/** Enough for gaps to show their worst, within a quarter of an hour. */
const DEFAULT_RUNS = 10;
const RUNS_MAX = 1_000;

/** `quorate bench`: how far the product is from bare etcd driven by hand. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure against bare etcd driven by hand (for contributors)')
    .option('--runs <n>', 'runs of each step', wholeNumber(1, RUNS_MAX), DEFAULT_RUNS)
    .option('--only <list>', `measure only some of ${BENCH_GROUPS.join(', ')}`)
    .option('--etcd <version>', 'etcd release, installed when missing', DEFAULT_ETCD_VERSION)
    .option('--json <file>', 'write the findings to a file, "-" for stdout')
    .addHelpText('after', HELP)
    .action(async (options: BenchArguments, command: Command) => {
      const { runBenchCommand } = await import('./run-bench-command.ts');
      process.exitCode = await runBenchCommand(options, command);
    });
}

const HELP = `
Measures the product and bare etcd in turn, on this machine, and prints minimum, median and maximum of each
figure beside its target. Leave the machine alone meanwhile: other load makes every figure an upper bound.

  form          a new cluster of three
  scale         1→3, 3→5, 5→3 and 3→1, and what they cost a client that writes
  roll          a rolling restart, and what it costs that client
  lost-disk     a follower and the leader of three lose their disks
  agent-start   from exec to the first decision
  settled       memory, processor and API calls of settled agents

Exit status: 0 all was measured, whatever the figures are; 1 something failed to run; 2 wrong usage.`;
