import type { CallOptions } from '@grpc/grpc-js';
import { noop } from 'cockatiel';
import { Etcd3, type IHashKVResponse } from 'etcd3';

/** Connections to the members of one cluster, one client per client URL. */
export type Etcd3Clients = {
  /** The client for `clientUrl`; made on first use. */
  of(clientUrl: string): HashingEtcd3;
  close(): void;
};

/** etcd3 1.1.2 asks gRPC for `hashKV`, a method that gRPC has under the name `hashKv`. */
export class HashingEtcd3 extends Etcd3 {
  /** The hash of all keys up to `revision`; 0 for the member's latest. */
  hashKv(revision: bigint, options: CallOptions): Promise<IHashKVResponse> {
    return this.pool.exec('Maintenance', 'hashKv', { revision: revision.toString() }, options);
  }
}

/** Nine members, and as many addresses of members that were replaced lately. */
const CLIENTS_MAX = 18;
/** A member that was down is found again within this; grpc's own default backs off to two minutes. */
const RECONNECT_MS_MIN = 50;
const RECONNECT_MS_MAX = 500;

/**
 * Clients that try once: etcd3's circuit breaker answers without asking, and its retries repeat
 * membership calls that may have been applied. `dialled` says where a client URL is found when that is
 * known without DNS; a URL is dialled as it is otherwise.
 */
export function createEtcd3Clients(dialled: (clientUrl: string) => string = (url) => url): Etcd3Clients {
  const clients = new Map<string, HashingEtcd3>();
  return {
    of: (clientUrl) => {
      const known = clients.get(clientUrl);
      if (known !== undefined) {
        return known;
      }
      evictOldest(clients);
      const client = createClient(dialled(clientUrl));
      clients.set(clientUrl, client);
      return client;
    },
    close: () => {
      for (const client of clients.values()) {
        client.close();
      }
      clients.clear();
    },
  };
}

function createClient(url: string): HashingEtcd3 {
  return new HashingEtcd3({
    hosts: url,
    faultHandling: { host: () => noop, global: noop },
    grpcOptions: {
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.min_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
    },
  });
}

function evictOldest(clients: Map<string, HashingEtcd3>): void {
  const oldest = clients.entries().next();
  if (clients.size >= CLIENTS_MAX && oldest.value !== undefined) {
    const [clientUrl, client] = oldest.value;
    client.close();
    clients.delete(clientUrl);
  }
}
