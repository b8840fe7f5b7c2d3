/** What `quorate down` does once its command line is read. */
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathsOf } from '../local/cluster-layout.ts';
import { sendCommand } from '../local/control-client.ts';
import { LocalClusterError } from '../local/local-cluster-error.ts';
import { endOrphans } from '../local/orphans.ts';
import { isAlive, type ProcessIdentity } from '../local/process-identity.ts';
import { runningSupervisor } from '../local/supervisor-lock.ts';
import { pause, within } from '../runtime/abort.ts';
import { EXIT } from './exit-code.ts';
import { interruptible } from './interruptible.ts';
import type { OutputFormat } from './output-option.ts';
import { printResult } from './output-option.ts';
import { stateFolderOf } from './state-folder.ts';

export type DownArguments = {
  readonly state?: string;
  readonly purge: boolean;
  readonly output: OutputFormat;
};

type Ended = {
  /** Whether a supervisor ran and stopped everything in order. */
  readonly stopped: boolean;
  /** How many processes were ended that a killed supervisor had left behind. */
  readonly orphansEnded: number;
};

/**
 * Gives the exit code.
 *
 * @throws LocalClusterError `CLUSTER_NOT_RUNNING` when there is nothing to do, and as `sendCommand`
 */
export function runDown(options: DownArguments): Promise<number> {
  const folder = stateFolderOf(options.state, process.env);
  return interruptible(async (signal) => {
    const ended = await endCluster(folder, signal);
    const isThere = existsSync(pathsOf(folder).clusterFile);
    if (!ended.stopped && ended.orphansEnded === 0 && !(options.purge && isThere)) {
      throw new LocalClusterError(
        'CLUSTER_NOT_RUNNING',
        `no cluster is running in ${folder}; start one with \`quorate up\`, or give the state folder of the one you mean`,
      );
    }
    if (options.purge && isThere) {
      await purge(folder);
    }
    printResult(
      options.output,
      { stateFolder: folder, ...ended, purged: options.purge },
      textOf(folder, ended, options),
    );
    return EXIT.ok;
  });
}

async function endCluster(folder: string, signal: AbortSignal): Promise<Ended> {
  const { lockFile } = pathsOf(folder);
  const supervisor = runningSupervisor(lockFile);
  if (supervisor === undefined) {
    return { stopped: false, orphansEnded: await endOrphans(folder, signal) };
  }
  await sendCommand(folder, { command: 'down' }, signal);
  await untilGone(supervisor, within(signal, GONE_MS_MAX));
  return { stopped: true, orphansEnded: 0 };
}

/** It has stopped everything when it answers, and ends itself right after. */
const GONE_MS_MAX = 5_000;
const LOOK_MS = 20;

async function untilGone(supervisor: ProcessIdentity, signal: AbortSignal): Promise<void> {
  while (isAlive(supervisor) && !signal.aborted) {
    await pause(LOOK_MS, signal);
  }
}

/** Removes what a local cluster keeps in its folder, and nothing a person may have put there. */
async function purge(folder: string): Promise<void> {
  const paths = pathsOf(folder);
  const own = [
    dirname(paths.runFolderOf(0)),
    dirname(dirname(paths.logOf(0, 'etcd'))),
    paths.volumes,
    paths.controlSocket,
    paths.lockFile,
    paths.apiFile,
    join(folder, 'supervisor.log'),
    // Last: as long as it is there, the rest can be removed by another try.
    paths.clusterFile,
  ];
  for (const path of own) {
    await rm(path, { recursive: true, force: true });
  }
  if (readdirSync(folder).length === 0) {
    rmdirSync(folder);
  }
}

function textOf(folder: string, { stopped, orphansEnded }: Ended, { purge }: DownArguments): string {
  const what = stopped
    ? 'The cluster is stopped'
    : orphansEnded > 0
      ? `Ended ${orphansEnded} processes that a killed supervisor had left behind`
      : 'Nothing was running';
  return purge ? `${what}; ${folder} is purged.\n` : `${what}; its data stays in ${folder}.\n`;
}
