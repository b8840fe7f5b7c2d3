/** The status of a cluster: a pure function of what was observed, written whole in each pass. */
import type { EtcdClusterStatus } from '../../api/cluster-status.ts';
import { formatEtcdVersion } from '../../model/etcd-version.ts';
import { clusterPhase } from './cluster-phase.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { conditionsOf, type Finding, shortened, worstMessage } from './conditions.ts';
import { failureOf } from './failure.ts';
import { servingPods } from './findings.ts';
import { clusterIdOf, generationOf } from './formation.ts';
import { leaderOf, memberStatuses } from './member-statuses.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { wantedSize } from './plan-size.ts';

/** What is the same for every cluster of this operator, and what follows from a cluster's name. */
export type StatusSettings = {
  readonly clusterDomain: string;
  readonly selector: string;
  readonly clientPort: number;
};

/** The status to write, except for when it was last changed (see `statusChange`). */
export function clusterStatus(
  observed: ObservedCluster,
  plan: ClusterPlan,
  findings: readonly Finding[],
  settings: StatusSettings,
): EtcdClusterStatus {
  const { generation: observedGeneration } = observed.cluster.metadata;
  const { id: leaderID, name: leader } = leaderOf(observed);
  const clusterID = clusterIdOf(observed);
  const generation = generationOf(observed);
  const { running, version } = plan.version;
  const message = messageOf(observed, plan, findings);
  return {
    phase: clusterPhase(observed, plan, findings),
    size: wantedSize(observed),
    currentReplicas: observed.pods.length,
    readyReplicas: servingPods(observed).length,
    ...(leader === undefined ? {} : { leader }),
    ...(leaderID === undefined ? {} : { leaderID }),
    ...(clusterID === undefined ? {} : { clusterID }),
    clientEndpoints: clientEndpoints(observed, settings),
    members: memberStatuses(observed),
    conditions: conditionsOf(observed, findings),
    ...(message === '' ? {} : { message }),
    ...(running === undefined ? {} : { version: `v${formatEtcdVersion(running)}` }),
    targetVersion: `v${formatEtcdVersion(version)}`,
    ...(generation === undefined ? {} : { generation }),
    selector: settings.selector,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  };
}

/** Beside the phase `Failed` stands its cause, whatever else is amiss. */
function messageOf(observed: ObservedCluster, plan: ClusterPlan, findings: readonly Finding[]): string {
  const cause = failureOf(observed, plan) ?? plan.hindrance;
  return cause === undefined ? worstMessage(findings) : shortened(cause.message);
}

/** Where nothing was ever made there is nothing to connect to. */
function clientEndpoints(
  { cluster, statefulSet }: ObservedCluster,
  { clusterDomain, clientPort }: StatusSettings,
): readonly string[] {
  const { name, namespace = 'default' } = cluster.metadata;
  return statefulSet === undefined
    ? []
    : [
        `${statefulSet.tls.client === 'tls' ? 'https' : 'http'}://${name}-client.${namespace}.svc.${clusterDomain}:${clientPort}`,
      ];
}
