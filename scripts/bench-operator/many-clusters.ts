import { type RealApiClient, valueAt } from '../../test/support/real-api-server-client.ts';
import type { ClusterBoard } from './cluster-board.ts';

/** Namespaces of a large installation hold a few clusters each. */
const CLUSTERS_PER_NAMESPACE = 20;
/** Objects created at once. */
const CREATORS = 8;

/** Makes namespaces for so many clusters; their keys, `NAMESPACE/NAME`. */
export async function createNamespaces(client: RealApiClient, clusters: number): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let first = 0; first < clusters; first += CLUSTERS_PER_NAMESPACE) {
    const name = `team-${first / CLUSTERS_PER_NAMESPACE}`;
    await client.send('POST', '/api/v1/namespaces', { metadata: { name } });
    for (let index = first; index < Math.min(clusters, first + CLUSTERS_PER_NAMESPACE); index++) {
      keys.push(`${name}/etcd-${index}`);
    }
  }
  return keys;
}

/** Creates them all; when each was, on the monotonic clock. */
export async function createClusters(
  client: RealApiClient,
  keys: readonly string[],
  size: number,
): Promise<ReadonlyMap<string, number>> {
  const createdAtMs = new Map<string, number>();
  const left = [...keys];
  const create = async (): Promise<void> => {
    for (let key = left.shift(); key !== undefined; key = left.shift()) {
      createdAtMs.set(key, performance.now());
      const object = {
        apiVersion: 'etcd.etcd.io/v1alpha1',
        kind: 'EtcdCluster',
        metadata: { name: key.split('/')[1] },
        spec: { size },
      };
      const { status, body } = await client.send('POST', collectionOf(key), object);
      if (status !== 201) {
        throw new Error(`EtcdCluster ${key}: ${status} ${JSON.stringify(body)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: CREATORS }, create));
  return createdAtMs;
}

/** Merges `change` into the cluster; the generation that comes of it. */
export async function editCluster(client: RealApiClient, key: string, change: object): Promise<number> {
  const path = `${collectionOf(key)}/${key.split('/')[1]}`;
  const contentType = 'application/merge-patch+json';
  const { body } = await client.send('PATCH', path, change, { contentType });
  return Number(valueAt(body, 'metadata.generation'));
}

/** Edits clusters one after another, while all others are right; the seconds until status has seen each. */
export async function measureEdits(
  client: RealApiClient,
  board: ClusterBoard,
  keys: readonly string[],
  edits: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const seconds: number[] = [];
  for (let round = 0; round < edits; round++) {
    const key = keys[Math.floor((round * keys.length) / edits)] ?? '';
    const startedMs = performance.now();
    const change = { spec: { clientService: { annotations: { round: String(round) } } } };
    const generation = await editCluster(client, key, change);
    await board.whenRight(keys.length, new Map([[key, generation]]), signal);
    seconds.push((performance.now() - startedMs) / 1_000);
  }
  return seconds;
}

/** How many of all clusters an Event says of that they run. */
export async function countRunningTold(client: RealApiClient): Promise<number> {
  const told = new Set<unknown>();
  let next = '';
  do {
    const query = `fieldSelector=reason%3DPhaseChanged&limit=${PAGE}&continue=${next}`;
    const { body } = await client.send('GET', `/api/v1/events?${query}`);
    const items = valueAt(body, 'items');
    for (const event of Array.isArray(items) ? items : []) {
      if (/Running\.$/.test(String(valueAt(event, 'message')))) {
        told.add(valueAt(event, 'involvedObject.uid'));
      }
    }
    next = String(valueAt(body, 'metadata.continue') ?? '');
  } while (next !== '');
  return told.size;
}

const PAGE = 500;

function collectionOf(key: string): string {
  return `/apis/etcd.etcd.io/v1alpha1/namespaces/${key.split('/')[0]}/etcdclusters`;
}
