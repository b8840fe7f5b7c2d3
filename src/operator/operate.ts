/** What an operator does while it leads: follows objects and agents, and passes over each cluster that changes. */

import type { ObjectReader, ObjectWriter, RecordKeeper } from '../kube/object-api.ts';
import type { ResourceType } from '../kube/resource-type.ts';
import type { ResourceSettings } from '../resources/resource-settings.ts';
import type { Clock } from '../runtime/clock.ts';
import type { HttpClient } from '../runtime/http-client.ts';
import type { Logger } from '../runtime/logger.ts';
import { AuthKeeper, type OpenAuthDoor } from './auth/auth-keeper.ts';
import { type ClusterViews, createClusterViews } from './cache/cluster-views.ts';
import type { FollowNews } from './cache/follow-scope.ts';
import { CertificateKeeper } from './certificates/certificate-keeper.ts';
import type { Issuer } from './certificates/issuer.ts';
import { OperatorIdentities } from './certificates/operator-identities.ts';
import { createEventRecorder } from './events/event-recorder.ts';
import type { SecretsAccess } from './operator-config.ts';
import type { OperatorMetrics } from './operator-metrics.ts';
import { AgentWatch } from './pass/agent-watch.ts';
import { AppliedObjects } from './pass/applied-objects.ts';
import { type ClusterPassDeps, passOver } from './pass/cluster-pass.ts';
import { Incarnations } from './pass/incarnations.ts';
import type { KeepAuthDeps } from './pass/keep-auth.ts';
import type { KeepCertificatesDeps } from './pass/keep-certificates.ts';
import { OwnWrites } from './pass/own-writes.ts';
import { Warnings } from './pass/warnings.ts';
import { answerPendingKinds } from './pending-kinds.ts';
import { createWorkQueue, type QueueNews, type WorkQueue } from './queue/work-queue.ts';

export type OperateDeps = {
  readonly api: ObjectReader & ObjectWriter & RecordKeeper;
  /** For the agents. */
  readonly http: HttpClient;
  readonly agentPort: number;
  readonly settings: ResourceSettings;
  readonly secretsAccess: SecretsAccess | undefined;
  /** Undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly workers: number;
  readonly instance: string;
  readonly metrics: OperatorMetrics;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Told once everything there is was read, and work begins. */
  readonly onReady: (queue: WorkQueue) => void;
  readonly agentTlsPort: number;
  readonly issuer: Issuer;
  /** Opens the way to a cluster's etcd. */
  readonly openAuthDoor: OpenAuthDoor;
};

const COMPONENT = 'quorate-operator';

/** Works until `signal` fires; nothing it keeps in memory is missed by the next that works. */
export async function operate(deps: OperateDeps, signal: AbortSignal): Promise<void> {
  const { api, clock, random, namespaces } = deps;
  const queue = createWorkQueue({
    work: (key, working) => passOver(pass, key, working),
    workers: deps.workers,
    clock,
    random,
    onNews: (news) => noteQueue(deps, news),
  });
  const onChange = (cluster: string): void => void queue.add(cluster);
  const onNews = (type: ResourceType, news: FollowNews): void => noteFollow(deps.logger, type, news);
  const views = createClusterViews({ reader: api, namespaces, clock, random, onChange, onNews });
  const nowMs = (): number => Date.parse(clock.timestamp());
  const identities = new OperatorIdentities({ secrets: api, issuer: deps.issuer, nowMs });
  const certificates = new CertificateKeeper({
    secrets: api,
    writer: api,
    issuer: deps.issuer,
    nowMs,
    random,
  });
  const agents = new AgentWatch(
    {
      http: deps.http,
      secureHttp: (cluster) => identities.httpOf(cluster),
      agentPort: deps.agentPort,
      agentTlsPort: deps.agentTlsPort,
      clock,
      random,
      onChange,
    },
    signal,
  );
  const source = { component: COMPONENT, instance: deps.instance };
  const events = createEventRecorder({ events: api, source, clock, random });
  const encryption = {
    certificates,
    identities,
    clusterDomain: deps.settings.clusterDomain,
    secretsAccess: deps.secretsAccess,
  };
  const keeper = new AuthKeeper({ secrets: api, open: deps.openAuthDoor, nowMs });
  const pass = passDepsOf(deps, views, agents, { keeper, encryption, events }, encryption);
  const pending = { reader: api, writer: api, namespaces, clock, random, onNews };
  const work = async (): Promise<void> => {
    // Before that, what is not in the views is unknown, not absent.
    await views.whenSynced(signal);
    if (!signal.aborted) {
      deps.onReady(queue);
      await queue.run(signal);
    }
  };
  await Promise.all([views.run(signal), events.run(signal), work(), answerPendingKinds(pending, signal)]);
}

function passDepsOf(
  { api, clock, logger, settings, metrics }: OperateDeps,
  views: ClusterViews,
  agents: AgentWatch,
  auth: KeepAuthDeps,
  encryption: KeepCertificatesDeps,
): ClusterPassDeps {
  const own = new OwnWrites();
  return {
    views,
    agents,
    clock,
    logger,
    settings,
    reader: api,
    writer: api,
    records: api,
    applied: new AppliedObjects(api),
    own,
    incarnations: new Incarnations(),
    encryption,
    auth,
    warnings: new Warnings(api, clock),
    report: { writer: api, events: auth.events, metrics, own, clusterDomain: settings.clusterDomain },
  };
}

function noteQueue({ logger, metrics }: OperateDeps, news: QueueNews): void {
  metrics.noteQueue(news);
  switch (news.kind) {
    case 'finished':
      if (news.error !== undefined) {
        const { key: cluster, error, retryInMs } = news;
        logger.warn({ cluster, err: error instanceof Error ? error : undefined, retryInMs }, String(error));
      }
      return;
    case 'overdue':
      logger.error({ cluster: news.key }, 'a pass takes too long; it was told to stop');
      return;
    case 'dropped':
      logger.error({ cluster: news.key }, 'no room in the queue for this cluster');
      return;
    case 'started':
      return;
  }
}

function noteFollow(logger: Logger, { plural }: ResourceType, news: FollowNews): void {
  if (news.kind === 'failed') {
    logger.warn({ objects: plural, during: news.during, retryInMs: news.retryInMs }, news.why);
  }
}
