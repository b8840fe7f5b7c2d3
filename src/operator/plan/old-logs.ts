/**
 * Logs that etcd 3.5 wrote in part: 3.7 dies of them, and a start on 3.6 cleans them. A member that went to 3.6
 * while others still ran 3.5 may have got such entries after its start, so it is started once more.
 */
import type { AgentStatus } from '../../model/agent-status.ts';
import type { EtcdVersion } from '../../model/etcd-version.ts';
import { CONVERTS_MINOR, UNREADABLE_SINCE_MINOR } from '../../model/log-tail.ts';
import { freshStatus } from './member-health.ts';
import { membershipOf } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';

export type OldLogs = {
  /** Pods whose log holds such entries, by their agents' word. */
  readonly old: readonly ObservedPod[];
  /** Pods whose agent has not said yet; not those that Kubernetes cannot run, whose version is to be corrected. */
  readonly unknown: readonly ObservedPod[];
};

/** What has to be clean before the step from `running` to `wanted`. */
export function oldLogs(observed: ObservedCluster, running: EtcdVersion, wanted: EtcdVersion): OldLogs {
  if (running.minor > CONVERTS_MINOR || wanted.minor < UNREADABLE_SINCE_MINOR) {
    return { old: [], unknown: [] };
  }
  const { members, source } = membershipOf(observed);
  const listed = new Set(members.map(({ name }) => name));
  // Whoever is no member joins anew, whatever its volume holds.
  const logs = observed.pods
    .filter(({ name }) => source === 'nobody' || listed.has(name))
    .map((pod) => ({ pod, status: freshStatus(observed, pod) }));
  return {
    old: logs.filter(({ status }) => status?.log === 'old').map(({ pod }) => pod),
    unknown: logs.filter((each) => isUnknown(each.pod, each.status)).map(({ pod }) => pod),
  };
}

function isUnknown({ ready, trouble }: ObservedPod, status: AgentStatus | undefined): boolean {
  return status === undefined ? ready || trouble === undefined : status.log === undefined && status.hasData;
}
