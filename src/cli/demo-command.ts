import { Command } from 'commander';
import { STEP_HELP } from '../demo/parse-steps.ts';
import { DEFAULT_ETCD_VERSION } from '../model/etcd-version.ts';
import { SIZE_MAX, wholeNumber } from './option-values.ts';
import type { DemoArguments } from './run-demo-command.ts';

const DEFAULT_SIZE = 3;
const SEED_MAX = 2 ** 32 - 1;

/** `quorate demo`: a scripted tour over a real cluster on this machine. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('run a tour over a real etcd cluster on this machine, and check that nothing is lost')
    .option('--size <n>', 'members to begin with', wholeNumber(1, SIZE_MAX), DEFAULT_SIZE)
    .option('--etcd <version>', 'etcd release, installed when missing', DEFAULT_ETCD_VERSION)
    .option('--steps <list>', 'the steps of the tour, with commas between (see below)')
    .option('--json <file>', 'write the findings to a file, "-" for stdout')
    .option(
      '--seed <k>',
      'choose addresses and followers as the run with this seed did',
      wholeNumber(0, SEED_MAX),
    )
    .option('--keep', 'keep the state folder; `quorate up --state` brings its cluster back', false)
    .option('--plain', 'one line for each event, also on a terminal', false)
    .option('--no-settle', 'begin each step at once, also while etcd refuses membership changes')
    .addHelpText('after', help)
    .action(async (options: DemoArguments, command: Command) => {
      const { runDemoCommand } = await import('./run-demo-command.ts');
      process.exitCode = await runDemoCommand(options, command);
    });
}

function help(): string {
  return `
Steps:
${STEP_HELP.map((line) => `  ${line}`).join('\n')}

Each step ends when all wanted members serve and a write begun after that was acknowledged. Before a step
the tour waits until etcd's connections are 5 s old, since etcd refuses membership changes before.

Examples:
  quorate demo
  quorate demo --size 5 --etcd 3.5.35
  quorate demo --steps form,scale:5,kill:leader,wipe:2,scale:3 --json tour.json

Exit status: 0 everything held, 1 something did not, 2 wrong usage, 130 ended by Ctrl-C.`;
}
