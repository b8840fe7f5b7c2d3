/** Wires one agent out of its configuration and runs it until it is told to stop. */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { GateUnusableError } from '../etcd/etcd-gate.ts';
import { NamedPipeGate } from '../etcd/named-pipe-gate.ts';
import type { Self } from '../model/member-view.ts';
import { clientUrlOf, peerUrlOf } from '../model/naming.ts';
import { systemClock } from '../runtime/clock.ts';
import { errorText } from '../runtime/error-text.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { AddressInUseError } from './address-in-use-error.ts';
import { createAgentMetrics } from './agent-metrics.ts';
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
import { readinessOf } from './serve/readiness.ts';
import { StatusBoard } from './serve/status-board.ts';
import { createStatusServer, type StatusServerDeps } from './serve/status-server.ts';
import { Waker } from './waker.ts';

/** etcd's `--quota-backend-bytes` where nobody says otherwise (3.5–3.7). */
const QUOTA_BYTES_DEFAULT = 2 * 1024 ** 3;

/** Runs the agent until `signal` fires. Rejects when it cannot start: a port in use, a gate that cannot be. */
export async function runAgent(config: AgentConfig, signal: AbortSignal): Promise<void> {
  const clock = systemClock;
  const { names, ordinal, podUid, etcdVersion } = config;
  const logger = createLogger(config.logLevel, { cluster: names.cluster, ordinal });
  const metrics = createAgentMetrics();
  const ports = await openPorts(config, clock, metrics, signal);
  const waker = new Waker();
  const gate = await openGate(config, () => waker.wake(), logger, signal);
  const quotaBytes = config.etcdOptions.quotaBackendBytes ?? QUOTA_BYTES_DEFAULT;
  const self: Self = { names, ordinal, podUid, etcdVersion, quotaBytes };
  const etcd = probeOf(config, ports, gate);
  const membershipCalls = createMembershipCalls(logger, metrics, clock);
  const { agentPort, podAddress } = config;
  const hashes = new HashComparison({ ...ports, clock, onEnd: () => waker.wake() });
  const parts = {
    ...ports,
    hashes,
    config,
    names,
    ordinal,
    agentPort,
    podAddress,
    self,
    clock,
    logger,
    etcd,
    gate,
    membershipCalls,
  };
  const board = new StatusBoard(self, clock);
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
    },
    onGateAnswered: () => etcd.noteAnswered(),
    isLeaving: hook.isRunning,
  });
  const { registry } = metrics;
  const server = serverOf({ ...ports, config, board, registry, logger, signal, leave: hook.run });
  await listen(server, config, logger);
  await cycle.run(signal);
  server.close();
  server.closeAllConnections();
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

type ServedParts = Omit<StatusServerDeps, 'isReady' | 'canReach'> &
  Pick<Ports, 'members' | 'peers'> & { readonly config: AgentConfig };

function serverOf({ members, peers, config: { names, ordinal }, ...deps }: ServedParts): Server {
  return createStatusServer({
    ...deps,
    isReady: (asked) => readinessOf(deps.board.status, members, clientUrlOf(names, ordinal), asked),
    canReach: async (other, asked) =>
      (await peers.contact(peerUrlOf(names, other), asked)).kind === 'answers',
  });
}

async function listen(server: Server, config: AgentConfig, logger: Logger): Promise<void> {
  const place = `${config.listenAddress}:${config.agentPort}`;
  try {
    server.listen(config.agentPort, config.listenAddress);
    await once(server, 'listening');
  } catch (error) {
    throw new AddressInUseError(place, error);
  }
  const { listenAddress: address, agentPort: port, volume, gate } = config;
  logger.info({ address, port, volume, gate }, 'agent started');
}
