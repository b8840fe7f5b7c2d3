/**
 * A supervisor in a process of its own, to be killed: `supervisor-process.ts FOLDER AGENT ETCD`. Writes
 * one line per started container, `CONTAINER PID`; ends by itself, without stopping anything, when it
 * reads `exit`.
 */
import { exitOnSignals } from '../../src/local/exit-on-signals.ts';
import { startLocalCluster } from '../../src/local/local-cluster.ts';

const [folder = '', agent = '', etcd = ''] = process.argv.slice(2);

const cluster = await startLocalCluster(
  {
    folder,
    size: 2,
    keep: true,
    agentEntry: [agent],
    onEvent: (event) => {
      if (event.kind === 'container-started') {
        process.stdout.write(`${event.container} ${event.pid}\n`);
      }
    },
  },
  { findEtcd: () => Promise.resolve(etcd), environment: process.env },
  new AbortController().signal,
);
exitOnSignals(cluster.stop);
process.stdin.on('data', (chunk) => {
  if (chunk.toString().includes('exit')) {
    process.exit(3);
  }
});
