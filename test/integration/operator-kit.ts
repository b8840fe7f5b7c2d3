/** Operators at work on a real API server, with everything below it played. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, type TestContext } from 'node:test';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import { openAuthDoor } from '../../src/etcd/lazy-auth-door.ts';
import type { ApiTransport } from '../../src/kube/api-transport.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import type { LiveObject } from '../../src/kube/kube-object.ts';
import type { ObjectScope } from '../../src/kube/object-api.ts';
import { type ResourceType, resourcePath } from '../../src/kube/resource-type.ts';
import { APPLIED_KINDS, ETCD_CLUSTER } from '../../src/operator/kinds.ts';
import { operate } from '../../src/operator/operate.ts';
import { createOperatorMetrics } from '../../src/operator/operator-metrics.ts';
import { lazyIssuer } from '../../src/pki/lazy-issuer.ts';
import { CLUSTER_LABEL } from '../../src/resources/labels.ts';
import { PORTS } from '../../src/resources/ports.ts';
import { pause } from '../../src/runtime/abort.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createHttpClient } from '../../src/runtime/http-client.ts';
import { someSettings } from '../resources/a-blueprint.ts';
import { type CapturedLog, captureLog } from '../support/captured-log.ts';
import { type PlayedKubernetes, type PlayedOptions, playKubernetes } from '../support/played-kubernetes.ts';
import {
  type RealApiServer,
  type RealApiServerOptions,
  startRealApiServer,
} from '../support/real-api-server.ts';
import { createRealApiClient, type RealApiClient, valueAt } from '../support/real-api-server-client.ts';
import { installKinds, START_TIMEOUT_MS } from '../support/real-api-server-kinds.ts';
import { type ObjectApi, type WatchedApi, watchApi } from '../support/watched-object-api.ts';
import { API } from './own-objects.ts';

/** Far longer than anything takes on a busy machine; what was seen last is told when it runs out. */
const PATIENCE_MS = 60_000;

export type OperatorGround = {
  readonly server: () => RealApiServer;
  readonly client: () => RealApiClient;
  /** The same server by our own client, which may do everything. */
  readonly api: () => ObjectApi;
  readonly played: () => PlayedKubernetes;
  /** What went wrong in the played controllers. */
  readonly troubles: readonly string[];
  /** A new namespace. */
  readonly namespace: () => Promise<string>;
};

/** Starts an API server with our kinds, and those who play, before the tests of a file. */
export function anOperatorGround(
  options: Partial<PlayedOptions> = {},
  serverOptions: RealApiServerOptions = {},
): OperatorGround {
  const undo = new AsyncDisposableStack();
  const troubles: string[] = [];
  let started: Started | undefined;
  const ground = (): Started => {
    assert.ok(started !== undefined);
    return started;
  };
  before(
    async () => {
      const server = undo.use(
        await startRealApiServer(AbortSignal.timeout(START_TIMEOUT_MS), process.env, serverOptions),
      );
      const client = undo.use(createRealApiClient(server));
      await installKinds(client);
      const onTrouble = (cluster: string, error: unknown): void => {
        troubles.push(`${cluster}: ${error instanceof Error ? error.message : String(error)}`);
      };
      const played = undo.use(await playKubernetes({ server, onTrouble, ...options }));
      const transport = transportTo(server, {});
      undo.defer(() => transport.close());
      const api = createHttpObjectApi({ transport, fieldManager: 'somebody' });
      started = { server, client, api, played };
    },
    { timeout: START_TIMEOUT_MS },
  );
  after(() => undo.disposeAsync());
  return {
    server: () => ground().server,
    client: () => ground().client,
    api: () => ground().api,
    played: () => ground().played,
    troubles,
    namespace: async () => {
      const name = `test-${randomBytes(6).toString('hex')}`;
      const { status } = await ground().client.send('POST', '/api/v1/namespaces', { metadata: { name } });
      assert.equal(status, 201);
      return name;
    },
  };
}

type Started = {
  readonly server: RealApiServer;
  readonly client: RealApiClient;
  readonly api: ObjectApi;
  readonly played: PlayedKubernetes;
};

export type StartedOperator = {
  readonly watched: WatchedApi;
  readonly log: CapturedLog;
  /** Resolves once it has read everything and works. */
  readonly ready: Promise<void>;
  /** Tells it to stop, and waits until it has. */
  readonly stop: () => Promise<void>;
  /** Ends it like SIGKILL: no call of it reaches the server any more. */
  readonly kill: () => Promise<void>;
};

export type OperatorOptions = {
  readonly namespaces?: readonly string[];
  /** As whom it speaks to the API server; may everything unless given. */
  readonly user?: string;
  /** Called before it makes its first call. */
  readonly onStart?: (watched: WatchedApi) => void;
};

/** An operator that works until the test ends, or until it is stopped. */
export function startOperator(
  t: TestContext,
  ground: OperatorGround,
  options: OperatorOptions = {},
): StartedOperator {
  const server = ground.server();
  const { namespaces, user } = options;
  const transport = transportTo(server, user === undefined ? {} : { 'impersonate-user': user });
  const watched = watchApi(createHttpObjectApi({ transport, fieldManager: 'quorate' }));
  options.onStart?.(watched);
  const http = createHttpClient();
  const stopping = new AbortController();
  const log = captureLog();
  const ready = Promise.withResolvers<void>();
  const ended = operate(
    {
      api: watched.api,
      http,
      agentPort: PORTS.agent,
      agentTlsPort: PORTS.agentTls,
      issuer: lazyIssuer,
      openAuthDoor,
      settings: someSettings({ kubernetesMinor: 34 }),
      secretsAccess: undefined,
      namespaces,
      workers: 8,
      instance: `operator-${randomBytes(3).toString('hex')}`,
      metrics: createOperatorMetrics(() => 0),
      clock: systemClock,
      random: Math.random,
      logger: log.logger,
      onReady: () => ready.resolve(),
    },
    stopping.signal,
  );
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
    await http.close();
    await transport.close();
  };
  const kill = (): Promise<void> => {
    watched.cut();
    return stop();
  };
  t.after(stop);
  return { watched, log, ready: ready.promise, stop, kill };
}

function transportTo(server: RealApiServer, headers: Readonly<Record<string, string>>): ApiTransport {
  const all = { authorization: `Bearer ${server.token}`, ...headers };
  return createHttpTransport({
    server: server.url,
    namespace: undefined,
    read: async () => ({ headers: all, tls: { ca: server.ca } }),
  });
}

/** A cluster on the server, as a person handles it. */
export type PlayedCluster = {
  readonly namespace: string;
  readonly name: string;
  /** `NAMESPACE/NAME`. */
  readonly key: string;
  /** What the server has. */
  readonly read: () => Promise<unknown>;
  /** Merges `change` into the object; returns its generation. */
  readonly edit: (change: object) => Promise<number>;
  readonly remove: () => Promise<void>;
  /** Waits for the object to be so; what it was last is told if it never is. */
  readonly until: (what: string, isWanted: (cluster: unknown) => boolean) => Promise<unknown>;
  /** Waits until the status says that all is as wanted, for the spec as it is now. */
  readonly right: () => Promise<unknown>;
  /** Waits until the object is gone. */
  readonly gone: () => Promise<void>;
};

export async function createCluster(
  ground: OperatorGround,
  namespace: string,
  name: string,
  spec: EtcdClusterSpec = {},
  annotations: Readonly<Record<string, string>> = {},
): Promise<PlayedCluster> {
  const client = ground.client();
  const collection = `${API}/namespaces/${namespace}/etcdclusters`;
  const object = {
    apiVersion: 'etcd.etcd.io/v1alpha1',
    kind: 'EtcdCluster',
    metadata: { name, annotations },
    spec,
  };
  const created = await client.send('POST', collection, object);
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const path = `${collection}/${name}`;
  const uid = valueAt(created.body, 'metadata.uid');
  const until: PlayedCluster['until'] = (what, isWanted) =>
    untilObject(
      client,
      collection,
      `${name} to be ${what}`,
      (each) => valueAt(each, 'metadata.uid') === uid && isWanted(each),
    );
  return {
    namespace,
    name,
    key: `${namespace}/${name}`,
    read: async () => (await client.send('GET', path)).body,
    edit: async (change) => {
      const contentType = 'application/merge-patch+json';
      const edited = await client.send('PATCH', path, change, { contentType });
      assert.equal(edited.status, 200, JSON.stringify(edited.body));
      return Number(valueAt(edited.body, 'metadata.generation'));
    },
    remove: async () => {
      const removed = await client.send('DELETE', path);
      assert.equal(removed.status, 200, JSON.stringify(removed.body));
    },
    until,
    right: () => until('right', isRight),
    gone: () => untilGone(ground, { namespace }, String(uid)),
  };
}

function untilGone(
  ground: OperatorGround,
  { namespace }: Pick<PlayedCluster, 'namespace'>,
  uid: string,
): Promise<void> {
  return untilOnly(ground.api(), ETCD_CLUSTER, { namespace }, ({ metadata }) => metadata.uid !== uid);
}

/** Waits until no object of this kind bears the name of this cluster as a label. */
export function untilNone(
  ground: OperatorGround,
  type: ResourceType,
  { namespace, name }: Pick<PlayedCluster, 'namespace' | 'name'>,
): Promise<void> {
  const labelSelector = `${CLUSTER_LABEL}=${name}`;
  return untilOnly(ground.api(), type, { namespace, labelSelector }, () => false);
}

/** Waits until every object in `scope` may stay. */
async function untilOnly(
  api: ObjectApi,
  type: ResourceType,
  scope: ObjectScope,
  mayStay: (object: LiveObject) => boolean,
): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const page = await api.list(type, { ...scope, limit: 500 }, signal);
  assert.ok(page.kind === 'done', JSON.stringify(page));
  const { items, resourceVersion } = page.value;
  const left = new Set(items.filter((item) => !mayStay(item)).map(({ metadata }) => metadata.uid));
  if (left.size === 0) {
    return;
  }
  const query = { ...scope, resourceVersion, timeoutSeconds: 600, silenceMsMax: 600_000 };
  for await (const event of api.watch(type, query, signal)) {
    if (event.kind === 'deleted' && left.delete(event.object.metadata.uid) && left.size === 0) {
      return;
    }
  }
  throw new Error(`waited for each ${type.kind} of ${scope.namespace} to be gone`);
}

/** Whether the status says, of the spec as it is, that all is as wanted and nothing is under way. */
export function isRight(cluster: unknown): boolean {
  const generation = valueAt(cluster, 'metadata.generation');
  return (
    valueAt(cluster, 'status.observedGeneration') === generation &&
    conditionOf(cluster, 'Ready')?.status === 'True' &&
    conditionOf(cluster, 'Progressing')?.status === 'False'
  );
}

export type SeenCondition = {
  readonly status: unknown;
  readonly reason: unknown;
  readonly message: unknown;
};

export function conditionOf(object: unknown, type: string): SeenCondition | undefined {
  const conditions = valueAt(object, 'status.conditions');
  const found = Array.isArray(conditions)
    ? conditions.find((condition) => valueAt(condition, 'type') === type)
    : undefined;
  return found === undefined
    ? undefined
    : {
        status: valueAt(found, 'status'),
        reason: valueAt(found, 'reason'),
        message: valueAt(found, 'message'),
      };
}

/** Watches the list at `collection` until an object in it is as wanted, however often the server breaks off. */
export async function untilObject(
  client: RealApiClient,
  collection: string,
  what: string,
  isWanted: (object: unknown) => boolean,
): Promise<unknown> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let last: unknown;
  const look = (object: unknown): boolean => {
    last = object;
    return isWanted(object);
  };
  for (;;) {
    try {
      return await client.until(collection, look, signal);
    } catch (cause) {
      if (signal.aborted) {
        const seen = JSON.stringify(valueAt(last, 'status') ?? last, null, 1);
        throw new Error(`waited for ${what}; seen last:\n${seen}`, { cause });
      }
      await pause(WATCH_AGAIN_MS, signal);
    }
  }
}

/** A server that is just starting ends watches of kinds that it has yet to learn. */
const WATCH_AGAIN_MS = 100;

/** The objects of a collection, such as `/api/v1/namespaces/a/pods`. */
export async function listAt(client: RealApiClient, collection: string): Promise<readonly unknown[]> {
  const { status, body } = await client.send('GET', collection);
  assert.equal(status, 200, JSON.stringify(body));
  const items = valueAt(body, 'items');
  assert.ok(Array.isArray(items));
  return items;
}

export type SeenEvent = { readonly reason: string; readonly message: string; readonly count: number };

/** The Events about this cluster. */
export async function eventsOf(client: RealApiClient, cluster: PlayedCluster): Promise<readonly SeenEvent[]> {
  const all = await listAt(client, `/api/v1/namespaces/${cluster.namespace}/events`);
  return all
    .filter((event) => valueAt(event, 'involvedObject.name') === cluster.name)
    .map((event) => ({
      reason: String(valueAt(event, 'reason')),
      message: String(valueAt(event, 'message')),
      count: Number(valueAt(event, 'count')),
    }));
}

/** Path of the child object of this kind and name. */
export function pathIn(
  { namespace }: Pick<PlayedCluster, 'namespace'>,
  type: ResourceType,
  name: string,
): string {
  return resourcePath(type, { namespace, name });
}

/** Everything of a cluster that its operator has made, as `KIND/NAME`, whatever became of it since. */
export async function objectsOf(
  client: RealApiClient,
  { namespace, name }: Pick<PlayedCluster, 'namespace' | 'name'>,
): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const type of APPLIED_KINDS) {
    const path = `${resourcePath(type, { namespace })}?labelSelector=${CLUSTER_LABEL}=${name}`;
    for (const object of await listAt(client, path)) {
      found.set(`${type.kind}/${valueAt(object, 'metadata.name')}`, object);
    }
  }
  return found;
}

/** Names of the Pods of a cluster that exist, by ordinal. */
export async function podsOf(
  client: RealApiClient,
  { namespace, name }: PlayedCluster,
): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${CLUSTER_LABEL}=${name}`;
  return (await listAt(client, path)).map((pod) => String(valueAt(pod, 'metadata.name'))).toSorted();
}

/** Names of the volumes of a cluster. */
export async function claimsOf(
  client: RealApiClient,
  { namespace, name }: PlayedCluster,
): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims?labelSelector=${CLUSTER_LABEL}=${name}`;
  return (await listAt(client, path)).map((claim) => String(valueAt(claim, 'metadata.name'))).toSorted();
}

/** The names in `status.members`. */
export function membersIn(cluster: unknown): readonly string[] {
  const members = valueAt(cluster, 'status.members');
  return Array.isArray(members) ? members.map((member) => String(valueAt(member, 'name'))) : [];
}

/** Waits until an Event about this cluster gives this reason; Events are written a little after what they tell. */
export function untilEvent(ground: OperatorGround, cluster: PlayedCluster, reason: string): Promise<unknown> {
  const events = `/api/v1/namespaces/${cluster.namespace}/events`;
  return untilObject(
    ground.client(),
    events,
    `the Event ${reason}`,
    (event) => valueAt(event, 'involvedObject.name') === cluster.name && valueAt(event, 'reason') === reason,
  );
}
