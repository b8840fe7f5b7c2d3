import type { EventView } from './event-view.ts';

/** A Warning that a test expects; what is absent is not looked at. */
export type WarningPattern = {
  /** Such as `EtcdCluster/demo`, or the kind alone. */
  readonly about?: string;
  readonly reason: string;
  readonly message?: RegExp;
};

/**
 * Warnings of Kubernetes' own that mean nothing: its probes know no gate, so that they fail while etcd waits there
 * and while a member that is told to stop hands over, and one that matters restarts a container, which is looked at
 * by itself; a busy kubelet mounts at its second attempt.
 */
export const USUAL_WARNINGS: readonly WarningPattern[] = [
  { about: 'Pod', reason: 'Unhealthy', message: /^(Startup|Readiness|Liveness) probe failed/ },
  { about: 'Pod', reason: 'FailedMount', message: /failed to sync (configmap|secret) cache: timed out/ },
  // The API server lets a kubelet read a claim as soon as it has heard that the Pod is there.
  { about: 'Pod', reason: 'FailedMount', message: /no relationship found between node/ },
  // The scheduler has heard of a new Pod and not yet of its claim, or still of the claim before.
  {
    about: 'Pod',
    reason: 'FailedScheduling',
    message: /error getting PVC|persistentvolumeclaim "[^"]*" (not found|is being deleted)/,
  },
  // The provisioner and the StatefulSet controller write a new claim at the same time; the provisioner tries again.
  { about: 'PersistentVolumeClaim', reason: 'ProvisioningFailed', message: /the object has been modified/ },
  // A Pod and its claim were deleted together: the new Pod is made only after the old claim is gone.
  { about: 'StatefulSet', reason: 'FailedCreate', message: /^create Pod .* is being deleted$/ },
  // A Service was deleted and made anew before its controller had heard that its slice went with the first one.
  { about: 'Service', reason: 'FailedToUpdateEndpointSlices', message: /EndpointSlice .* not found$/ },
  // The API server looks for addresses that are used and not recorded, and may do so between the two.
  { about: 'Service', reason: 'ClusterIPNotAllocated' },
];

/** Warnings among `events` that none of `patterns` speaks of. */
export function unexpectedWarnings(
  events: readonly EventView[],
  patterns: readonly WarningPattern[],
): readonly EventView[] {
  return events.filter(
    (event) => event.type !== 'Normal' && !patterns.some((pattern) => isOf(event, pattern)),
  );
}

function isOf({ about, reason, message }: EventView, pattern: WarningPattern): boolean {
  return (
    reason === pattern.reason &&
    (pattern.about === undefined || about === pattern.about || about.startsWith(`${pattern.about}/`)) &&
    (pattern.message === undefined || pattern.message.test(message))
  );
}
