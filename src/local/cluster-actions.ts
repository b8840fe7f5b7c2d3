/** What can be done to a running local cluster; each refusal is a LocalClusterError. */
import { deleteStatefulSet, markPodDeleted, type Pod, removePod, scaleStatefulSet } from './api-state.ts';
import type { ApiStore } from './api-store.ts';
import type { ContainerName } from './cluster-layout.ts';
import type { Kubelet } from './kubelet.ts';
import { LocalClusterError } from './local-cluster-error.ts';
import { checkSize } from './open-state.ts';

export type ClusterActions = {
  /**
   * Sets the StatefulSet's size; at once, the members follow by themselves.
   *
   * @throws LocalClusterError `SIZE_INVALID`
   */
  readonly scale: (replicas: number) => void;
  /**
   * Deletes the Pod of `ordinal`, as kubectl does, and resolves once it is gone; the set makes a new one
   * when it wants one. `force` removes the object at once and kills both processes.
   *
   * @throws LocalClusterError `ORDINAL_INVALID`, `CLUSTER_NOT_RUNNING` when the cluster is stopped meanwhile
   */
  readonly deletePod: (ordinal: number, options?: { readonly force?: boolean }) => Promise<void>;
  /**
   * Sends a signal to the process of one container, as an outsider would; gives its pid.
   *
   * @throws LocalClusterError `ORDINAL_INVALID`, or `CONTAINER_NOT_RUNNING` between two starts
   */
  readonly killContainer: (ordinal: number, container: ContainerName, signal: NodeJS.Signals) => number;
  /**
   * Loses the disk of `ordinal`: the Pod is deleted by force, its volume emptied, and only then may a new
   * Pod start there. Resolves once the volume is empty. Works for a volume without a Pod as well.
   *
   * @throws LocalClusterError `SIZE_INVALID` for an ordinal no cluster can have; the system's error
   */
  readonly wipeVolume: (ordinal: number) => Promise<void>;
  /** Deletes the StatefulSet in the foreground: all Pods go, none comes back. */
  readonly deleteStatefulSet: () => void;
};

/** The actions on the cluster whose state is `store` and whose processes `kubelet` runs. */
export function clusterActions(
  store: ApiStore,
  kubelet: Kubelet,
  context: { readonly graceSeconds: number; readonly now: () => number; readonly stopped: AbortSignal },
): ClusterActions {
  return {
    scale: (replicas) => {
      checkSize(replicas);
      store.update((state) => scaleStatefulSet(state, replicas));
    },
    deletePod: async (ordinal, options = {}) => {
      const { uid } = podAt(store, ordinal);
      const gone = untilGone(store, uid, context.stopped);
      store.update((state) =>
        options.force === true
          ? removePod(state, uid)
          : markPodDeleted(state, uid, context.graceSeconds, context.now()),
      );
      await gone;
    },
    killContainer: (ordinal, container, signal) =>
      signalContainer(podAt(store, ordinal), kubelet, container, signal),
    wipeVolume: async (ordinal) => {
      checkSize(ordinal + 1);
      const emptied = kubelet.wipeVolume(ordinal);
      const pod = store.read().pods.find((each) => each.ordinal === ordinal);
      if (pod !== undefined) {
        store.update((state) => removePod(state, pod.uid));
      }
      await emptied;
    },
    deleteStatefulSet: () => store.update((state) => deleteStatefulSet(state, context.now())),
  };
}

function signalContainer(
  pod: Pod,
  kubelet: Kubelet,
  container: ContainerName,
  signal: NodeJS.Signals,
): number {
  const runner = kubelet.runnerOf(pod.ordinal);
  const pid = runner?.podUid === pod.uid ? runner.containerOf(container).pid : null;
  if (pid === null || runner?.signal(container, signal) !== true) {
    throw new LocalClusterError(
      'CONTAINER_NOT_RUNNING',
      `the ${container} of ${pod.name} is not running now; \`quorate status\` shows when it is`,
    );
  }
  return pid;
}

function podAt(store: ApiStore, ordinal: number): Pod {
  const { pods } = store.read();
  const pod = pods.find((each) => each.ordinal === ordinal);
  if (pod === undefined) {
    const there = pods.map((each) => each.ordinal).sort((a, b) => a - b);
    throw new LocalClusterError(
      'ORDINAL_INVALID',
      `there is no member ${ordinal}; ${there.length === 0 ? 'the cluster has none now' : `there are ${there.join(', ')}`}`,
    );
  }
  return pod;
}

function untilGone(store: ApiStore, podUid: string, stopped: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onStopped = (): void =>
    reject(new LocalClusterError('CLUSTER_NOT_RUNNING', 'the cluster was stopped before the Pod was gone'));
  const unsubscribe = store.subscribe(({ pods }) => {
    if (!pods.some((pod) => pod.uid === podUid)) {
      resolve();
    }
  });
  stopped.addEventListener('abort', onStopped, { once: true });
  return promise.finally(() => {
    unsubscribe();
    stopped.removeEventListener('abort', onStopped);
  });
}
