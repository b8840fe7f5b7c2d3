/** Wires one agent out of its configuration and runs it until it is told to stop. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GateUnusableError } from '../etcd/etcd-gate.ts';
import { NamedPipeGate } from '../etcd/named-pipe-gate.ts';
import type { PeerHttp } from '../etcd/peer-http.ts';
import type { Self } from '../model/member-view.ts';
import { clientUrlOf, peerUrlOf, SCHEMES } from '../model/naming.ts';
import { systemClock } from '../runtime/clock.ts';
import { errorText } from '../runtime/error-text.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { createAgentMetrics } from './agent-metrics.ts';
import { MemberCertificates } from './certificates/member-certificates.ts';
import type { AgentConfig } from './config.ts';
import { Cycle } from './cycle.ts';
import { waitForEnd } from './leave/ending.ts';
import { leave } from './leave/leave.ts';
import { removalNote } from './leave/removal-note.ts';
import { singleFlight } from './leave/single-flight.ts';
import { HashComparison } from './look/hash-comparison.ts';
import { LocalEtcdProbe } from './look/local-etcd-probe.ts';
import { Observer } from './look/observer.ts';
import { takenPort } from './look/taken-port.ts';
import { createMembershipCalls } from './membership-calls.ts';
import { openPorts, type Ports } from './open-ports.ts';
import { perform } from './perform.ts';
import { Pages } from './serve/pages.ts';
import { readinessOf } from './serve/readiness.ts';
import { StatusBoard } from './serve/status-board.ts';
import type { StatusServerDeps } from './serve/status-server.ts';
import { Waker } from './waker.ts';

/** etcd's `--quota-backend-bytes` where nobody says otherwise (3.5–3.7). */
const QUOTA_BYTES_DEFAULT = 2 * 1024 ** 3;

/** Runs the agent until `signal` fires. Rejects when it cannot start: a port in use, a gate that cannot be. */
export async function runAgent(config: AgentConfig, signal: AbortSignal): Promise<void> {
  const clock = systemClock;
  const { names, ordinal, podUid, etcdVersion } = config;
  const logger = createLogger(config.logLevel, { cluster: names.cluster, ordinal });
  const metrics = createAgentMetrics(() => Date.parse(clock.timestamp()));
  const waker = new Waker();
  const certificates = certificatesOf(config, logger, () => waker.wake());
  metrics.showCertificates(() => certificates.status());
  const ports = await openPorts(config, clock, metrics, certificates, signal);
  const gate = await openGate(config, () => waker.wake(), logger, signal);
  const quotaBytes = config.etcdOptions.quotaBackendBytes ?? QUOTA_BYTES_DEFAULT;
  const self: Self = { names, ordinal, podUid, etcdVersion, quotaBytes };
  const etcd = probeOf(config, ports, gate);
  const membershipCalls = createMembershipCalls(logger, metrics, clock);
  const { agentPort, podAddress, tls } = config;
  const hashes = new HashComparison({ ...ports, clock, onEnd: () => waker.wake() });
  const parts = {
    ...ports,
    hashes,
    config,
    names,
    ordinal,
    agentPort,
    channel: tls.channel,
    agentTlsPort: tls.port,
    podAddress,
    certificates,
    self,
    clock,
    logger,
    etcd,
    gate,
    membershipCalls,
  };
  const board = new StatusBoard(self, clock, () => certificates.status());
  const observer = new Observer(parts);
  const noteRemoved = removalNote(ports.volume, () => observer.noteVolumeTouched(), signal);
  const graceMs = config.graceSeconds * 1_000;
  const hook = singleFlight(async () =>
    waitForEnd(parts, await leave({ ...parts, noteRemoved, graceMs }, signal), signal),
  );
  const cycle = new Cycle({
    clock,
    logger,
    metrics,
    waker,
    observer,
    hashes,
    perform: (view, decision, turn) => perform(parts, view, decision, turn),
    onDecision: (view, decision, sinceMs) => {
      gate.expectSoon(view.etcd.kind !== 'running');
      board.show(view, decision, sinceMs);
      void pages.refresh();
    },
    onGateAnswered: () => etcd.noteAnswered(),
    isLeaving: hook.isRunning,
  });
  const { registry } = metrics;
  const pages = pagesOf({ ...parts, board, registry, signal, leave: hook.run });
  await pages.listen();
  logger.info({ port: agentPort, volume: config.volume, gate: config.gate }, 'agent started');
  await cycle.run(signal);
  pages.close();
  await ports.close();
}

function probeOf(config: AgentConfig, ports: Ports, gate: NamedPipeGate): LocalEtcdProbe {
  const { names, listenAddress, metricsPort } = config;
  return new LocalEtcdProbe({
    ...ports,
    gate,
    clock: systemClock,
    clientUrl: clientUrlOf(names, config.ordinal),
    takenPort: () => takenPort(listenAddress, [names.clientPort, names.peerPort, metricsPort]),
  });
}

async function openGate(
  config: AgentConfig,
  onChange: () => void,
  logger: Logger,
  signal: AbortSignal,
): Promise<NamedPipeGate> {
  await mkdir(dirname(config.gate), { recursive: true }).catch((cause: unknown) => {
    const seen = `the directory of the gate ${config.gate} cannot be made (${errorText(cause)})`;
    throw new GateUnusableError(seen, 'set QUORATE_GATE to a path the agent may write to', cause);
  });
  const gate = new NamedPipeGate({
    path: config.gate,
    etcdMinor: config.etcdVersion.minor,
    nowMs: () => systemClock.nowMs(),
    onChange,
    onWarning: (message) => logger.warn(message),
  });
  await gate.start(signal);
  return gate;
}

type PagesParts = Pick<StatusServerDeps, 'board' | 'registry' | 'logger' | 'signal' | 'leave'> &
  Pick<Ports, 'members' | 'peers'> & {
    readonly config: AgentConfig;
    readonly certificates: MemberCertificates;
    readonly etcd: LocalEtcdProbe;
  };

function pagesOf(parts: PagesParts): Pages {
  const { config, members, peers, certificates, etcd } = parts;
  const { names, ordinal } = config;
  return new Pages({
    ...parts,
    ...config,
    identity: () => certificates.materialOf('agent'),
    hasServed: () => etcd.hasServed,
    isReady: (asked) => readinessOf(parts.board.status, members, clientUrlOf(names, ordinal), asked),
    canReach: (other, asked) => canReach(peers, config, other, asked),
  });
}

/** On the way to another scheme a member may be under either. */
async function canReach(
  peers: PeerHttp,
  { names, tls }: AgentConfig,
  ordinal: number,
  signal: AbortSignal,
): Promise<boolean> {
  const schemes = tls.folders.peer === undefined ? [names.peerScheme] : SCHEMES;
  const contacts = schemes.map((peerScheme) =>
    peers.contact(peerUrlOf({ ...names, peerScheme }, ordinal), signal),
  );
  return (await Promise.all(contacts)).some(({ kind }) => kind === 'answers');
}

function certificatesOf(config: AgentConfig, logger: Logger, onChange: () => void): MemberCertificates {
  return new MemberCertificates({
    settings: config.tls,
    notePath: join(dirname(config.gate), 'started.json'),
    clock: systemClock,
    logger,
    onChange,
  });
}
