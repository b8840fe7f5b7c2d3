import type { TestCluster } from './a-cluster.ts';
import { podView } from './pod-view.ts';

/** How things stood when a Pod began to be deleted. */
export type Replacement = {
  readonly pod: string;
  /** By the status of that moment. */
  readonly leader: string | undefined;
  /** Other Pods that were not ready, or being deleted. */
  readonly others: readonly string[];
};

/** Notes each Pod of `cluster` whose deletion begins from now on; `stop` gives them in their order. */
export function watchReplacements({ space, name }: TestCluster): {
  readonly stop: () => readonly Replacement[];
} {
  const replaced = new Map<string, Replacement>();
  const stop = space.view.onSeen(({ kind, change, object }) => {
    if (kind !== 'Pod' || change === 'added') {
      return;
    }
    const pod = podView(object);
    const isOurs = pod.labels['etcd.etcd.io/cluster'] === name;
    if (isOurs && (pod.deleting || change === 'removed') && !replaced.has(pod.uid)) {
      const others = space.view
        .pods(name)
        .filter((each) => each.uid !== pod.uid && (!each.ready || each.deleting))
        .map((each) => each.name);
      replaced.set(pod.uid, { pod: pod.name, leader: space.view.cluster(name)?.status?.leader, others });
    }
  });
  return {
    stop: () => {
      stop();
      return [...replaced.values()];
    },
  };
}
