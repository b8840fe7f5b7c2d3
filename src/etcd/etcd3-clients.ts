import { noop } from 'cockatiel';
import { Etcd3 } from 'etcd3';

/** Connections to the members of one cluster, one client per client URL. */
export type Etcd3Clients = {
  /** The client for `clientUrl`; made on first use. */
  of(clientUrl: string): Etcd3;
  close(): void;
};

/** Nine members, and as many addresses of members that were replaced lately. */
const CLIENTS_MAX = 18;
/** A member that was down is found again within this; grpc's own default backs off to two minutes. */
const RECONNECT_MS_MIN = 50;
const RECONNECT_MS_MAX = 500;

/**
 * Clients that try once: etcd3's circuit breaker answers without asking, and its retries repeat
 * membership calls that may have been applied.
 */
export function createEtcd3Clients(): Etcd3Clients {
  const clients = new Map<string, Etcd3>();
  return {
    of: (clientUrl) => {
      const known = clients.get(clientUrl);
      if (known !== undefined) {
        return known;
      }
      evictOldest(clients);
      const client = createClient(clientUrl);
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

function createClient(clientUrl: string): Etcd3 {
  return new Etcd3({
    hosts: clientUrl,
    faultHandling: { host: () => noop, global: noop },
    grpcOptions: {
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.min_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
    },
  });
}

function evictOldest(clients: Map<string, Etcd3>): void {
  const oldest = clients.entries().next();
  if (clients.size >= CLIENTS_MAX && oldest.value !== undefined) {
    const [clientUrl, client] = oldest.value;
    client.close();
    clients.delete(clientUrl);
  }
}
