/** Everything known of one cluster at one instant, out of the views and the agents' words. */
import type { PassThrough } from '../../api/kubernetes.ts';
import type { ResourceType } from '../../kube/resource-type.ts';
import { ORDINAL_MAX } from '../../model/naming.ts';
import { claimNameOf, objectNamesOf, podNameOf } from '../../resources/names.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type ClusterViews, splitKey } from '../cache/cluster-views.ts';
import type { KeptPart } from '../cache/keep-parts.ts';
import { isOfAnother } from '../is-ours.ts';
import type { ObjectKey } from '../kinds.ts';
import { appliedKindOf, CLAIM, CONFIG_MAP, keyOfSet, POD, STATEFUL_SET } from '../kinds.ts';
import type { HeardAgent, ObservedCluster, ObservedStatefulSet } from '../plan/observed-cluster.ts';
import type { AgentWatch } from './agent-watch.ts';
import type { AppliedObjects, LiveMark } from './applied-objects.ts';
import type { OwnWrites } from './own-writes.ts';
import type { Warnings } from './warnings.ts';

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
  readonly markOf: (object: ObjectKey) => LiveMark | undefined;
};

export type SightDeps = {
  readonly views: ClusterViews;
  readonly agents: Pick<AgentWatch, 'hearingOf'>;
  readonly clock: Clock;
  readonly applied: Pick<AppliedObjects, 'isAheadOf'>;
  readonly own: OwnWrites;
  readonly warnings: Pick<Warnings, 'of'>;
};

const ORDINALS: readonly number[] = Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) => ordinal);

/**
 * The cluster of `key`; undefined when there is none (any more). Where the views are older than what this
 * operator wrote itself, what it wrote counts.
 */
export function lookAtCluster(deps: SightDeps, key: string): ClusterSight | undefined {
  const { views, clock, own } = deps;
  const cluster = views.cluster(key);
  const [namespace = '', name] = splitKey(key);
  const uid = cluster?.metadata.uid;
  if (cluster === undefined || uid === undefined) {
    return undefined;
  }
  const part = (type: ResourceType, child: string): KeptPart | undefined =>
    views.child(type, namespace, child)?.part;
  const set = part(STATEFUL_SET, name);
  const record = part(CONFIG_MAP, objectNamesOf(name).formation);
  const claims = ORDINALS.flatMap((ordinal) => {
    const claim = part(CLAIM, claimNameOf(name, ordinal));
    return claim?.kind === 'claim' ? [claim] : [];
  });
  const pods = ORDINALS.flatMap((ordinal) => {
    const pod = part(POD, podNameOf(name, ordinal));
    return pod?.kind === 'pod' ? [pod.value] : [];
  });
  const nowMs = Date.parse(clock.timestamp());
  const bornAtMs = Date.parse(cluster.metadata.creationTimestamp ?? '');
  return {
    key,
    namespace,
    name,
    uid,
    observed: {
      nowMs,
      cluster: own.latest(key, cluster),
      statefulSet: set?.kind === 'set' ? asApplied(deps, key, namespace, set.value.set) : undefined,
      pods: own.withRemovals(key, pods).map((pod) => ({
        ...pod,
        trouble: pod.trouble ?? (pod.etcdRuns ? undefined : deps.warnings.of(key, pod.uid)),
        agent: heard(deps, key, pod.uid, nowMs),
      })),
      claims: claims.map((claim) => claim.value),
      record: recordOf(record, uid),
    },
    claimTemplates: set?.kind === 'set' ? set.value.claimTemplates : undefined,
    olderClaims: claims.filter((claim) => claim.createdAtMs < bornAtMs).map((claim) => claim.value.name),
    markOf: (object) => views.child(appliedKindOf(object), namespace, object.metadata.name),
  };
}

/**
 * The record of the cluster with this `uid`. One that goes with another object is of the cluster that had the name before:
 * it is on its way out, or out already and the views are late, and says nothing of this one.
 */
function recordOf(part: KeptPart | undefined, uid: string): ObservedCluster['record'] {
  return part?.kind === 'record' && !isOfAnother(part.ownerUid, uid) ? part.value : { kind: 'absent' };
}

/** What the revision of a template is that was just applied, its controller has yet to say. */
function asApplied(
  { views, applied, warnings }: SightDeps,
  key: string,
  namespace: string,
  set: ObservedStatefulSet,
): ObservedStatefulSet {
  const [, name] = splitKey(key);
  const live = views.child(STATEFUL_SET, namespace, name);
  const trouble = warnings.of(key, set.uid);
  return {
    ...set,
    ...(trouble === undefined ? {} : { trouble }),
    ...(applied.isAheadOf(key, keyOfSet(name), live) ? { updateRevision: null } : {}),
  };
}

/** The age of a word is known by the monotonic clock; status tells it by the wall clock. */
function heard({ agents, clock }: SightDeps, key: string, podUid: string, nowMs: number): HeardAgent {
  const hearing = agents.hearingOf(key, podUid);
  const onWallClock = (ms: number): number => nowMs - (clock.nowMs() - ms);
  switch (hearing?.kind) {
    case undefined:
      return { kind: 'never' };
    case 'never':
      return { kind: 'never', askedSinceMs: onWallClock(hearing.askedSinceMs) };
    case 'heard':
      return { ...hearing, heardAtMs: onWallClock(hearing.heardAtMs) };
  }
}
