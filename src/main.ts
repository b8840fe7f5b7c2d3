import { program } from 'commander';
import { agentCommand } from './cli/agent-command.ts';
import { etcdCommand } from './cli/etcd-command.ts';
import { failWith } from './cli/fail-with.ts';

program
  .name('quorate')
  .description('An etcd that organises itself: on Kubernetes, and on this machine.')
  .version('0.1.0')
  .addCommand(agentCommand())
  .addCommand(etcdCommand());

program.parseAsync().catch(failWith);
