import type { ObservedCluster } from './observed-cluster.ts';

/** An object that does not get on, whose Events may say why. */
export type Suspect = { readonly uid: string; readonly name: string };

/** A Pod on a node that has its images runs within this time; before it, slowness is no trouble. */
const POD_STARTS_MS = 5_000;

/**
 * Kubernetes writes some troubles into nothing but Events: a quota that refuses a set's Pods, a Secret or a
 * volume that cannot be mounted. These are the objects it is worth to look up Events of.
 */
export function suspectsOf({ statefulSet, pods, nowMs }: ObservedCluster): readonly Suspect[] {
  const stuck = pods.filter(
    ({ etcdRuns, deleting, trouble, createdAtMs }) =>
      !etcdRuns &&
      !deleting &&
      (trouble === undefined || trouble.warned === true) &&
      nowMs - createdAtMs > POD_STARTS_MS,
  );
  const lacksPods = statefulSet !== undefined && !statefulSet.deleting && pods.length < statefulSet.replicas;
  return [
    ...(lacksPods ? [{ uid: statefulSet.uid, name: `StatefulSet ${statefulSet.name}` }] : []),
    ...stuck.map(({ uid, name }) => ({ uid, name })),
  ];
}
