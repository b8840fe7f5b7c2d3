/** A real cluster for one scenario: real agents, real etcds, real DNS, in a folder that is cleaned up. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createEtcd3Clients, type Etcd3Clients } from '../../../src/etcd/etcd3-clients.ts';
import { type ContainerName, pathsOf } from '../../../src/local/cluster-layout.ts';
import {
  type LocalCluster,
  type LocalClusterOptions,
  startLocalCluster,
} from '../../../src/local/local-cluster.ts';
import { DEFAULT_ETCD_VERSION } from '../../../src/model/etcd-version.ts';
import { clientUrlOf } from '../../../src/model/naming.ts';
import { installedEtcd } from '../../support/installed-etcd.ts';
import { describeCluster } from './describe-cluster.ts';
import { Journal } from './journal.ts';
import { watchStatuses } from './watch-statuses.ts';

/** What the agents run: the bundle, as in the image. */
const AGENT_ENTRY =
  process.env['QUORATE_AGENT_ENTRY'] ?? join(import.meta.dirname, '../../../dist/bin/quorate.cjs');

/** The kubelet's rule, with its 10 s to 5 min made short: nobody learns anything from waiting. */
const SHORT_BACK_OFF = { firstMs: 200, maxMs: 1_000, forgivenAfterMs: 600_000 };

/** Half of it is what a preStop hook may take. */
const GRACE_SECONDS = 20;

export type ClusterWish = {
  readonly size: number;
  /** Such as `3.6.16`, the default. */
  readonly version?: string;
  /** One of `makeFolder`, with something in it already; otherwise a new one. */
  readonly folder?: string;
  /** Makes the etcd that Pods run out of the one installed, such as a wrapper around it. */
  readonly etcdPath?: (installed: string) => string;
} & Pick<
  Partial<LocalClusterOptions>,
  'agentEnv' | 'etcdOptions' | 'graceSeconds' | 'apiFault' | 'dnsFault' | 'backOff' | 'seed' | 'name'
>;

export type ProcessOfPod = { readonly ordinal: number; readonly container: ContainerName };

/** One cluster under test. After `restart` the same object stands for the cluster that came back. */
export type Scenario = {
  readonly t: TestContext;
  readonly version: string;
  readonly journal: Journal;
  readonly clients: Etcd3Clients;
  readonly folder: string;
  /** The running cluster; never keep it beyond `restart`. */
  readonly local: () => LocalCluster;
  readonly clientUrl: (ordinal: number) => string;
  /** Ordinals whose Pods exist now, lowest first. */
  readonly pods: () => readonly number[];
  /** Sends a signal to one process; what dies of it is not held against it. */
  readonly kill: (ordinal: number, container: ContainerName, signal?: NodeJS.Signals) => void;
  /** Processes that this test killed, by pid. */
  readonly killed: ReadonlyMap<number, ProcessOfPod>;
  /** Stops all processes as a node that goes down. */
  readonly stop: () => Promise<void>;
  /** Starts again what `stop` ended. */
  readonly start: (change?: Partial<ClusterWish>) => Promise<void>;
};

/** Starts a cluster; it is stopped after the test, whatever happens. */
export async function aCluster(t: TestContext, wish: ClusterWish): Promise<Scenario> {
  if (!existsSync(AGENT_ENTRY)) {
    throw new Error(`${AGENT_ENTRY} is missing; run \`make bundle\` first`);
  }
  const folder = wish.folder ?? makeFolder();
  const version = wish.version ?? DEFAULT_ETCD_VERSION;
  const pathOfEtcd = async (wanted: string, signal: AbortSignal): Promise<string> => {
    const path = await installedEtcd(wanted, signal);
    return wish.etcdPath?.(path) ?? path;
  };
  await installedEtcd(version, t.signal);
  const journal: Journal = new Journal(() => describeCluster(journal, pathsOf(folder)));
  const clients = createEtcd3Clients();
  const killed = new Map<number, ProcessOfPod>();
  const running = new Map<number, ProcessOfPod>();
  const pods = new Set<number>();
  let current: LocalCluster | undefined;
  const local = (): LocalCluster => {
    if (current === undefined) {
      throw new Error('the cluster is stopped');
    }
    return current;
  };
  const noteKilled = (pid: number | null, ordinal: number, container: ContainerName): void => {
    if (pid !== null) {
      killed.set(pid, { ordinal, container });
    }
  };
  const start = async (change: Partial<ClusterWish> = {}): Promise<void> => {
    if (!existsSync(pathsOf(folder).clusterFile)) {
      pods.clear();
    }
    current = await startLocalCluster(
      {
        backOff: SHORT_BACK_OFF,
        graceSeconds: GRACE_SECONDS,
        ...optionsOf({ ...wish, ...change }),
        ...(change.size === undefined && pods.size > 0 ? {} : { size: change.size ?? wish.size }),
        folder,
        keep: true,
        ...(existsSync(pathsOf(folder).clusterFile) ? {} : { etcdVersion: version }),
        agentEntry: [AGENT_ENTRY],
        onAgentLine: (ordinal, line) => journal.noteLine(ordinal, line),
        onEvent: (event) => {
          if (event.kind === 'pod-created') {
            pods.add(event.ordinal);
          } else if (event.kind === 'pod-gone') {
            pods.delete(event.ordinal);
          } else if (event.kind === 'container-started') {
            running.set(event.pid, { ordinal: event.ordinal, container: event.container });
          } else if (event.kind === 'container-exited' && event.pid !== null) {
            running.delete(event.pid);
          }
          journal.noteEvent(event);
        },
      },
      { findEtcd: pathOfEtcd, environment: process.env },
      t.signal,
    );
    watchStatuses(current, journal, () => [...pods]);
  };
  const stop = async (): Promise<void> => {
    const stopping = current;
    current = undefined;
    for (const [pid, { ordinal, container }] of running) {
      noteKilled(pid, ordinal, container);
    }
    await stopping?.stop();
    journal.statuses.clear();
  };
  t.after(async () => {
    await stop();
    clients.close();
    removeFolder(folder);
  });
  await start();
  return {
    t,
    version,
    journal,
    clients,
    folder,
    local,
    clientUrl: (ordinal) => clientUrlOf(local().template.names, ordinal),
    pods: () => [...pods].sort((a, b) => a - b),
    kill: (ordinal, container, signal = 'SIGKILL') => {
      const pid = local().killContainer(ordinal, container, signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') {
        noteKilled(pid, ordinal, container);
      }
    },
    killed,
    stop,
    start,
  };
}

/** A folder of its own, for a cluster that is started there; it goes with that cluster. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'quorate-scenario-'));
}

/** A folder of its own, removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = makeFolder();
  t.after(() => removeFolder(folder));
  return folder;
}

/** Unless somebody wants to look at what is left. */
function removeFolder(folder: string): void {
  if (process.env['QUORATE_SCENARIO_KEEP'] === undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
}

function optionsOf(wish: ClusterWish): Partial<LocalClusterOptions> {
  const { size: _size, version: _version, folder: _folder, etcdPath: _etcdPath, ...options } = wish;
  return options;
}
