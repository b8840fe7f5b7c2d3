import { isHealthyVoter, isLeader } from './member-health.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';

/** The Pod to be replaced next, so that it is made of the template as it is now. */
export type RolloutPlan =
  | { readonly kind: 'complete' }
  | { readonly kind: 'replace'; readonly pod: ObservedPod; readonly message: string }
  | { readonly kind: 'waiting'; readonly message: string };

/**
 * One Pod at a time, followers first, the leader last, and the next only when every member is a healthy
 * voter again. A Pod that does not serve may be replaced whatever the others do, as long as it is the only
 * one that is down: that is how a template that does not work is corrected.
 */
export function planRollout(observed: ObservedCluster): RolloutPlan {
  const revision = observed.statefulSet?.updateRevision;
  if (revision === undefined || revision === null) {
    return { kind: 'waiting', message: 'The StatefulSet is not observed yet.' };
  }
  const outdated = observed.pods.filter((pod) => pod.revision !== revision);
  if (outdated.length === 0) {
    return { kind: 'complete' };
  }
  const down = observed.pods.filter((pod) => !isHealthyVoter(observed, pod));
  const broken = outdated.find((pod) => down.includes(pod) && !pod.deleting);
  if (broken !== undefined && isFutile(broken)) {
    return replace(broken, 'it cannot run as it is');
  }
  if (down.length > 0) {
    const names = down.map((pod) => pod.name).join(', ');
    return {
      kind: 'waiting',
      message: `${outdated.length} Pods are outdated; waiting for ${names} to be a healthy voter.`,
    };
  }
  const missing = missingOrdinals(observed);
  if (missing.length > 0) {
    return {
      kind: 'waiting',
      message: `${outdated.length} Pods are outdated; waiting for the Pods ${missing.join(', ')}.`,
    };
  }
  const next = followersFirst(observed, outdated)[0];
  return next === undefined
    ? { kind: 'complete' }
    : replace(next, isLeader(observed, next) ? 'it leads, so it is the last' : 'it follows');
}

function replace(pod: ObservedPod, why: string): RolloutPlan {
  return { kind: 'replace', pod, message: `Replacing ${pod.name}, whose template is outdated: ${why}.` };
}

/** Kubernetes cannot even start it, so replacing it takes nothing away. */
function isFutile(pod: ObservedPod): boolean {
  return pod.trouble !== undefined && !pod.ready;
}

function missingOrdinals(observed: ObservedCluster): readonly string[] {
  const { name } = observed.cluster.metadata;
  return Array.from({ length: observed.statefulSet?.replicas ?? 0 }, (_, ordinal) => ordinal)
    .filter((ordinal) => !observed.pods.some((pod) => pod.ordinal === ordinal))
    .map((ordinal) => `${name}-${ordinal}`);
}

/** Highest ordinal first among those that do not lead. */
function followersFirst(observed: ObservedCluster, pods: readonly ObservedPod[]): readonly ObservedPod[] {
  const rank = (pod: ObservedPod): number => (isLeader(observed, pod) ? -1 : pod.ordinal);
  return pods.toSorted((a, b) => rank(b) - rank(a));
}
