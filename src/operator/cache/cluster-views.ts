/** What the API server has, copied to memory: every object of every cluster, reduced to what is used of it. */
import type { ObjectReader } from '../../kube/object-api.ts';
import type { ResourceType } from '../../kube/resource-type.ts';
import { CLUSTER_LABEL } from '../../resources/labels.ts';
import type { Clock } from '../../runtime/clock.ts';
import { APPLIED_KINDS, CLAIM, ETCD_CLUSTER, POD } from '../kinds.ts';
import { type LiveMark, markOf } from '../pass/applied-objects.ts';
import type { TypedCluster } from '../plan/observed-cluster.ts';
import type { FollowNews } from './follow-scope.ts';
import { type KeptPart, keepPart } from './keep-parts.ts';
import { type Change, keyOf } from './object-store.ts';
import { readCluster } from './read-cluster.ts';
import { createReflector, type Reflector } from './reflector.ts';

/** A child object: whose it is, whether somebody changed it, and what is kept of its content. */
export type Child = LiveMark & {
  /** Key of the cluster it belongs to. */
  readonly cluster: string;
  readonly part: KeptPart;
};

export type ClusterViewsOptions = {
  readonly reader: ObjectReader;
  /** Undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told the key of a cluster whenever anything of it has changed. */
  readonly onChange: (cluster: string) => void;
  readonly onNews: (type: ResourceType, news: FollowNews) => void;
};

export type ClusterViews = {
  /** Follows until `signal` fires; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  whenSynced(signal: AbortSignal): Promise<void>;
  cluster(key: string): TypedCluster | undefined;
  child(type: ResourceType, namespace: string, name: string): Child | undefined;
};

/** Views that follow all types at once; nothing is known before they are synced. */
export function createClusterViews(options: ClusterViewsOptions): ClusterViews {
  const clusters = createReflector({
    ...options,
    type: ETCD_CLUSTER,
    keep: readCluster,
    onChange: ({ key }) => options.onChange(key),
    onNews: (news) => options.onNews(ETCD_CLUSTER, news),
  });
  const children = new Map(
    [POD, CLAIM, ...APPLIED_KINDS].map((type) => [type.plural, followChildren(options, type)]),
  );
  const all: readonly Reflector<unknown>[] = [clusters, ...children.values()];
  return {
    run: async (signal) => {
      await Promise.all(all.map((reflector) => reflector.run(signal)));
    },
    whenSynced: async (signal) => {
      await Promise.all(all.map((reflector) => reflector.whenSynced(signal)));
    },
    cluster: (key) => clusters.get(...splitKey(key))?.value,
    child: (type, namespace, name) => children.get(type.plural)?.get(namespace, name)?.value,
  };
}

function followChildren(options: ClusterViewsOptions, type: ResourceType): Reflector<Child> {
  return createReflector<Child>({
    ...options,
    type,
    labelSelector: CLUSTER_LABEL,
    keep: (object) => {
      const name = object.metadata.labels?.[CLUSTER_LABEL] ?? '';
      const cluster = keyOf(object.metadata.namespace, name);
      return { ...markOf(object), cluster, part: keepPart(type, name, object) };
    },
    onChange: (change) => {
      for (const cluster of clustersOf(change)) {
        options.onChange(cluster);
      }
    },
    onNews: (news) => options.onNews(type, news),
  });
}

/** One, or two when a label was edited. */
function clustersOf(change: Change<Child>): ReadonlySet<string> {
  const kept = [...('now' in change ? [change.now] : []), ...('old' in change ? [change.old] : [])];
  return new Set(kept.map(({ value }) => value.cluster));
}

/** The namespace and the name in a key of the views. */
export function splitKey(key: string): [namespace: string | undefined, name: string] {
  const [first = '', second] = key.split('/');
  return second === undefined ? [undefined, first] : [first, second];
}
