/**
 * What this process wrote last and the views may not show yet. Without it a pass would act twice on one state:
 * tell an Event again, or replace a second Pod while the first is just being deleted. All of it may be lost: an
 * operator that starts anew reads everything before it acts.
 */

import type { EtcdClusterStatus } from '../../api/cluster-status.ts';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { ObservedPod, TypedCluster } from '../plan/observed-cluster.ts';

type Written = {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly status: EtcdClusterStatus;
  /** On the wall clock. */
  readonly atMs: number;
};

/** Status and removals of each cluster, by its key. */
export class OwnWrites {
  readonly #statuses = new Map<string, Written>();
  readonly #removedPods = new Map<string, Set<string>>();

  /** `object` is what the API server made of writing `status` at `atMs` of the wall clock. */
  noteStatus(cluster: string, { metadata }: LiveObject, status: EtcdClusterStatus, atMs: number): void {
    const { uid, resourceVersion } = metadata;
    this.#statuses.set(cluster, { uid, resourceVersion, status, atMs });
  }

  /** When the status of `cluster` was last written by this process. */
  statusWrittenMs(cluster: string): number | undefined {
    return this.#statuses.get(cluster)?.atMs;
  }

  /** The API server has accepted the removal of this Pod. */
  noteRemoval(cluster: string, podUid: string): void {
    const uids = this.#removedPods.get(cluster) ?? new Set<string>();
    this.#removedPods.set(cluster, uids.add(podUid));
  }

  /** The cluster as its view has it, with the status that was written last where the view is older. */
  latest(key: string, cluster: TypedCluster): TypedCluster {
    const written = this.#statuses.get(key);
    const { uid, resourceVersion = '' } = cluster.metadata;
    if (written === undefined) {
      return cluster;
    }
    return written.uid === uid && isOlder(resourceVersion, written.resourceVersion)
      ? { ...cluster, status: written.status }
      : cluster;
  }

  /** The Pods as their view has them; those whose removal was accepted count as being deleted. */
  withRemovals<P extends Pick<ObservedPod, 'uid' | 'deleting'>>(
    key: string,
    pods: readonly P[],
  ): readonly P[] {
    const removed = this.#removedPods.get(key);
    if (removed === undefined) {
      return pods;
    }
    for (const uid of removed) {
      if (!pods.some((pod) => pod.uid === uid && !pod.deleting)) {
        removed.delete(uid);
      }
    }
    return pods.map((pod) => (removed.has(pod.uid) ? { ...pod, deleting: true } : pod));
  }

  /** For a cluster that is gone. */
  forget(cluster: string): void {
    this.#statuses.delete(cluster);
    this.#removedPods.delete(cluster);
  }
}

/**
 * Whether one resourceVersion of an object is older than another. They are numbers in every API server that
 * stores in etcd, and comparable by promise since Kubernetes 1.35 (KEP-5504); of others nothing is claimed.
 */
function isOlder(one: string, other: string): boolean {
  const isNumber = (text: string): boolean => /^[0-9]{1,20}$/.test(text);
  return isNumber(one) && isNumber(other) && BigInt(one) < BigInt(other);
}
