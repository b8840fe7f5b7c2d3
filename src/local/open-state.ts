/** The state folder at the start: what is in it is continued, what is not there is made. */
import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ETCD_VERSION,
  type EtcdVersion,
  isSupported,
  maxLearnersOf,
  parseEtcdVersion,
  SUPPORTED_MINORS,
} from '../model/etcd-version.ts';
import { formatFormationRecord } from '../model/formation-record.ts';
import { ORDINAL_MAX } from '../model/naming.ts';
import { parseApiState } from './api-file.ts';
import { type ApiState, createApiState, putConfigMap, scaleStatefulSet } from './api-state.ts';
import { type ClusterFile, readClusterFile, readStateFile, unreadable } from './cluster-file.ts';
import { type ClusterPaths, formationNameOf } from './cluster-layout.ts';
import { LocalClusterError } from './local-cluster-error.ts';

/** What a person may wish for; an existing cluster keeps what nothing is said about. */
export type ClusterWish = {
  readonly name?: string;
  /** Members wanted. */
  readonly size?: number;
  readonly etcdVersion?: string;
};

/** `file` lacks its addresses as long as the cluster is new. */
export type OpenedState =
  | { readonly isNew: true; readonly file: Omit<ClusterFile, 'block'>; readonly api: ApiState }
  | { readonly isNew: false; readonly file: ClusterFile; readonly api: ApiState };

const DEFAULT_NAME = 'demo';
const DEFAULT_SIZE = 3;
const NAMESPACE = 'default';

/**
 * Reads the cluster in the folder of `paths`, or thinks up a new one; writes nothing.
 *
 * @throws LocalClusterError `STATE_UNREADABLE`, `STATE_MISMATCH`, `SIZE_INVALID`, `ETCD_UNSUPPORTED`
 */
export function openState(paths: ClusterPaths, wish: ClusterWish, nowMs: number): OpenedState {
  if (wish.size !== undefined) {
    checkSize(wish.size);
  }
  const file = readClusterFile(paths.clusterFile);
  if (file === undefined) {
    return newState(wish, nowMs);
  }
  refuseChange(paths.folder, 'name', file.name, wish.name);
  refuseChange(paths.folder, 'etcd version', file.etcdVersion, wish.etcdVersion);
  const text = readStateFile(paths.apiFile);
  const api = parseApiState(text ?? '');
  if ('invalid' in api) {
    throw unreadable(paths.apiFile, text === undefined ? 'it is missing' : api.invalid);
  }
  return { isNew: false, file, api: wish.size === undefined ? api : scaleStatefulSet(api, wish.size) };
}

/**
 * Refuses a number of members that no cluster can have.
 *
 * @throws LocalClusterError `SIZE_INVALID`
 */
export function checkSize(size: number): void {
  if (!Number.isInteger(size) || size < 0 || size > ORDINAL_MAX + 1) {
    throw new LocalClusterError(
      'SIZE_INVALID',
      `${size} members are not possible; give a whole number from 0 to ${ORDINAL_MAX + 1}`,
    );
  }
}

/**
 * The release of etcd that `text` names.
 *
 * @throws LocalClusterError `ETCD_UNSUPPORTED`
 */
export function checkEtcdVersion(text: string): EtcdVersion {
  const version = parseEtcdVersion(text);
  if (version === undefined || !isSupported(version)) {
    const minors = SUPPORTED_MINORS.map((minor) => `3.${minor}`).join(', ');
    throw new LocalClusterError(
      'ETCD_UNSUPPORTED',
      `etcd ${text} is not supported; give a release of ${minors}, such as ${DEFAULT_ETCD_VERSION}`,
    );
  }
  return version;
}

function newState(wish: ClusterWish, nowMs: number): OpenedState {
  const name = wish.name ?? DEFAULT_NAME;
  const etcdVersion = wish.etcdVersion ?? DEFAULT_ETCD_VERSION;
  const version = checkEtcdVersion(etcdVersion);
  const uid = randomUUID();
  const empty = createApiState({
    namespace: NAMESPACE,
    name,
    uid,
    replicas: wish.size ?? DEFAULT_SIZE,
    nowMs,
  });
  // Who creates the cluster says, on purpose and once, that nothing was ever formed.
  const record = formatFormationRecord({
    phase: 'Unformed',
    clusterUid: uid,
    generation: 1,
    maxLearners: maxLearnersOf(version),
  });
  const formation = { name: formationNameOf(name), uid: randomUUID(), data: { record } };
  return {
    isNew: true,
    file: { name, namespace: NAMESPACE, etcdVersion },
    api: putConfigMap(empty, formation, nowMs),
  };
}

function refuseChange(folder: string, what: string, has: string, wanted: string | undefined): void {
  if (wanted !== undefined && wanted !== has) {
    throw new LocalClusterError(
      'STATE_MISMATCH',
      `the cluster in ${folder} has the ${what} ${has}, not ${wanted}; leave that option out, or use another state folder`,
    );
  }
}
