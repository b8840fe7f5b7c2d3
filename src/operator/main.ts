/** Wires one operator out of its configuration and runs it until it is told to stop. */
import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { openAuthDoor } from '../etcd/lazy-auth-door.ts';
import type { ApiTransport } from '../kube/api-transport.ts';
import { createHttpObjectApi } from '../kube/http-object-api.ts';
import { createHttpTransport } from '../kube/http-transport.ts';
import { findCredentials } from '../kube/kube-config-credentials.ts';
import { pluralInPath } from '../kube/resource-type.ts';
import { lazyIssuer } from '../pki/lazy-issuer.ts';
import { IMAGE_NODE, IMAGE_PROGRAM } from '../resources/paths.ts';
import { PORTS } from '../resources/ports.ts';
import type { ResourceSettings } from '../resources/resource-settings.ts';
import { pause } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import { FRUGAL_ENVIRONMENT, frugalNodeFlagsFor } from '../runtime/frugal-process.ts';
import { createHttpClient } from '../runtime/http-client.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { type LeadingEnd, leadWhenElected } from './election/lead-when-elected.ts';
import { operate } from './operate.ts';
import type { OperatorConfig } from './operator-config.ts';
import { OperatorError } from './operator-error.ts';
import { createOperatorMetrics, type OperatorMetrics } from './operator-metrics.ts';
import { type Pages, plain, servePages } from './page-server.ts';
import type { WorkQueue } from './queue/work-queue.ts';
import { NATIVE_SIDECARS_SINCE, untilServerMinor } from './server-version.ts';
import { type OpenWebhookDeps, openWebhook, type Webhook } from './webhook/open-webhook.ts';

const FIELD_MANAGER = 'quorate';

/** Runs until `signal` fires, or cannot stop when it has lost the Lease. @throws {OperatorError} when it cannot start */
export async function runOperator(config: OperatorConfig, signal: AbortSignal): Promise<LeadingEnd> {
  const logger = createLogger(config.logLevel, {});
  const state: State = { queue: undefined };
  const metrics = createOperatorMetrics(() => state.queue?.depth() ?? 0);
  const transport = counted(await openTransport(config), metrics);
  const api = createHttpObjectApi({ transport, fieldManager: FIELD_MANAGER });
  const servers: Pick<Server, 'close' | 'closeAllConnections'>[] = [];
  const ending = new AbortController();
  let reviewing: Promise<void> | undefined;
  try {
    // One that is open already must not outlive one that cannot be opened: it would look healthy.
    for (const { address, pages } of pagesOf(config, metrics, state)) {
      servers.push(await servePages(pages, address));
    }
    const webhook = await webhookOf(config, { api, metrics, logger });
    if (webhook !== undefined) {
      servers.push(webhook.server);
      reviewing = webhook.run(AbortSignal.any([signal, ending.signal]));
    }
    const minor = await serverMinorOf(config, { transport, logger }, signal);
    const settings = settingsOf(config, minor);
    return await elect(config, { api, metrics, logger, settings, state }, signal);
  } catch (error) {
    if (signal.aborted) {
      return 'stopped';
    }
    throw error;
  } finally {
    ending.abort();
    await reviewing;
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await transport.close();
  }
}

/** The queue is there once this process works. */
type State = { queue: WorkQueue | undefined };

type Parts = {
  readonly api: OpenWebhookDeps['api'];
  readonly metrics: OperatorMetrics;
  readonly logger: Logger;
  readonly settings: ResourceSettings;
  readonly state: State;
};

/** Every replica takes reviews, whether it leads or waits. */
async function webhookOf(
  { webhook, namespaces }: OperatorConfig,
  { api, metrics, logger }: Pick<Parts, 'api' | 'metrics' | 'logger'>,
): Promise<Webhook | undefined> {
  const onOutcome: OpenWebhookDeps['onOutcome'] = (outcome) => metrics.reviews.inc({ outcome });
  const deps = { api, namespaces, logger, onOutcome };
  return webhook === undefined ? undefined : openWebhook(webhook, deps);
}

async function openTransport({ kubeconfig }: OperatorConfig): Promise<ApiTransport> {
  const place =
    kubeconfig === undefined ? { kind: 'usual' as const } : { kind: 'file' as const, path: kubeconfig };
  const found = await findCredentials(place, () => systemClock.nowMs());
  if (found.kind === 'unusable') {
    throw new OperatorError('KUBECONFIG_UNUSABLE', found.why);
  }
  return createHttpTransport(found.credentials);
}

async function elect(config: OperatorConfig, parts: Parts, signal: AbortSignal): Promise<LeadingEnd> {
  const { api, metrics, logger, settings, state } = parts;
  const instance = `${hostname()}_${crypto.randomUUID()}`;
  const http = createHttpClient();
  const work = async (working: AbortSignal): Promise<void> => {
    metrics.leading.set(1);
    logger.info({ instance }, 'working');
    await operate(
      {
        api,
        http,
        agentPort: PORTS.agent,
        agentTlsPort: PORTS.agentTls,
        issuer: lazyIssuer,
        openAuthDoor,
        settings,
        secretsAccess: config.secretsAccess,
        namespaces: config.namespaces,
        workers: config.workers,
        instance,
        metrics,
        clock: systemClock,
        random: Math.random,
        logger,
        onReady: (queue) => {
          state.queue = queue;
        },
      },
      working,
    );
    metrics.leading.set(0);
    state.queue = undefined;
  };
  try {
    if (config.leaderElection === undefined) {
      await work(signal);
      return 'stopped';
    }
    const { namespace, name } = config.leaderElection;
    return await leadWhenElected(
      {
        leases: api,
        namespace,
        name,
        identity: instance,
        clock: systemClock,
        random: Math.random,
        pause,
        onNews: (news) => logger.info(news, `lease: ${news.kind}`),
      },
      (term) => work(term.signal),
      signal,
    );
  } finally {
    await http.close();
  }
}

/** A kubelet would start an operator that gives up ever later; people want to hear at once that it is in vain. */
async function serverMinorOf(
  { podNamespace }: OperatorConfig,
  { transport, logger }: { readonly transport: ApiTransport; readonly logger: Logger },
  signal: AbortSignal,
): Promise<number> {
  const onFailure = (why: string): void => {
    const seen = `the API server does not tell its version (${why}); check --kubeconfig and the network`;
    if (podNamespace === undefined) {
      throw new OperatorError('API_SERVER_UNREACHABLE', seen);
    }
    logger.warn({ code: 'API_SERVER_UNREACHABLE' }, `${seen}; asking again`);
  };
  return untilServerMinor(transport, { random: Math.random, pause, onFailure }, signal);
}

function settingsOf(config: OperatorConfig, minor: number): ResourceSettings {
  const { sidecarMode } = config;
  const native = minor >= NATIVE_SIDECARS_SINCE ? 'native' : 'ordinary';
  return {
    agent: {
      image: config.agentImage,
      pullPolicy: config.agentImagePullPolicy,
      command: [IMAGE_NODE, ...frugalNodeFlagsFor(IMAGE_PROGRAM), IMAGE_PROGRAM, 'agent'],
      environment: FRUGAL_ENVIRONMENT,
    },
    clusterDomain: config.clusterDomain,
    sidecarMode: sidecarMode === 'auto' ? native : sidecarMode,
    kubernetesMinor: minor,
    operator: operatorPodsIn(config.podNamespace),
  };
}

/** Labels of the operator's Pods, as `manifests/charts` and NetworkPolicies have them. */
const OPERATOR_LABELS = {
  'app.kubernetes.io/name': 'quorate',
  'app.kubernetes.io/component': 'operator',
} as const;

/** Outside of a cluster it has no Pods, and no NetworkPolicy can let it in by name. */
function operatorPodsIn(namespace: string | undefined): ResourceSettings['operator'] {
  return namespace === undefined ? undefined : { namespace, labels: OPERATOR_LABELS };
}

type Site = { readonly address: ListenAddress; readonly pages: Pages };

function pagesOf(config: OperatorConfig, metrics: OperatorMetrics, state: State): readonly Site[] {
  const { registry } = metrics;
  const health: Pages = {
    '/healthz': async () => plain(200, 'ok\n'),
    // One that waits for the Lease is ready to take it, and no more is asked of it.
    '/readyz': async () => plain(200, state.queue === undefined ? 'waiting for the Lease\n' : 'working\n'),
  };
  const measured: Pages = {
    '/metrics': async () => ({
      status: 200,
      body: await registry.metrics(),
      contentType: registry.contentType,
    }),
  };
  const wanted = [
    { address: config.healthAddress, pages: health },
    { address: config.metricsAddress, pages: measured },
  ];
  return wanted.flatMap(({ address, pages }) => (address === undefined ? [] : [{ address, pages }]));
}

function counted(transport: ApiTransport, metrics: OperatorMetrics): ApiTransport {
  return {
    ...transport,
    exchange: async (request, signal) => {
      const answer = await transport.exchange(request, signal);
      const outcome = answer.kind === 'answered' ? String(answer.status) : 'unknown';
      metrics.apiCalls.inc({ resource: resourceOf(request), verb: request.method, outcome });
      return answer;
    },
    stream: async (request, signal) => {
      const answer = await transport.stream(request, signal);
      metrics.apiCalls.inc({ resource: resourceOf(request), verb: 'WATCH', outcome: answer.kind });
      return answer;
    },
  };
}

function resourceOf({ path }: { readonly path: string }): string {
  return pluralInPath(path) ?? '';
}
