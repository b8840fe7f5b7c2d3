import { program } from 'commander';
import { agentCommand } from './cli/agent-command.ts';
import { demoCommand } from './cli/demo-command.ts';
import { etcdCommand } from './cli/etcd-command.ts';
import { failWith } from './cli/fail-with.ts';
import { exitOnUsageErrors } from './cli/usage-errors.ts';

program
  .name('quorate')
  .description('An etcd that organises itself: on Kubernetes, and on this machine.')
  .version('0.1.0')
  .addCommand(demoCommand())
  .addCommand(agentCommand())
  .addCommand(etcdCommand());

exitOnUsageErrors(program);

program.parseAsync().catch(failWith);
