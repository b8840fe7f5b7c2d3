import { Argument, Command, Option } from 'commander';
import type { ControlRequest } from '../local/control-protocol.ts';
import { outputOption } from './output-option.ts';
import type { KillArguments } from './run-kill.ts';
import { stateOption } from './state-folder.ts';

const HELP = `
WHO is leader, follower, an ordinal, or a name such as demo-2. What is killed is started again as a kubelet
would: the first time at once, then after 10 s, 20 s, and so on.

Examples:
  quorate kill leader
  quorate kill 2 agent
  quorate kill follower --signal STOP    (and later --signal CONT for the same ordinal)

Exit status: 0 the signal was sent, 1 it was not, 2 wrong usage.`;

type KillRequest = Extract<ControlRequest, { readonly command: 'kill' }>;

/** `quorate kill`: what a crash does to one process of a local cluster. */
export function killCommand(): Command {
  return new Command('kill')
    .description('kill -9 the etcd, or the agent, of a member of the local cluster')
    .argument('<who>', 'leader, follower, an ordinal, or a name')
    .addArgument(new Argument('[what]', 'which process').choices(['etcd', 'agent']).default('etcd'))
    .addOption(
      new Option('--signal <name>', 'another signal')
        .choices(['KILL', 'TERM', 'STOP', 'CONT', 'INT', 'HUP', 'QUIT'])
        .default('KILL'),
    )
    .addOption(stateOption())
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (who: string, what: KillRequest['container'], options: KillArguments, command: Command) => {
      const { runKill } = await import('./run-kill.ts');
      process.exitCode = await runKill(who, what, options, command);
    });
}
