/** The status of a cluster: a pure function of what was observed, written whole in each pass. */
import type { ClusterPhase, EtcdClusterStatus } from '../../api/etcd-cluster.ts';
import { formatEtcdVersion } from '../../model/etcd-version.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { conditionsOf, type Finding, worstMessage } from './conditions.ts';
import { healthyVoters, wantedSize } from './findings.ts';
import { isLeader } from './member-health.ts';
import { memberStatuses } from './member-statuses.ts';
import type { ObservedCluster } from './observed-cluster.ts';

/** What is the same for every cluster of this operator. */
export type StatusSettings = {
  readonly clusterDomain: string;
  readonly selector: string;
  readonly clientPort: number;
};

/** The status to write, except for when it was last changed, which its writer knows. */
export function clusterStatus(
  observed: ObservedCluster,
  plan: ClusterPlan,
  findings: readonly Finding[],
  settings: StatusSettings,
): EtcdClusterStatus {
  const { name, namespace, generation } = observed.cluster.metadata;
  const leader = observed.pods.find((pod) => isLeader(observed, pod));
  const leaderID = leader?.agent.kind === 'heard' ? leader.agent.status.etcd.memberId : null;
  const record = observed.record.kind === 'present' ? observed.record.record : undefined;
  const clusterID = record?.phase === 'Formed' ? record.clusterId : observed.cluster.status?.clusterID;
  const { running, version } = plan.version;
  const message = worstMessage(findings);
  return {
    phase: phaseOf(observed, plan, findings),
    size: wantedSize(observed),
    currentReplicas: observed.pods.length,
    readyReplicas: healthyVoters(observed).length,
    ...(leader === undefined || leaderID === null ? {} : { leader: leader.name, leaderID }),
    ...(clusterID === undefined ? {} : { clusterID }),
    clientEndpoints: [
      `http://${name}-client.${namespace}.svc.${settings.clusterDomain}:${settings.clientPort}`,
    ],
    members: memberStatuses(observed),
    conditions: conditionsOf(observed, findings),
    ...(message === '' ? {} : { message }),
    ...(running === undefined ? {} : { version: `v${formatEtcdVersion(running)}` }),
    targetVersion: `v${formatEtcdVersion(version)}`,
    ...(record === undefined ? {} : { generation: record.generation }),
    selector: settings.selector,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

/** The phase is derived anew in each pass, so `Failed` is left by itself once its cause is gone. */
export function phaseOf(
  observed: ObservedCluster,
  plan: ClusterPlan,
  findings: readonly Finding[],
): ClusterPhase {
  const holds = (type: Finding['type']): boolean =>
    findings.some((finding) => finding.type === type && finding.status === 'True');
  const record = observed.record.kind === 'present' ? observed.record.record : undefined;
  if (observed.cluster.metadata.deletionTimestamp !== undefined) {
    return 'Deleting';
  }
  if (record?.phase === 'Blocked' || holds('DataLost') || tlsIsWaitedFor(observed)) {
    return 'Failed';
  }
  if (wantedSize(observed) === 0 && observed.pods.length === 0) {
    return 'Stopped';
  }
  if (record?.phase !== 'Formed') {
    return 'Creating';
  }
  if (holds('Ready')) {
    return 'Running';
  }
  if (isUpgrading(plan)) {
    return 'Upgrading';
  }
  return wantedSize(observed) !== observed.pods.length ||
    memberStatuses(observed).length !== wantedSize(observed)
    ? 'Scaling'
    : 'Recovering';
}

function isUpgrading({ version, rollout }: ClusterPlan): boolean {
  return (
    rollout.kind !== 'complete' &&
    version.running !== undefined &&
    formatEtcdVersion(version.running) !== formatEtcdVersion(version.version)
  );
}

function tlsIsWaitedFor(observed: ObservedCluster): boolean {
  const { tls } = observed.cluster.spec.security ?? {};
  return tls !== undefined && tls.enabled !== false;
}
