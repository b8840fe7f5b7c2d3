import { Command } from 'commander';
import { DEFAULT_ETCD_VERSION } from '../model/etcd-version.ts';
import { SIZE_MAX, wholeNumber } from './option-values.ts';
import { outputOption } from './output-option.ts';
import type { UpArguments } from './run-up.ts';
import { stateOption } from './state-folder.ts';

const HELP = `
Starts the cluster that is in the state folder, or makes one there. It runs in the background, with its own
DNS server and stand-in for the Kubernetes API, on loopback addresses alone, until \`quorate down\`.

Examples:
  quorate up
  quorate up --size 5 --etcd 3.7.3 --state /tmp/five

Exit status: 0 all members serve, 1 they do not, 2 wrong usage.`;

/** `quorate up`: a local cluster that stays. */
export function upCommand(): Command {
  return new Command('up')
    .description('start a real etcd cluster on this machine, to play with')
    .option('--size <n>', 'members (default: 3, or as many as it had)', wholeNumber(0, SIZE_MAX))
    .option('--etcd <version>', `etcd release of a new cluster (default: ${DEFAULT_ETCD_VERSION})`)
    .option('--foreground', 'run here and print events, until Ctrl-C', false)
    .addOption(stateOption())
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (options: UpArguments, command: Command) => {
      const { runUp } = await import('./run-up.ts');
      process.exitCode = await runUp(options, command);
    });
}
