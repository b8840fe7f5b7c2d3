import { program } from 'commander';
import { agentCommand } from './cli/agent-command.ts';
import { benchCommand } from './cli/bench-command.ts';
import { demoCommand } from './cli/demo-command.ts';
import { downCommand } from './cli/down-command.ts';
import { etcdCommand } from './cli/etcd-command.ts';
import { failWith } from './cli/fail-with.ts';
import { killCommand } from './cli/kill-command.ts';
import { operatorCommand } from './cli/operator-command.ts';
import { scaleCommand } from './cli/scale-command.ts';
import { statusCommand } from './cli/status-command.ts';
import { upCommand } from './cli/up-command.ts';
import { exitOnUsageErrors } from './cli/usage-errors.ts';
import { wipeCommand } from './cli/wipe-command.ts';

program
  .name('quorate')
  .description('An etcd that organises itself: on Kubernetes, and on this machine.')
  .version('0.1.0')
  .addCommand(demoCommand())
  .addCommand(upCommand())
  .addCommand(statusCommand())
  .addCommand(scaleCommand())
  .addCommand(killCommand())
  .addCommand(wipeCommand())
  .addCommand(downCommand())
  .addCommand(agentCommand())
  .addCommand(operatorCommand())
  .addCommand(etcdCommand())
  .addCommand(benchCommand());

exitOnUsageErrors(program);

program.parseAsync().catch(failWith);
