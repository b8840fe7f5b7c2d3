/** Wires one agent out of its configuration and runs it until it is told to stop. */
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { LeaveVerdict } from '../decide/decide-leave.ts';
import { dnsPacketResolver } from '../dns/dns-packet-resolver.ts';
import { type NameServer, parseResolvConf } from '../dns/resolv-conf.ts';
import type { Resolver } from '../dns/resolver.ts';
import { createEtcd3Clients } from '../etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../etcd/etcd3-member-api.ts';
import type { MaintenanceApi, MemberApi } from '../etcd/member-api.ts';
import { NamedPipeGate } from '../etcd/named-pipe-gate.ts';
import { createPeerHttp, type PeerHttp } from '../etcd/peer-http.ts';
import type { ClusterApi } from '../kube/cluster-api.ts';
import { createHttpClusterApi } from '../kube/http-cluster-api.ts';
import type { Self } from '../model/member-view.ts';
import { clientUrlOf, peerUrlOf } from '../model/naming.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { createHttpClient } from '../runtime/http-client.ts';
import { createLogger } from '../runtime/logger.ts';
import { createFileVolumeStore } from '../volume/file-volume-store.ts';
import type { VolumeStore } from '../volume/volume-store.ts';
import { type AddressBook, createAddressBook } from './address-book.ts';
import { type AgentMetrics, createAgentMetrics } from './agent-metrics.ts';
import type { AgentConfig } from './config.ts';
import { Cycle } from './cycle.ts';
import { leave } from './leave.ts';
import { LocalEtcdProbe } from './local-etcd-probe.ts';
import { createMembershipCalls } from './membership-calls.ts';
import { Observer } from './observer.ts';
import { perform } from './perform.ts';
import { StatusBoard } from './status-board.ts';
import { createStatusServer } from './status-server.ts';
import { Waker } from './waker.ts';

/** Runs the agent until `signal` fires. Rejects when it cannot start: a port in use, a gate that cannot be. */
export async function runAgent(config: AgentConfig, signal: AbortSignal): Promise<void> {
  const clock = systemClock;
  const logger = createLogger(config.logLevel, { cluster: config.names.cluster, ordinal: config.ordinal });
  const metrics = createAgentMetrics();
  const ports = await openPorts(config, clock, metrics, signal);
  const self: Self = {
    names: config.names,
    ordinal: config.ordinal,
    podUid: config.podUid,
    etcdVersion: config.etcdVersion,
  };
  const waker = new Waker();
  await mkdir(dirname(config.gate), { recursive: true });
  const gate = new NamedPipeGate({
    path: config.gate,
    etcdMinor: config.etcdVersion.minor,
    nowMs: () => clock.nowMs(),
    onChange: () => waker.wake(),
    onWarning: (message) => logger.warn(message),
  });
  await gate.start(signal);
  const etcd = new LocalEtcdProbe({
    gate,
    maintenance: ports.maintenance,
    clock,
    clientUrl: clientUrlOf(config.names, config.ordinal),
  });
  const membershipCalls = createMembershipCalls(logger, metrics, clock);
  const common = {
    ...ports,
    ...namesAndPorts(config),
    self,
    clock,
    logger,
    etcd,
    gate,
    membershipCalls,
    config,
  };
  const board = new StatusBoard(self, clock);
  const hook = singleFlight(() => leave({ ...common, graceMs: config.graceSeconds * 1_000 }, signal));
  const cycle = new Cycle({
    clock,
    logger,
    metrics,
    waker,
    observer: new Observer(common),
    perform: (view, decision, turn) => perform(common, view, decision, turn),
    onDecision: (view, decision, sinceMs) => {
      gate.expectSoon(view.etcd.kind !== 'running');
      board.show(view, decision, sinceMs);
    },
    onGateAnswered: () => etcd.noteAnswered(),
    isLeaving: hook.isRunning,
  });
  const server = createStatusServer({
    board,
    registry: metrics.registry,
    logger,
    signal,
    leave: hook.run,
    isReady: (asked) => readiness(board, ports.members, config, asked),
    canReach: async (ordinal, asked) => {
      const contact = await ports.peers.contact(peerUrlOf(config.names, ordinal), asked);
      return contact.kind === 'answers';
    },
  });
  server.listen(config.agentPort, config.listenAddress);
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  logger.info({ address, port, volume: config.volume, gate: config.gate }, 'agent started');
  await cycle.run(signal);
  server.close();
  server.closeAllConnections();
  await ports.close();
}

function namesAndPorts(
  config: AgentConfig,
): Pick<AgentConfig, 'names' | 'ordinal' | 'agentPort' | 'podAddress'> {
  const { names, ordinal, agentPort, podAddress } = config;
  return { names, ordinal, agentPort, podAddress };
}

type Ports = {
  readonly http: ReturnType<typeof createHttpClient>;
  readonly api: ClusterApi;
  readonly resolver: Resolver;
  readonly addresses: AddressBook;
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly peers: PeerHttp;
  readonly volume: VolumeStore;
  readonly close: () => Promise<void>;
};

async function openPorts(
  config: AgentConfig,
  clock: Clock,
  metrics: AgentMetrics,
  signal: AbortSignal,
): Promise<Ports> {
  const servers: readonly NameServer[] =
    config.dnsServers ?? parseResolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
  const resolver = dnsPacketResolver({ servers, nowMs: () => clock.nowMs() });
  const addresses = createAddressBook(resolver, signal);
  const http = createHttpClient({ lookup: addresses.lookup });
  const ca = config.apiCaFile === undefined ? undefined : await readFile(config.apiCaFile, 'utf8');
  const apiHttp = createHttpClient(ca === undefined ? {} : { ca });
  const clients = createEtcd3Clients();
  const api = createHttpClusterApi({
    http: countingCalls(apiHttp, metrics),
    clock,
    apiUrl: config.apiUrl,
    readToken: async () =>
      config.apiTokenFile === undefined ? undefined : (await readFile(config.apiTokenFile, 'utf8')).trim(),
    namespace: config.names.namespace,
    statefulSet: config.names.cluster,
    recordConfigMap: config.recordConfigMap,
  });
  return {
    http,
    api,
    resolver,
    addresses,
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    peers: createPeerHttp(http),
    volume: createFileVolumeStore(config.volume, clock),
    close: async () => {
      clients.close();
      await Promise.all([http.close(), apiHttp.close()]);
    },
  };
}

function countingCalls(
  http: ReturnType<typeof createHttpClient>,
  metrics: AgentMetrics,
): ReturnType<typeof createHttpClient> {
  return {
    ...http,
    send: async (request, signal) => {
      const answer = await http.send(request, signal);
      metrics.apiCalls.inc({ method: request.method ?? 'GET', answered: String(answer.kind === 'answered') });
      return answer;
    },
  };
}

async function readiness(
  board: StatusBoard,
  members: MemberApi,
  config: AgentConfig,
  signal: AbortSignal,
): Promise<{ ready: boolean; why: string }> {
  const { decision, etcd } = board.status;
  if (decision.stage !== 'serving' || etcd.state !== 'running' || etcd.isLearner) {
    return { ready: false, why: `${decision.reason}: ${decision.message}` };
  }
  const list = await members.listMembers(clientUrlOf(config.names, config.ordinal), true, signal);
  return list.kind === 'answered'
    ? { ready: true, why: 'voter; a linearizable read works' }
    : { ready: false, why: `no linearizable read: ${list.why}` };
}

/** Calls made while one is under way share its outcome: kubelet may call a hook more than once. */
function singleFlight(run: () => Promise<LeaveVerdict>): {
  run: () => Promise<LeaveVerdict>;
  isRunning: () => boolean;
} {
  let current: Promise<LeaveVerdict> | undefined;
  return {
    isRunning: () => current !== undefined,
    run: () => {
      current ??= run().finally(() => {
        current = undefined;
      });
      return current;
    },
  };
}
