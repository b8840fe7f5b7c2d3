/** Everything known of one cluster at one instant, out of the views and the agents' words. */
import type { PassThrough } from '../api/kubernetes.ts';
import { ORDINAL_MAX } from '../model/naming.ts';
import type { AppliedObject } from '../resources/applied-object.ts';
import { claimNameOf, objectNamesOf, podNameOf } from '../resources/names.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AgentWatch } from './agent-watch.ts';
import type { LiveMark } from './applied-objects.ts';
import { type ClusterViews, splitKey } from './cluster-views.ts';
import type { KeptPart } from './keep-parts.ts';
import { appliedKindOf, CLAIM, CONFIG_MAP, POD, STATEFUL_SET } from './kinds.ts';
import type { HeardAgent, ObservedCluster, ObservedPod } from './plan/observed-cluster.ts';

export type ClusterSight = {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly observed: ObservedCluster;
  /** Of the set as it exists. */
  readonly claimTemplates: readonly PassThrough[] | undefined;
  /** Names of claims that are older than the cluster: their data is not its own. */
  readonly olderClaims: readonly string[];
  /** What tells whether an object of this cluster was changed; undefined: there is none. */
  readonly markOf: (object: AppliedObject) => LiveMark | undefined;
};

export type SightDeps = { readonly views: ClusterViews; readonly agents: AgentWatch; readonly clock: Clock };

const ORDINALS: readonly number[] = Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) => ordinal);

/** The cluster of `key`; undefined when there is none (any more). */
export function lookAtCluster({ views, agents, clock }: SightDeps, key: string): ClusterSight | undefined {
  const cluster = views.cluster(key);
  const [namespace = '', name] = splitKey(key);
  const uid = cluster?.metadata.uid;
  if (cluster === undefined || uid === undefined) {
    return undefined;
  }
  const names = objectNamesOf(name);
  const nowMs = Date.parse(clock.timestamp());
  const part = (...of: Parameters<ClusterViews['child']>): KeptPart | undefined => views.child(...of)?.part;
  const set = part(STATEFUL_SET, namespace, names.cluster);
  const record = part(CONFIG_MAP, namespace, names.formation);
  const claims = ORDINALS.flatMap((ordinal) => {
    const claim = part(CLAIM, namespace, claimNameOf(name, ordinal));
    return claim?.kind === 'claim' ? [claim] : [];
  });
  const pods = ORDINALS.flatMap((ordinal): readonly ObservedPod[] => {
    const pod = part(POD, namespace, podNameOf(name, ordinal));
    return pod?.kind === 'pod'
      ? [{ ...pod.value, agent: heard(agents, clock, key, pod.value.uid, nowMs) }]
      : [];
  });
  const bornAtMs = Date.parse(cluster.metadata.creationTimestamp ?? '');
  return {
    key,
    namespace,
    name,
    uid,
    observed: {
      nowMs,
      cluster,
      statefulSet: set?.kind === 'set' ? set.value.set : undefined,
      pods,
      claims: claims.map((claim) => claim.value),
      record: record?.kind === 'record' ? record.value : { kind: 'absent' },
    },
    claimTemplates: set?.kind === 'set' ? set.value.claimTemplates : undefined,
    olderClaims: claims.filter((claim) => claim.createdAtMs < bornAtMs).map((claim) => claim.value.name),
    markOf: (object) => views.child(appliedKindOf(object), namespace, object.metadata.name),
  };
}

/** The age of a word is known by the monotonic clock; status tells it by the wall clock. */
function heard(agents: AgentWatch, clock: Clock, key: string, podUid: string, nowMs: number): HeardAgent {
  const word = agents.wordOf(key, podUid);
  return word === undefined
    ? { kind: 'never' }
    : { kind: 'heard', ...word, heardAtMs: nowMs - (clock.nowMs() - word.heardAtMs) };
}
