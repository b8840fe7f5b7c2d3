import { plainView } from '../demo/demo-view.ts';
import { entryOfEvent, entryOfLine, type TimelineEntry } from '../demo/timeline.ts';
import type { EtcdBinaries } from '../etcd/install/etcd-binaries.ts';
import { exitOnSignals } from '../local/exit-on-signals.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import { EXIT } from './exit-code.ts';
import { thisProgram } from './this-program.ts';

export type SuperviseOptions = {
  readonly folder: string;
  /** Name of the cluster in the folder. */
  readonly name: string;
  readonly size?: number;
  readonly etcdVersion?: string;
};

/**
 * Runs the cluster of a state folder in this process and prints what happens, until `quorate down`, Ctrl-C
 * or a polite kill; gives the exit code.
 *
 * @throws LocalClusterError those of `startLocalCluster`
 */
export async function supervise(options: SuperviseOptions, etcd: EtcdBinaries): Promise<number> {
  const view = plainView((line) => process.stdout.write(line), Date.now());
  const tell = (entry: TimelineEntry | undefined): void => {
    if (entry !== undefined) {
      view.noteEntry(entry);
    }
  };
  const stopping = new AbortController();
  const { name, ...start } = options;
  const starting = startLocalCluster(
    {
      ...start,
      keep: true,
      agentEntry: [thisProgram()],
      onEvent: (event) => tell(entryOfEvent(event, name)),
      onAgentLine: (ordinal, line) => tell(entryOfLine(`${name}-${ordinal}`, line, Date.now())),
    },
    { findEtcd: () => Promise.resolve(etcd.etcd), environment: process.env },
    stopping.signal,
  );
  const undo = exitOnSignals(async () => {
    stopping.abort();
    await starting.then(
      (cluster) => cluster.stop(),
      () => undefined,
    );
  });
  try {
    const cluster = await starting;
    await cluster.stopped;
    return EXIT.ok;
  } finally {
    undo();
  }
}
