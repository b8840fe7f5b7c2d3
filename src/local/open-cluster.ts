/** Everything a cluster stands on before its first process starts: folder, lock, state, addresses. */
import { randomInt } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { errorText } from '../runtime/error-text.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { formatApiState } from './api-file.ts';
import type { ApiState } from './api-state.ts';
import { type ApiStore, createApiStore } from './api-store.ts';
import { claimBlock } from './claim-block.ts';
import { type ClusterFile, formatClusterFile } from './cluster-file.ts';
import { type AddressBlock, type ClusterPaths, pathsOf } from './cluster-layout.ts';
import { type ClusterServices, type InitialFaults, startClusterServices } from './cluster-services.ts';
import { LocalClusterError } from './local-cluster-error.ts';
import { type ClusterWish, type OpenedState, openState } from './open-state.ts';
import { endOrphans, supervisorMarkOf } from './orphans.ts';
import { releaseSupervisorLock, takeSupervisorLock } from './supervisor-lock.ts';
import { writeFileWhole } from './write-file-whole.ts';

export type OpenOptions = ClusterWish &
  InitialFaults & {
    readonly folder: string;
    /** Makes the first choice of addresses of a new cluster repeatable; an unsigned 32-bit integer. */
    readonly seed?: number;
  };

export type OpenedCluster = {
  readonly paths: ClusterPaths;
  readonly file: ClusterFile;
  /** Whether the folder held no cluster before. */
  readonly isNew: boolean;
  readonly store: ApiStore;
  readonly services: ClusterServices;
  /** To be put into the environment of every child. */
  readonly supervisorMark: string;
  /** Notes another version of etcd for the next time the cluster is opened. */
  readonly noteEtcdVersion: (etcdVersion: string) => void;
  /** How many processes of a killed predecessor were ended. */
  readonly orphansEnded: number;
  /** Frees addresses and lock. */
  readonly close: () => Promise<void>;
};

/**
 * Opens the state folder, made when it is missing, as its one supervisor.
 *
 * @throws LocalClusterError `CLUSTER_RUNNING`, `ADDRESS_IN_USE`, `STATE_UNWRITABLE` and those of `openState`;
 *   nothing is held then
 */
export async function openCluster(options: OpenOptions, signal: AbortSignal): Promise<OpenedCluster> {
  await using opened = new AsyncDisposableStack();
  const paths = pathsOf(realFolder(options.folder));
  const supervisor = takeSupervisorLock(paths.lockFile, paths.folder);
  opened.defer(() => releaseSupervisorLock(paths.lockFile));
  const orphansEnded = await endOrphans(paths.folder, signal);
  const state = openState(paths, options, Date.now());
  const store = createApiStore(state.api, (api) => saveApiState(paths, api));
  const { block, services } = await settle(state, store, options);
  opened.defer(() => services.close());
  const file = { ...state.file, block };
  // In this order: a cluster.json promises that the rest is there.
  saveApiState(paths, store.read());
  save(paths.clusterFile, formatClusterFile(file));
  const running = opened.move();
  return {
    paths,
    file,
    isNew: state.isNew,
    store,
    services,
    supervisorMark: supervisorMarkOf(supervisor, paths.folder),
    noteEtcdVersion: (etcdVersion) => save(paths.clusterFile, formatClusterFile({ ...file, etcdVersion })),
    orphansEnded,
    close: () => running.disposeAsync(),
  };
}

/** A cluster keeps its addresses for life, since they are in its member list; a new one looks for some. */
async function settle(
  state: OpenedState,
  store: ApiStore,
  options: OpenOptions,
): Promise<{ readonly block: AddressBlock; readonly services: ClusterServices }> {
  if (!state.isNew) {
    const { block } = state.file;
    return { block, services: await startClusterServices(store, block, options) };
  }
  const seed = options.seed ?? randomInt(SEED_END);
  const { block, occupied } = await claimBlock(seed, (each) => startClusterServices(store, each, options));
  return { block, services: occupied };
}

const SEED_END = 2 ** 32;

function realFolder(folder: string): string {
  try {
    makeFolder(folder, 0o700);
    return realpathSync(folder);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function saveApiState(paths: ClusterPaths, state: ApiState): void {
  save(paths.apiFile, formatApiState(state));
}

function save(path: string, text: string): void {
  try {
    writeFileWhole(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): LocalClusterError {
  return new LocalClusterError(
    'STATE_UNWRITABLE',
    `${path} cannot be written (${errorText(cause)}); free space or choose a state folder you may write to`,
    cause,
  );
}
