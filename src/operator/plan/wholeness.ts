import { isHealthyVoter, whyUnhealthy } from './member-health.ts';
import { membershipOf } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';

/** One thing that keeps a cluster from being whole. */
export type Gap = {
  /** Of the Pod or the member. */
  readonly name: string;
  readonly pod: ObservedPod | undefined;
  /** In a clause. */
  readonly why: string;
};

/**
 * Everything that keeps a cluster that runs from being whole: every Pod of the set is there and a healthy
 * voter, none is left over, and nobody else is listed. Only a whole cluster can spare a voter.
 */
export function gapsOf(observed: ObservedCluster): readonly Gap[] {
  const replicas = observed.statefulSet?.replicas ?? 0;
  const gaps = [...ordinalsOf(replicas).flatMap((ordinal) => gapAt(observed, ordinal))];
  for (const pod of observed.pods) {
    if (pod.ordinal >= replicas) {
      gaps.push({ name: pod.name, pod, why: 'its Pod is leaving' });
    }
  }
  const accounted = new Set([...gaps.map(({ name }) => name), ...observed.pods.map(({ name }) => name)]);
  for (const { name } of membershipOf(observed).members) {
    if (!accounted.has(name)) {
      gaps.push({ name, pod: undefined, why: 'it is listed and has no Pod' });
    }
  }
  return gaps;
}

/** What keeps the member of this ordinal from being a healthy voter; empty when it is one. */
export function gapAt(observed: ObservedCluster, ordinal: number): readonly Gap[] {
  const pod = observed.pods.find((each) => each.ordinal === ordinal);
  if (pod === undefined) {
    const name = `${observed.cluster.metadata.name}-${ordinal}`;
    return [{ name, pod, why: 'it has no Pod' }];
  }
  if (!isHealthyVoter(observed, pod)) {
    return [{ name: pod.name, pod, why: whyUnhealthy(observed, pod) }];
  }
  return isListedOtherwise(observed, pod)
    ? [{ name: pod.name, pod, why: 'the peer URL that it is listed with is not yet the one it serves' }]
    : [];
}

/** A member that speaks otherwise than before changes its URL in the list once it serves under the new one. */
function isListedOtherwise(observed: ObservedCluster, pod: ObservedPod): boolean {
  const scheme = pod.tls.peer === 'tls' ? 'https://' : 'http://';
  const { members, source } = membershipOf(observed);
  const listed = members.find(({ name }) => name === pod.name);
  return source === 'voter' && listed !== undefined && !listed.peerURL.startsWith(scheme);
}

/** 0, 1, … up to `size` exclusive. */
export function ordinalsOf(size: number): readonly number[] {
  return Array.from({ length: size }, (_, ordinal) => ordinal);
}

/** Such as `demo-1 (its agent does not answer), demo-2 (EtcdStarting)`. */
export function nameGaps(gaps: readonly Gap[]): string {
  return gaps.map(({ name, why }) => `${name} (${why})`).join(', ');
}
