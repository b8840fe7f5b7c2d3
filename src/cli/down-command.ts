import { Command } from 'commander';
import { outputOption } from './output-option.ts';
import type { DownArguments } from './run-down.ts';
import { stateOption } from './state-folder.ts';

const HELP = `
The data stays: \`quorate up\` brings the same cluster back, unless --purge removes it.

Examples:
  quorate down
  quorate down --purge

Exit status: 0 nothing of the cluster runs any more, 1 there was none, or it could not be ended, 2 wrong usage.`;

/** `quorate down`: the end of a local cluster, or a pause. */
export function downCommand(): Command {
  return new Command('down')
    .description('stop the local cluster; its data stays')
    .option('--purge', 'remove its data, too', false)
    .addOption(stateOption())
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (options: DownArguments) => {
      const { runDown } = await import('./run-down.ts');
      process.exitCode = await runDown(options);
    });
}
