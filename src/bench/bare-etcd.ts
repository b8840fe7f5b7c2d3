/** One raw etcd process, as a person would start it by hand. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SUPERVISOR_MARK } from '../local/orphans.ts';
import { type ClusterNames, clientUrlOf, memberNameOf, peerUrlOf } from '../model/naming.ts';
import type { BenchGround } from './bench-ground.ts';

export type BareGround = BenchGround & {
  readonly names: ClusterNames;
  /** This cluster's own, below the bench's. */
  readonly clusterFolder: string;
};

export type BareStart = {
  readonly ordinal: number;
  readonly state: 'new' | 'existing';
  /** The members to be told of, itself included. */
  readonly listed: readonly number[];
};

export type BareEtcd = {
  /** Sends `signal` and resolves once the process has ended; at once when it has already. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
  /** SIGKILL without waiting, for the end of this process. */
  readonly kill: () => void;
};

/** Starts etcd; it is running when this returns, or `end` resolves at once. */
export function startBareEtcd(ground: BareGround, start: BareStart): BareEtcd {
  const log = openSync(join(ground.clusterFolder, `${start.ordinal}.log`), 'a');
  const child = spawn(ground.etcdPath, [...bareFlagsOf(ground, start)], {
    env: environmentOf(ground),
    stdio: ['ignore', log, log],
    // Ctrl-C in the terminal is answered by the bench alone, which then ends all in order.
    detached: true,
  });
  closeSync(log);
  const exited = exitOf(child);
  return {
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** etcd's flags: its defaults, but for names, addresses and, from 3.6 on, as many learners as a join needs. */
export function bareFlagsOf(
  ground: Pick<BareGround, 'names' | 'clusterFolder' | 'maxLearners'>,
  { ordinal, state, listed }: BareStart,
): readonly string[] {
  const { names, maxLearners } = ground;
  const peerUrl = peerUrlOf(names, ordinal);
  const clientUrl = clientUrlOf(names, ordinal);
  return [
    `--name=${memberNameOf(names, ordinal)}`,
    `--data-dir=${dataFolderOf(ground, ordinal)}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--initial-cluster-token=${names.cluster}`,
    `--initial-cluster-state=${state}`,
    `--initial-cluster=${listed.map((each) => `${memberNameOf(names, each)}=${peerUrlOf(names, each)}`).join()}`,
    // etcd 3.5 allows one learner and has no such flag.
    ...(maxLearners > 1 ? [`--max-learners=${maxLearners}`] : []),
  ];
}

/** Loses the disk of `ordinal`, whose process has ended. */
export async function wipeBareEtcd(ground: BareGround, ordinal: number): Promise<void> {
  await rm(dataFolderOf(ground, ordinal), { recursive: true, force: true });
}

function dataFolderOf({ clusterFolder }: Pick<BareGround, 'clusterFolder'>, ordinal: number): string {
  return join(clusterFolder, String(ordinal));
}

/** etcd reads ETCD_* variables as flags. */
function environmentOf({ environment, supervisorMark }: BareGround): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(([name]) => !name.startsWith('ETCD_'));
  return { ...Object.fromEntries(inherited), [SUPERVISOR_MARK]: supervisorMark };
}

function exitOf(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  // It could not be started at all; whoever waits for its ports sees that they stay shut.
  child.once('error', () => resolve());
  return promise;
}
