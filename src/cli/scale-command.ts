import { Command } from 'commander';
import { SIZE_MAX, wholeNumber } from './option-values.ts';
import { outputOption } from './output-option.ts';
import type { ScaleArguments } from './run-scale.ts';
import { stateOption } from './state-folder.ts';

const HELP = `
0 hibernates: all members stop, none leaves the cluster, and their disks stay.

Examples:
  quorate scale 5
  quorate scale 0 --no-wait

Exit status: 0 all wanted members serve, 1 they do not, 2 wrong usage.`;

/** `quorate scale`: the size of a local cluster. */
export function scaleCommand(): Command {
  return new Command('scale')
    .description('change the size of the local cluster')
    .argument('<n>', `members, 0 to ${SIZE_MAX}`, wholeNumber(0, SIZE_MAX))
    .option('--no-wait', 'do not wait until all wanted members serve')
    .addOption(stateOption())
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (replicas: number, options: ScaleArguments) => {
      const { runScale } = await import('./run-scale.ts');
      process.exitCode = await runScale(replicas, options);
    });
}
