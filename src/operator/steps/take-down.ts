/** Deletion in order: the set and its Pods first, then the record, and the finalizer at last. */
import type { ObjectWriter } from '../../kube/object-api.ts';
import { CONFIG_MAP, ETCD_CLUSTER, keyOfRecord, STATEFUL_SET } from '../kinds.ts';
import type { ClusterSight } from '../pass/cluster-sight.ts';
import { FINALIZER } from './claim-cluster.ts';
import { CONTINUE, type Step, unlessChanged } from './step.ts';

export type TakeDownContext = { readonly sight: ClusterSight; readonly writer: ObjectWriter };

/** After it, or when nobody knows whether it was done, the cluster may be gone. */
export const LAST_STEP = 'finalizer';

/** Pods end within their grace period; each that is gone brings the next pass. */
const PODS_END_MS = 30_000;

const removeSet: Step<TakeDownContext> = {
  name: 'statefulset',
  run: async ({ sight, writer }, signal) => {
    const { statefulSet } = sight.observed;
    if (statefulSet === undefined || statefulSet.deleting) {
      return CONTINUE;
    }
    const place = { namespace: sight.namespace, name: sight.name };
    const options = { uid: statefulSet.uid, propagation: 'Foreground' } as const;
    const outcome = await writer.remove(STATEFUL_SET, place, options, signal);
    return unlessChanged('the StatefulSet', outcome);
  },
};

const awaitPods: Step<TakeDownContext> = {
  name: 'pods',
  run: async ({ sight }) => {
    const { pods, statefulSet } = sight.observed;
    return pods.length === 0 && statefulSet === undefined
      ? CONTINUE
      : {
          kind: 'wait',
          why: `waiting for ${pods.map((pod) => pod.name).join(', ') || 'the StatefulSet'} to end`,
          afterMs: PODS_END_MS,
        };
  },
};

/**
 * Whoever comes next under this name may be faster than the garbage collector, and must not take this cluster's
 * record for its own.
 */
const removeRecord: Step<TakeDownContext> = {
  name: 'formation-record',
  run: async ({ sight, writer }, signal) => {
    const key = keyOfRecord(sight.name);
    const live = sight.markOf(key);
    if (live === undefined) {
      return CONTINUE;
    }
    const place = { namespace: sight.namespace, name: key.metadata.name };
    const outcome = await writer.remove(CONFIG_MAP, place, { uid: live.uid }, signal);
    return unlessChanged('the formation record', outcome);
  },
};

/** What is left has the cluster for its owner and goes with it; volumes go or stay as the set was told. */
const letGo: Step<TakeDownContext> = {
  name: LAST_STEP,
  run: async ({ sight, writer }, signal) => {
    const { apiVersion, kind, metadata } = sight.observed.cluster;
    if (metadata.finalizers?.includes(FINALIZER) !== true) {
      return CONTINUE;
    }
    const bare = { name: sight.name, namespace: sight.namespace, uid: sight.uid };
    const outcome = await writer.apply(ETCD_CLUSTER, { apiVersion, kind, metadata: bare }, signal);
    return unlessChanged('the finalizer', outcome);
  },
};

export const TAKE_DOWN: readonly Step<TakeDownContext>[] = [removeSet, awaitPods, removeRecord, letGo];
