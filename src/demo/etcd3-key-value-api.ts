import { callOnce } from '../etcd/etcd3-call.ts';
import type { Etcd3Clients } from '../etcd/etcd3-clients.ts';
import { etcdIdOfDecimal } from '../model/member.ts';
import type { KeyValueApi } from './key-value-api.ts';

/** Longer than any write takes on a healthy cluster, shorter than an election. */
const PUT_DEADLINE_MS = 300;

/** A page has some tens of KiB; a new leader may keep it waiting. */
const READ_DEADLINE_MS = 2_000;

/** Keys and values over gRPC, each call made once. */
export function createEtcd3KeyValueApi(clients: Etcd3Clients): KeyValueApi {
  return {
    put: async (clientUrl, key, value, signal) => {
      const request = { key: Buffer.from(key), value: Buffer.from(value) };
      const result = await callOnce(
        (options) => clients.of(clientUrl).kv.put(request, options),
        PUT_DEADLINE_MS,
        signal,
      );
      if (!result.ok) {
        return { kind: 'unknown', why: result.text };
      }
      const clusterId = etcdIdOfDecimal(result.value.header.cluster_id);
      return clusterId === undefined
        ? { kind: 'unknown', why: 'the answer carries a cluster ID of zero' }
        : { kind: 'acknowledged', clusterId };
    },
    readPage: async (clientUrl, { from, end, limit, revision }, signal) => {
      const request = {
        key: Buffer.from(from),
        range_end: Buffer.from(end),
        limit,
        revision: revision.toString(),
        serializable: false,
      };
      const result = await callOnce(
        (options) => clients.of(clientUrl).kv.range(request, options),
        READ_DEADLINE_MS,
        signal,
      );
      if (!result.ok) {
        return { kind: 'unknown', why: result.text };
      }
      const { kvs, more, header } = result.value;
      const entries = kvs.map((kv) => ({ key: kv.key.toString(), value: kv.value.toString() }));
      return {
        kind: 'answered',
        page: { entries, hasMore: more, revision: BigInt(header.revision) },
      };
    },
  };
}
