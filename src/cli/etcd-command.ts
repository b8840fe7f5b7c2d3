import { Command } from 'commander';
import { etcdInstallCommand } from './etcd-install-command.ts';

/** `quorate etcd`: the etcd programs this machine runs. */
export function etcdCommand(): Command {
  return new Command('etcd').description('find, build or download etcd').addCommand(etcdInstallCommand());
}
