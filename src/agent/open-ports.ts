/** Opens everything through which an agent reaches the world; the only place that names the adapters. */
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { dnsPacketResolver } from '../dns/dns-packet-resolver.ts';
import { type NameServer, parseResolvConf } from '../dns/resolv-conf.ts';
import type { Resolver } from '../dns/resolver.ts';
import { type BootStatusApi, createBootStatusApi } from '../etcd/boot-status.ts';
import { createEtcd3Clients, type Whereabouts } from '../etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../etcd/etcd3-member-api.ts';
import type { MaintenanceApi, MemberApi } from '../etcd/member-api.ts';
import { createPeerHttp, type PeerHttp } from '../etcd/peer-http.ts';
import type { ClusterApi } from '../kube/cluster-api.ts';
import { createHttpClusterApi } from '../kube/http-cluster-api.ts';
import { clientUrlOf, hostOf, peerUrlOf } from '../model/naming.ts';
import type { Clock } from '../runtime/clock.ts';
import { holdDialledSockets } from '../runtime/dialled-sockets.ts';
import { createHttpClient, type HttpClient } from '../runtime/http-client.ts';
import { createFileVolumeStore } from '../volume/file-volume-store.ts';
import type { VolumeStore } from '../volume/volume-store.ts';
import type { AgentMetrics } from './agent-metrics.ts';
import type { MemberCertificates } from './certificates/member-certificates.ts';
import type { AgentConfig } from './config.ts';
import { type AddressBook, createAddressBook, type KnownName } from './look/address-book.ts';

/** Each costs a handshake, which takes more of the processor than all the requests of a look. */
const API_CONNECTIONS_MAX = 2;

export type Ports = {
  /** To the agents of other members. */
  readonly http: HttpClient;
  readonly api: ClusterApi;
  readonly resolver: Resolver;
  readonly addresses: AddressBook;
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly peers: PeerHttp;
  readonly boot: BootStatusApi;
  readonly volume: VolumeStore;
  readonly close: () => Promise<void>;
};

/** The ports of one agent; sockets they open end with `signal`. */
export async function openPorts(
  config: AgentConfig,
  clock: Clock,
  metrics: AgentMetrics,
  certificates: MemberCertificates,
  signal: AbortSignal,
): Promise<Ports> {
  const dialled = holdDialledSockets();
  const servers: readonly NameServer[] =
    config.dnsServers ?? parseResolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
  const resolver = dnsPacketResolver({ servers, nowMs: () => clock.nowMs() });
  const own = { host: hostOf(config.names, config.ordinal), address: config.podAddress };
  const addresses = createAddressBook(resolver, own, signal);
  const peerHttp = createHttpClient({
    lookup: addresses.lookup,
    identity: () => certificates.materialOf('peer'),
  });
  const http = createHttpClient({
    lookup: addresses.lookup,
    identity: () => certificates.materialOf('agent'),
  });
  const ca = config.apiCaFile === undefined ? undefined : await readFile(config.apiCaFile, 'utf8');
  const apiHttp = createHttpClient({
    connectionsMax: API_CONNECTIONS_MAX,
    ...(ca === undefined ? {} : { ca }),
  });
  const ownUrl = clientUrlOf(config.names, config.ordinal);
  const clients = createEtcd3Clients(whereaboutsBy(resolver, own, ownUrl), () => certificates.towardsEtcd);
  const peers = createPeerHttp(peerHttp);
  const metricsUrl = `http://${own.address}:${config.metricsPort}`;
  return {
    http,
    api: openApi(config, clock, countingCalls(apiHttp, metrics)),
    resolver,
    addresses,
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    peers,
    boot: createBootStatusApi(peerHttp, peers, metricsUrl, peerUrlOf(config.names, config.ordinal)),
    volume: createFileVolumeStore(config.volume, clock),
    close: async () => {
      dialled.end();
      // gRPC hears of it now: a client that still connects when it is closed lingers for a second.
      await nextTurn();
      clients.close();
      await Promise.all([http.close(), peerHttp.close(), apiHttp.close()]);
    },
  };
}

/** Where members are dialled: by our resolver's word, and the etcd beside the agent without asking (F58). */
function whereaboutsBy(resolver: Resolver, own: KnownName, ownUrl: string): Whereabouts {
  return async (clientUrl, signal) => {
    if (clientUrl === ownUrl) {
      return clientUrl.replace(own.host, own.address);
    }
    const { hostname } = new URL(clientUrl);
    const found = await resolver.addressesOf(hostname, signal);
    const [address] = found.kind === 'found' ? found.addresses : [];
    if (address === undefined) {
      throw new Error(`${hostname} has no address${found.kind === 'unknown' ? `: ${found.why}` : ''}`);
    }
    return clientUrl.replace(hostname, address);
  };
}

function openApi(config: AgentConfig, clock: Clock, http: HttpClient): ClusterApi {
  const { apiTokenFile } = config;
  return createHttpClusterApi({
    http,
    clock,
    apiUrl: config.apiUrl,
    readToken: async () =>
      apiTokenFile === undefined ? undefined : (await readFile(apiTokenFile, 'utf8')).trim(),
    namespace: config.names.namespace,
    statefulSet: config.names.cluster,
    recordConfigMap: config.recordConfigMap,
  });
}

function countingCalls(http: HttpClient, metrics: AgentMetrics): HttpClient {
  return {
    ...http,
    send: async (request, signal) => {
      const answer = await http.send(request, signal);
      metrics.apiCalls.inc({ method: request.method ?? 'GET', answered: String(answer.kind === 'answered') });
      return answer;
    },
  };
}
