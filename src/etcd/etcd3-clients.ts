import type { CallOptions } from '@grpc/grpc-js';
import { noop } from 'cockatiel';
import { Etcd3, type IHashKVResponse, type IOptions } from 'etcd3';
import type { TlsMaterial } from '../runtime/tls-material.ts';

/** Connections to the members of one cluster, one client per URL that is dialled. */
export type Etcd3Clients = {
  /** The client for `url`, which is dialled as it is; made on first use. */
  of(url: string): HashingEtcd3;
  /** The client for `clientUrl` where that is found now. Rejects when it cannot be found, or `signal` fires. */
  reach(clientUrl: string, signal: AbortSignal): Promise<HashingEtcd3>;
  close(): void;
};

/** The URL to dial for `clientUrl`; rejects when that cannot be known. */
export type Whereabouts = (clientUrl: string, signal: AbortSignal) => Promise<string>;

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
 * membership calls that may have been applied. Where names have to be looked up, `find` must do it: gRPC
 * asks the system, whose questions nobody can end. One that no DNS server answers holds a thread that files
 * are read with, and the whole process, for 20 s or more (glibc 2.36).
 */
export function createEtcd3Clients(
  find: Whereabouts = async (url) => url,
  identity: () => TlsMaterial | undefined = () => undefined,
): Etcd3Clients {
  const clients = new Map<string, HashingEtcd3>();
  let shown: TlsMaterial | undefined;
  const close = (): void => {
    for (const client of clients.values()) {
      client.close();
    }
    clients.clear();
  };
  const of = (url: string, name: string): HashingEtcd3 => {
    const material = identity();
    if (material !== shown) {
      close();
      shown = material;
    }
    const key = `${url} ${name}`;
    const known = clients.get(key);
    if (known !== undefined) {
      return known;
    }
    evictOldest(clients);
    const client = createClient(url, name, material);
    clients.set(key, client);
    return client;
  };
  return {
    of: (url) => of(url, new URL(url).hostname),
    reach: async (clientUrl, signal) => {
      const url = await find(clientUrl, signal);
      // Who gave up must not be surprised by a call made after that.
      signal.throwIfAborted();
      return of(url, new URL(clientUrl).hostname);
    },
    close,
  };
}

/** Dials `url`; under https the server has to be `name`, which an address that was looked up is not. */
function createClient(url: string, name: string, material: TlsMaterial | undefined): HashingEtcd3 {
  const isSecure = url.startsWith('https:');
  return new HashingEtcd3({
    hosts: url,
    ...(isSecure && material !== undefined ? { credentials: credentialsOf(material) } : {}),
    faultHandling: { host: () => noop, global: noop },
    grpcOptions: {
      ...(isSecure && new URL(url).hostname !== name
        ? { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name }
        : {}),
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.min_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
    },
  });
}

function credentialsOf({ certificate, key, authorities }: TlsMaterial): NonNullable<IOptions['credentials']> {
  return {
    rootCertificate: Buffer.from(authorities),
    certChain: Buffer.from(certificate),
    privateKey: Buffer.from(key),
  };
}

function evictOldest(clients: Map<string, HashingEtcd3>): void {
  const oldest = clients.entries().next();
  if (clients.size >= CLIENTS_MAX && oldest.value !== undefined) {
    const [clientUrl, client] = oldest.value;
    client.close();
    clients.delete(clientUrl);
  }
}
