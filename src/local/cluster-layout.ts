/**
 * Where a local cluster keeps its things, and which addresses and ports it uses. Pure.
 *
 *     FOLDER/cluster.json         what the cluster is (see cluster-file.ts)
 *            api.json             what the Kubernetes API would remember
 *            supervisor.json      who runs it now
 *            control.sock         how commands reach the supervisor
 *            volumes/ORDINAL/     one member's volume, kept when the Pod goes (Retain)
 *            run/ORDINAL/etcd.yaml  the gate; emptied for each new Pod, as an emptyDir is
 *            log/ORDINAL/         agent.log and etcd.log
 */
import { join } from 'node:path';
import type { ClusterNames } from '../model/naming.ts';

/** The two containers of a Pod. */
export const CONTAINERS = ['agent', 'etcd'] as const;

export type ContainerName = (typeof CONTAINERS)[number];

/**
 * Ports, the same in every cluster since each has addresses of its own. All lie below 32768, where
 * Linux begins to give ports to outgoing connections.
 */
export const PORTS = {
  client: 2379,
  peer: 2380,
  metrics: 2381,
  agent: 2382,
  api: 16443,
  dns: 15353,
} as const;

/** The ports that every member listens on, at its own address. */
export const MEMBER_PORTS = [PORTS.client, PORTS.peer, PORTS.metrics, PORTS.agent] as const;

export type ClusterPaths = {
  readonly folder: string;
  readonly clusterFile: string;
  readonly apiFile: string;
  readonly lockFile: string;
  readonly controlSocket: string;
  readonly volumes: string;
  readonly runs: string;
  readonly logs: string;
  readonly volumeOf: (ordinal: number) => string;
  /** etcd's data directory inside the volume. */
  readonly dataOf: (ordinal: number) => string;
  readonly runFolderOf: (ordinal: number) => string;
  readonly gateOf: (ordinal: number) => string;
  readonly logOf: (ordinal: number, container: ContainerName) => string;
};

/** The paths of the cluster in `folder`, which is absolute. */
export function pathsOf(folder: string): ClusterPaths {
  const volumes = join(folder, 'volumes');
  const runs = join(folder, 'run');
  const logs = join(folder, 'log');
  const runFolderOf = (ordinal: number): string => join(runs, String(ordinal));
  return {
    folder,
    clusterFile: join(folder, 'cluster.json'),
    apiFile: join(folder, 'api.json'),
    lockFile: join(folder, 'supervisor.json'),
    controlSocket: join(folder, 'control.sock'),
    volumes,
    runs,
    logs,
    volumeOf: (ordinal) => join(volumes, String(ordinal)),
    dataOf: (ordinal) => join(volumes, String(ordinal), 'data'),
    runFolderOf,
    gateOf: (ordinal) => join(runFolderOf(ordinal), 'etcd.yaml'),
    logOf: (ordinal, container) => join(logs, String(ordinal), `${container}.log`),
  };
}

/** The first three bytes of a cluster's addresses, such as `127.80.7`. */
export type AddressBlock = string & { readonly brand: 'AddressBlock' };

const BLOCK = /^127\.(6[4-9]|[7-9][0-9]|1[0-8][0-9]|19[01])\.(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])$/;

/** The block written in `text`; undefined when it is none that this program gives out. */
export function addressBlockOf(text: string): AddressBlock | undefined {
  return BLOCK.test(text) ? (text as AddressBlock) : undefined;
}

const SECOND_BYTE_FIRST = 64;
const BLOCKS_TOTAL = 128 * 256;
/** Odd, hence coprime to the number of blocks: the sequence meets every block once. */
const BLOCK_STRIDE = 12_289;

/**
 * The block to try as attempt 0, 1, … for `seed` (an unsigned 32-bit integer). Equal seeds try equal
 * blocks in equal order; 127.0.x.y, where others live, is never among them.
 */
export function blockToTry(seed: number, attempt: number): AddressBlock {
  // Knuth's multiplicative hash: neighbouring seeds begin far from each other.
  const start = Math.imul(seed, 2_654_435_761) >>> 17;
  const index = (start + attempt * BLOCK_STRIDE) % BLOCKS_TOTAL;
  return `127.${SECOND_BYTE_FIRST + Math.floor(index / 256)}.${index % 256}` as AddressBlock;
}

/** Where the stand-ins for the Kubernetes API and for CoreDNS listen. */
export function serviceAddressOf(block: AddressBlock): string {
  return `${block}.2`;
}

/** Pod address of `ordinal`: `127.A.B.10` for 0, `127.A.B.11` for 1, … */
export function podAddressOf(block: AddressBlock, ordinal: number): string {
  return `${block}.1${ordinal}`;
}

/** The names of a local cluster: what it would be called on Kubernetes, but with loopback hosts. */
export function namesOf(cluster: string, namespace: string, block: AddressBlock): ClusterNames {
  return {
    cluster,
    namespace,
    service: `${cluster}-peer`,
    clusterDomain: 'cluster.local',
    hostTemplate: `${block}.1{ordinal}`,
    peerScheme: 'http',
    clientScheme: 'http',
    peerPort: PORTS.peer,
    clientPort: PORTS.client,
  };
}

/** Name of the formation ConfigMap. */
export function formationNameOf(cluster: string): string {
  return `${cluster}-formation`;
}
