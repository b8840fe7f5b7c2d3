/** Everything of one namespace as the API server tells it, and a way to wait for what it has not told yet. */
import type { EtcdCluster } from '../../../src/api/etcd-cluster.ts';
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import type { ObjectReader } from '../../../src/kube/object-api.ts';
import type { ResourceType } from '../../../src/kube/resource-type.ts';
import { type FormationRecord, parseFormationRecord } from '../../../src/model/formation-record.ts';
import { readCluster } from '../../../src/operator/cache/read-cluster.ts';
import { createReflector, type Reflector } from '../../../src/operator/cache/reflector.ts';
import { CLAIM, CONFIG_MAP, ETCD_CLUSTER, POD, STATEFUL_SET } from '../../../src/operator/kinds.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { describeView } from './describe-view.ts';
import { type EventView, eventView } from './event-view.ts';
import { type PodView, podView } from './pod-view.ts';

const EVENT: ResourceType = { apiVersion: 'v1', kind: 'Event', plural: 'events' };
const FOLLOWED = [ETCD_CLUSTER, POD, CLAIM, CONFIG_MAP, STATEFUL_SET, EVENT] as const;

/** Longest wait for anything unless a test says otherwise; it only turns a hang into a failure. */
export const PATIENCE_MS = 180_000;

/** One thing that happened, as it was heard of. */
export type Seen = {
  readonly atMs: number;
  readonly kind: string;
  readonly name: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly object: LiveObject;
};

export type NamespaceView = {
  readonly namespace: string;
  /** Every change since the view was opened, oldest first; the test's own memory. */
  readonly history: readonly Seen[];
  readonly cluster: (name: string) => EtcdCluster | undefined;
  readonly clusters: () => readonly EtcdCluster[];
  /** Pods of the cluster, by name; all of the namespace's unless one is named. */
  readonly pods: (cluster?: string) => readonly PodView[];
  readonly pod: (name: string) => PodView | undefined;
  /** UIDs of the claims that exist, by name. */
  readonly claims: () => ReadonlyMap<string, string>;
  /** Undefined: there is none, or it makes no sense. */
  readonly record: (cluster: string) => FormationRecord | undefined;
  readonly statefulSet: (name: string) => LiveObject | undefined;
  readonly events: () => readonly EventView[];
  /** The first value but undefined and false that `look` gives; it is asked whenever something has changed. */
  readonly until: <T>(what: string, look: () => T | undefined | false, patienceMs?: number) => Promise<T>;
  /** Calls `listener` with each change from now on; returns how to stop that. */
  readonly onSeen: (listener: (seen: Seen) => void) => () => void;
  /** How things stand, for people. */
  readonly describe: () => string;
};

/** Follows a namespace until `signal` fires; resolves once everything in it is known. */
export async function openNamespaceView(
  reader: ObjectReader,
  namespace: string,
  signal: AbortSignal,
): Promise<NamespaceView> {
  const history: Seen[] = [];
  const listeners = new Set<(seen: Seen) => void>();
  const note = (seen: Seen): void => {
    history.push(seen);
    for (const listener of [...listeners]) {
      listener(seen);
    }
  };
  const reflectors = new Map(FOLLOWED.map((type) => [type, followType(reader, type, namespace, note)]));
  const running = [...reflectors.values()].map((reflector) => reflector.run(signal));
  // They never reject; they end with the signal.
  void Promise.all(running);
  await Promise.all([...reflectors.values()].map((reflector) => reflector.whenSynced(signal)));
  signal.throwIfAborted();
  const all = (type: ResourceType): readonly LiveObject[] =>
    (reflectors.get(type)?.all() ?? [])
      .map(({ value }) => value)
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const get = (type: ResourceType, name: string): LiveObject | undefined =>
    reflectors.get(type)?.get(namespace, name)?.value;
  const facts = factsOf(all, get);
  const view: NamespaceView = {
    namespace,
    history,
    ...facts,
    onSeen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    until: (what, look, patienceMs = PATIENCE_MS) => waitUntil(view, what, look, patienceMs, signal),
    describe: () => describeView(view),
  };
  return view;
}

type Facts = Omit<NamespaceView, 'namespace' | 'history' | 'onSeen' | 'until' | 'describe'>;

function factsOf(
  all: (type: ResourceType) => readonly LiveObject[],
  get: (type: ResourceType, name: string) => LiveObject | undefined,
): Facts {
  const parsed = <T>(object: LiveObject | undefined, parse: (object: LiveObject) => T): T | undefined =>
    object === undefined ? undefined : parse(object);
  return {
    cluster: (name) => parsed(get(ETCD_CLUSTER, name), readCluster),
    clusters: () => all(ETCD_CLUSTER).map(readCluster),
    pods: (cluster) =>
      all(POD)
        .filter(({ metadata }) => cluster === undefined || metadata.labels?.[CLUSTER_LABEL] === cluster)
        .map(podView),
    pod: (name) => parsed(get(POD, name), podView),
    claims: () => new Map(all(CLAIM).map(({ metadata }) => [metadata.name, metadata.uid])),
    record: (cluster) => recordIn(get(CONFIG_MAP, `${cluster}-formation`)),
    statefulSet: (name) => get(STATEFUL_SET, name),
    events: () => all(EVENT).map(eventView),
  };
}

const CLUSTER_LABEL = 'etcd.etcd.io/cluster';

function followType(
  reader: ObjectReader,
  type: ResourceType,
  namespace: string,
  note: (seen: Seen) => void,
): Reflector<LiveObject> {
  return createReflector<LiveObject>({
    reader,
    type,
    namespaces: [namespace],
    keep: (object) => object,
    onChange: (change) => {
      const { value: object } = change.kind === 'removed' ? change.old : change.now;
      const { name } = object.metadata;
      note({ atMs: Date.now(), kind: type.kind, name, change: change.kind, object });
    },
    clock: systemClock,
    random: Math.random,
  });
}

async function waitUntil<T>(
  view: NamespaceView,
  what: string,
  look: () => T | undefined | false,
  patienceMs: number,
  signal: AbortSignal,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const fail = (why: string): void => reject(new Error(`${why}: ${what}\n${view.describe()}`));
  const tooLong = setTimeout(() => fail(`not within ${patienceMs / 1000} s`), patienceMs);
  const onAbort = (): void => fail('the test ran out of time while it waited for');
  const check = (): void => {
    try {
      const value = look();
      if (value !== undefined && value !== false) {
        resolve(value);
      }
    } catch (error) {
      reject(error);
    }
  };
  const stop = view.onSeen(check);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  check();
  return promise.finally(() => {
    clearTimeout(tooLong);
    stop();
    signal.removeEventListener('abort', onAbort);
  });
}

function recordIn(configMap: LiveObject | undefined): FormationRecord | undefined {
  const data = configMap?.['data'];
  const text = typeof data === 'object' && data !== null && 'record' in data ? data.record : undefined;
  const record = typeof text === 'string' ? parseFormationRecord(text) : undefined;
  return record === undefined || 'invalid' in record ? undefined : record;
}
