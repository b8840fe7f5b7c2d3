/**
 * A whole etcd cluster on one machine: real agents and real etcds, each pair started and restarted as a
 * kubelet would, around stand-ins for what Kubernetes gives them.
 *
 *                     ┌──────────────── this process ────────────────┐
 *     quorate … ────▶ │ control server      API stand-in ◀── agents  │
 *                     │       └───▶ API state ◀──┘ └──▶ DNS ◀─ agents│
 *                     │ StatefulSet ───┘ │                           │
 *                     │  controller      └──▶ kubelet ──▶ agent + etcd, for each Pod
 *                     └──────────────────────────────────────────────┘
 */
import { randomUUID } from 'node:crypto';
import { createHttpClient, type HttpClient } from '../runtime/http-client.ts';
import { type AgentWord, askAgentStatus, callPreStop, type LongPoll } from './agent-client.ts';
import type { AgentLine } from './agent-line.ts';
import type { ApiFault } from './api-fault.ts';
import { type ClusterActions, clusterActions } from './cluster-actions.ts';
import type { ClusterEvent } from './cluster-event.ts';
import { type ClusterEvents, publishEvents } from './cluster-events.ts';
import { podAddressOf } from './cluster-layout.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import { startControlServer } from './control-server.ts';
import type { DnsFault } from './dns-answer.ts';
import { handleControlRequest } from './handle-control-request.ts';
import { Kubelet } from './kubelet.ts';
import { type OpenedCluster, type OpenOptions, openCluster } from './open-cluster.ts';
import { checkEtcdVersion } from './open-state.ts';
import type { PodTemplate } from './pod-commands.ts';
import { removeState } from './remove-state.ts';
import { type BackOffRule, KUBELET_BACK_OFF } from './restart-back-off.ts';
import { runStatefulSetController } from './stateful-set-controller.ts';
import { takeSnapshot } from './take-snapshot.ts';

export type LocalClusterOptions = OpenOptions & {
  /** Whether the state stays when the cluster is stopped. One that was there before always stays. */
  readonly keep: boolean;
  /** See `PodTemplate`. */
  readonly agentEntry: readonly string[];
  readonly agentEnv?: Readonly<Record<string, string>>;
  readonly etcdOptions?: Readonly<Record<string, unknown>>;
  /** terminationGracePeriodSeconds of the Pods; Kubernetes' default when not given. */
  readonly graceSeconds?: number;
  /** The kubelet's own unless given. */
  readonly backOff?: BackOffRule;
  /** Neither may throw. */
  readonly onEvent?: (event: ClusterEvent) => void;
  readonly onAgentLine?: (ordinal: number, line: AgentLine) => void;
};

export type LocalClusterDeps = {
  /** Path of the etcd binary of a version such as `3.6.16`; rejects when there is none. */
  readonly findEtcd: (version: string, signal: AbortSignal) => Promise<string>;
  /** What children inherit, such as PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export type LocalCluster = ClusterActions & {
  /** What is the same for all Pods: names, addresses, paths, versions. */
  readonly template: PodTemplate;
  /** The wanted size now. */
  readonly replicas: () => number;
  readonly snapshot: () => Promise<ClusterSnapshot>;
  /** What each Pod's agent says of itself now, lowest ordinal first. */
  readonly statuses: (
    signal: AbortSignal,
  ) => Promise<readonly { readonly ordinal: number; readonly word: AgentWord }[]>;
  /** What one agent says, at once or, with `longPoll`, when it says something new. */
  readonly agentStatus: (ordinal: number, signal: AbortSignal, longPoll?: LongPoll) => Promise<AgentWord>;
  /**
   * Gives the Pods that are made from now on another etcd, and the cluster when it is next opened. Whether etcd
   * can follow from one version to the other is not looked at.
   *
   * @throws LocalClusterError `ETCD_UNSUPPORTED`, `STATE_UNWRITABLE`; what `findEtcd` rejects with
   */
  readonly setEtcdVersion: (version: string, signal: AbortSignal) => Promise<void>;
  readonly setApiFault: (fault: ApiFault) => void;
  readonly setDnsFault: (fault: DnsFault) => void;
  /** Calls `listener`, which may not throw, for each event from now on; returns how to stop that. */
  readonly onEvent: (listener: (event: ClusterEvent) => void) => () => void;
  /** Ends all processes, frees all addresses and, unless kept, removes the state; safe to call twice. */
  readonly stop: () => Promise<void>;
  /** Resolves once stopped, by whomever. */
  readonly stopped: Promise<void>;
};

/** terminationGracePeriodSeconds where a Pod does not say (core/v1, Kubernetes 1.34). */
const GRACE_SECONDS_DEFAULT = 30;

/**
 * Starts the cluster of a state folder, or makes one there. Resolves once its processes are being started;
 * how far the members have come is in their statuses.
 *
 * @throws LocalClusterError those of `openCluster` and `startControlServer`; what `findEtcd` rejects with.
 *   Nothing runs then.
 */
export async function startLocalCluster(
  options: LocalClusterOptions,
  deps: LocalClusterDeps,
  signal: AbortSignal,
): Promise<LocalCluster> {
  const opened = new AsyncDisposableStack();
  try {
    const parts = await assemble(options, deps, signal, opened);
    const cluster = facadeOf(parts, deps, opened);
    const control = await startControlServer(parts.template.paths.controlSocket, (request) =>
      handleControlRequest(cluster, request),
    );
    opened.defer(() => control.close());
    parts.kubelet.start();
    const controller = runStatefulSetController(parts.ground.store, {
      newUid: randomUUID,
      now: Date.now,
      graceSeconds: parts.template.graceSeconds,
      onError: parts.events.emitTrouble,
    });
    opened.defer(() => controller.stop());
    return cluster;
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** All that a running cluster is made of; nothing of it moves before the kubelet is started. */
type Parts = {
  readonly ground: OpenedCluster;
  readonly template: PodTemplate;
  readonly http: HttpClient;
  readonly events: ClusterEvents;
  readonly kubelet: Kubelet;
};

async function assemble(
  options: LocalClusterOptions,
  deps: LocalClusterDeps,
  signal: AbortSignal,
  opened: AsyncDisposableStack,
): Promise<Parts> {
  const ground = await openCluster(options, signal);
  opened.defer(() => (options.keep || !ground.isNew ? undefined : removeState(ground.paths)));
  opened.defer(() => ground.close());
  const etcdPath = await deps.findEtcd(ground.file.etcdVersion, signal);
  const template = templateOf(ground, options, deps, etcdPath);
  const http = createHttpClient();
  opened.defer(() => http.close());
  const events = publishEvents(ground.store, options.onEvent);
  if (ground.orphansEnded > 0) {
    events.emit({ kind: 'orphans-ended', count: ground.orphansEnded });
  }
  const kubelet = new Kubelet(ground.store, template, {
    backOff: options.backOff ?? KUBELET_BACK_OFF,
    callPreStop: (address, limits) => callPreStop(http, address, limits),
    onAgentLine: options.onAgentLine ?? (() => undefined),
    onEvent: events.emit,
    onVolumeEmptied: (ordinal) => events.emit({ kind: 'volume-emptied', ordinal }),
    onError: events.emitTrouble,
  });
  opened.defer(() => kubelet.stop());
  return { ground, template, http, events, kubelet };
}

function templateOf(
  ground: OpenedCluster,
  options: LocalClusterOptions,
  deps: LocalClusterDeps,
  etcdPath: string,
): PodTemplate {
  return {
    names: ground.services.names,
    clusterUid: ground.store.read().statefulSet.uid,
    block: ground.file.block,
    paths: ground.paths,
    etcdVersion: ground.file.etcdVersion,
    etcdPath,
    agentEntry: options.agentEntry,
    agentEnv: options.agentEnv ?? {},
    etcdOptions: options.etcdOptions ?? {},
    apiUrl: ground.services.api.url,
    graceSeconds: options.graceSeconds ?? GRACE_SECONDS_DEFAULT,
    supervisorMark: ground.supervisorMark,
    environment: deps.environment,
  };
}

function facadeOf(parts: Parts, deps: LocalClusterDeps, opened: AsyncDisposableStack): LocalCluster {
  const { ground, template, http, events, kubelet } = parts;
  const { store, services } = ground;
  const stopping = new AbortController();
  const stopped = Promise.withResolvers<void>();
  const agentStatus: LocalCluster['agentStatus'] = (ordinal, signal, longPoll) =>
    askAgentStatus(http, podAddressOf(template.block, ordinal), signal, longPoll);
  const { graceSeconds } = template;
  return {
    ...clusterActions(store, kubelet, { graceSeconds, now: Date.now, stopped: stopping.signal }),
    get template() {
      return kubelet.template;
    },
    replicas: () => store.read().statefulSet.replicas,
    snapshot: () =>
      takeSnapshot(store.read(), kubelet, kubelet.template, (ordinal) =>
        agentStatus(ordinal, stopping.signal),
      ),
    agentStatus,
    statuses: (signal) =>
      Promise.all(
        ordinalsOf(ground).map(async (ordinal) => ({ ordinal, word: await agentStatus(ordinal, signal) })),
      ),
    setEtcdVersion: async (etcdVersion, signal) => {
      checkEtcdVersion(etcdVersion);
      const etcdPath = await deps.findEtcd(etcdVersion, signal);
      ground.noteEtcdVersion(etcdVersion);
      kubelet.template = { ...kubelet.template, etcdVersion, etcdPath };
    },
    setApiFault: (fault) => services.api.setFault(fault),
    setDnsFault: (fault) => services.dns.setFault(fault),
    onEvent: events.subscribe,
    stopped: stopped.promise,
    stop: () => {
      if (!stopping.signal.aborted) {
        stopping.abort();
        opened.disposeAsync().then(stopped.resolve, stopped.reject);
      }
      return stopped.promise;
    },
  };
}

function ordinalsOf(ground: OpenedCluster): readonly number[] {
  return ground.store
    .read()
    .pods.map((pod) => pod.ordinal)
    .sort((a, b) => a - b);
}
