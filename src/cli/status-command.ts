import { Command, Option } from 'commander';
import { outputOption } from './output-option.ts';
import type { StatusArguments } from './run-status.ts';
import { stateOption } from './state-folder.ts';

const HELP = `
Examples:
  quorate status
  quorate status --watch
  quorate status --json | jq '.members[] | {name, role, pids}'

Exit status: 0 the cluster's supervisor told, 1 none runs, 2 wrong usage.`;

/** `quorate status`: who is what in a local cluster. */
export function statusCommand(): Command {
  return new Command('status')
    .description('show the members of the local cluster, with the last decision of each')
    .option('-w, --watch', 'show it again every second, until Ctrl-C', false)
    .addOption(new Option('--json', 'the same as --output json').default(false).conflicts('watch'))
    .addOption(stateOption())
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (options: StatusArguments) => {
      const { runStatus } = await import('./run-status.ts');
      process.exitCode = await runStatus(options);
    });
}
