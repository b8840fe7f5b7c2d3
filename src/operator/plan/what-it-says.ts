import { needsHuman } from './attention.ts';
import { freshStatus, saysItServes } from './member-health.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';

/** What Kubernetes or, heard of late, the agent says about a Pod; undefined while neither does. */
export function whatItSays(observed: ObservedCluster, pod: ObservedPod): string | undefined {
  if (pod.trouble !== undefined) {
    return `${pod.name}: ${pod.trouble.reason}: ${sentence(pod.trouble.message)}`;
  }
  const status = freshStatus(observed, pod);
  if (status === undefined) {
    return undefined;
  }
  return !pod.ready && saysItServes(observed, status)
    ? `${pod.name}: its agent says that it serves, and its Pod is not ready yet.`
    : `${pod.name}: ${status.decision.reason}: ${sentence(status.decision.message)}`;
}

/** What one of these Pods says; what is stuck speaks first. */
export function firstWord(observed: ObservedCluster, pods: readonly ObservedPod[]): string | undefined {
  return pods
    .toSorted((a, b) => Number(isStuck(observed, b)) - Number(isStuck(observed, a)))
    .map((pod) => whatItSays(observed, pod))
    .find((text) => text !== undefined);
}

/** Whether a Pod will not get on by itself. */
export function isStuck(observed: ObservedCluster, pod: ObservedPod): boolean {
  const reason = freshStatus(observed, pod)?.decision.reason;
  return pod.trouble !== undefined || (reason !== undefined && needsHuman(reason));
}

/** Kubernetes ends its messages without a full stop. */
function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
