/**
 * What an etcd says of itself before its client port is open: over its metrics listener and its peer
 * port, which open at once. A learner fed by a snapshot may keep its client port shut for 7 s although it
 * is in sync (measured on 3.5, 3.6 and 3.7), and must not have to wait for that to be promoted.
 */
import type { EtcdStatus } from '../model/local-etcd.ts';
import { etcdIdOfHex } from '../model/member.ts';
import type { HttpClient } from '../runtime/http-client.ts';
import type { PeerHttp } from './peer-http.ts';

export type BootStatus =
  | { readonly kind: 'silent' }
  /** The process lives; what it is, it does not tell yet, or it is no learner. */
  | { readonly kind: 'alive'; readonly hasLeader: boolean }
  | { readonly kind: 'learner'; readonly status: EtcdStatus };

export type BootStatusApi = { read(signal: AbortSignal): Promise<BootStatus> };

/** The page is 160 KB, made from memory. */
const METRICS_TIMEOUT_MS = 500;

/** Reads the etcd whose metrics listener and peer port are given. */
export function createBootStatusApi(
  http: HttpClient,
  peers: PeerHttp,
  metricsUrl: string,
  peerUrl: string,
): BootStatusApi {
  return {
    read: async (signal) => {
      const answer = await http.send({ url: `${metricsUrl}/metrics`, timeoutMs: METRICS_TIMEOUT_MS }, signal);
      if (answer.kind !== 'answered' || answer.status !== 200) {
        return { kind: 'silent' };
      }
      const metrics = readMetrics(answer.body);
      const alive: BootStatus = { kind: 'alive', hasLeader: metrics.get('etcd_server_has_leader') === '1' };
      if (metrics.get('etcd_server_is_learner') !== '1') {
        return alive;
      }
      const list = await peers.localMembers(peerUrl, signal);
      const memberId = etcdIdOfHex(serverIdIn(answer.body));
      if (list.kind === 'unknown' || memberId === undefined) {
        return alive;
      }
      return { kind: 'learner', status: statusOf(metrics, list.value.clusterId, memberId) };
    },
  };
}

function statusOf(
  metrics: ReadonlyMap<string, string>,
  clusterId: EtcdStatus['clusterId'],
  memberId: EtcdStatus['memberId'],
): EtcdStatus {
  const number = (name: string): number => Number(metrics.get(name) ?? 0);
  return {
    clusterId,
    memberId,
    isLearner: true,
    leaderId: null,
    version: '',
    raftTerm: 0n,
    raftIndex: BigInt(number('etcd_server_proposals_committed_total')),
    raftAppliedIndex: BigInt(number('etcd_server_proposals_applied_total')),
    dbSizeBytes: number('etcd_mvcc_db_total_size_in_bytes'),
    dbSizeInUseBytes: number('etcd_mvcc_db_total_size_in_use_in_bytes'),
    errors: [],
  };
}

/** The samples without labels, by name. etcd sets the two `proposals` gauges to raft indexes (3.5–3.7). */
function readMetrics(page: string): ReadonlyMap<string, string> {
  const metrics = new Map<string, string>();
  for (const match of page.matchAll(/^(etcd_[a-z_]+) ([0-9.e+]+)$/gm)) {
    metrics.set(match[1] ?? '', match[2] ?? '');
  }
  return metrics;
}

function serverIdIn(page: string): string {
  return /^etcd_server_id\{server_id="([0-9a-f]+)"\} 1$/m.exec(page)?.[1] ?? '';
}
