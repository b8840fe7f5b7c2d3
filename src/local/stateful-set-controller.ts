/**
 * The StatefulSet controller of Kubernetes 1.34 for one set with podManagementPolicy Parallel and OnDelete:
 * all missing Pods are made and all surplus Pods deleted at once, without waiting for one another. It
 * never touches volumes (persistentVolumeClaimRetentionPolicy Retain).
 */
import { type ApiState, addPod, markPodDeleted } from './api-state.ts';
import type { ApiStore } from './api-store.ts';
import { levelTriggered } from './level-triggered.ts';

export type PodAction =
  | { readonly kind: 'create'; readonly ordinal: number }
  | { readonly kind: 'delete'; readonly ordinal: number; readonly podUid: string };

/**
 * What the set wants done, pure. A deleted Pod is replaced only once its object is gone: never two Pods of
 * one ordinal. A set that is being deleted makes no Pod, and the garbage collector deletes those it has.
 */
export function planPods(state: ApiState): readonly PodAction[] {
  const { replicas, deletionTimestamp } = state.statefulSet;
  const wanted = deletionTimestamp === null ? replicas : 0;
  const taken = new Set(state.pods.map((pod) => pod.ordinal));
  const missing: PodAction[] = [];
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    if (!taken.has(ordinal)) {
      missing.push({ kind: 'create', ordinal });
    }
  }
  const surplus = state.pods
    .filter((pod) => pod.ordinal >= wanted && pod.deletion === null)
    .sort((a, b) => b.ordinal - a.ordinal)
    .map((pod): PodAction => ({ kind: 'delete', ordinal: pod.ordinal, podUid: pod.uid }));
  return [...missing, ...surplus];
}

/** Carries out one action of the plan, pure. */
export function applyPodAction(state: ApiState, action: PodAction, context: PodContext): ApiState {
  switch (action.kind) {
    case 'create': {
      const name = `${state.statefulSet.name}-${action.ordinal}`;
      return addPod(state, { name, ordinal: action.ordinal, uid: context.newUid() }, context.nowMs);
    }
    case 'delete':
      return markPodDeleted(state, action.podUid, context.graceSeconds, context.nowMs);
  }
}

export type PodContext = {
  readonly newUid: () => string;
  readonly nowMs: number;
  readonly graceSeconds: number;
};

/**
 * Keeps the Pods of `store` as planned until stopped: looks once at the start and again after every
 * change, however many changes came at once.
 */
export function runStatefulSetController(
  store: ApiStore,
  deps: {
    readonly newUid: () => string;
    readonly now: () => number;
    readonly graceSeconds: number;
    /** Told when a change could not be stored; the next change of the state tries again. */
    readonly onError: (error: unknown) => void;
  },
): { readonly stop: () => void } {
  const loop = levelTriggered(() => {
    for (const action of planPods(store.read())) {
      const context = { newUid: deps.newUid, nowMs: deps.now(), graceSeconds: deps.graceSeconds };
      store.update((state) => applyPodAction(state, action, context));
    }
  }, deps.onError);
  const unsubscribe = store.subscribe(loop.wake);
  loop.wake();
  return {
    stop: () => {
      unsubscribe();
      loop.stop();
    },
  };
}
