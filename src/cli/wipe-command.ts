import { Command } from 'commander';
import { outputOption } from './output-option.ts';
import type { WipeArguments } from './run-wipe.ts';
import { stateOption } from './state-folder.ts';

const HELP = `
WHO is leader, follower, an ordinal, or a name such as demo-2. Its Pod is deleted and its volume emptied, as
when a disk is lost. A cluster that loses a majority of its disks has lost its data: it waits for a human.

Examples:
  quorate wipe follower
  quorate wipe 2 --output json

Exit status: 0 the disk is empty, 1 it is not, 2 wrong usage.`;

/** `quorate wipe`: a lost disk. */
export function wipeCommand(): Command {
  return new Command('wipe')
    .description('lose the disk of a member of the local cluster')
    .argument('<who>', 'leader, follower, an ordinal, or a name')
    .addOption(stateOption())
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (who: string, options: WipeArguments, command: Command) => {
      const { runWipe } = await import('./run-wipe.ts');
      process.exitCode = await runWipe(who, options, command);
    });
}
