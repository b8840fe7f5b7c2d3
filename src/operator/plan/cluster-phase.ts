import type { ClusterPhase } from '../../api/cluster-status.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { Finding } from './conditions.ts';
import { failureOf } from './failure.ts';
import { formationOf } from './formation.ts';
import { servesClients } from './member-health.ts';
import { membershipOf, rememberedRows } from './membership.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { isRollingOut } from './plan-rollout.ts';
import { wantedSize } from './plan-size.ts';
import { isSameVersion, isVersionRolling } from './plan-version.ts';

/**
 * Where a cluster stands, derived anew in each pass, so that `Failed` is left by itself once its cause is gone.
 * The phase before only tells three words apart that look alike from outside: a member that joins for the first
 * time (Creating, Scaling) and one that joins again (Recovering). Nothing is ever decided by a phase.
 *
 * `Restoring` is for restores, which set it while theirs is under way.
 */
export function clusterPhase(
  observed: ObservedCluster,
  plan: ClusterPlan,
  findings: readonly Finding[],
): ClusterPhase {
  if (observed.cluster.metadata.deletionTimestamp !== undefined) {
    return 'Deleting';
  }
  if (failureOf(observed, plan) !== undefined) {
    return 'Failed';
  }
  if (wantedSize(observed) === 0) {
    return observed.pods.length === 0 && plan.size.replicas === 0 ? 'Stopped' : 'Scaling';
  }
  if (formationOf(observed) !== 'Formed') {
    return 'Creating';
  }
  if (isRunning(findings)) {
    return 'Running';
  }
  if (isUpgrading(observed, plan)) {
    return 'Upgrading';
  }
  const before = observed.cluster.status?.phase ?? 'Creating';
  if (before === 'Creating') {
    return 'Creating';
  }
  if (isScaling(observed)) {
    return 'Scaling';
  }
  // Kubernetes has not taken up a change yet, and it is none of the size.
  return plan.rollout.kind === 'unseen' ? 'Upgrading' : 'Recovering';
}

/** Whether every member is as the spec has it; users and roles have a condition of their own. */
function isRunning(findings: readonly Finding[]): boolean {
  const [ready, auth] = (['Ready', 'AuthReady'] as const).map((type) =>
    findings.find((finding) => finding.type === type),
  );
  return ready?.status === 'True' || (ready !== undefined && ready.reason === auth?.reason);
}

/** Members are being replaced by the template as it is now. */
function isUpgrading(observed: ObservedCluster, { version, rollout }: ClusterPlan): boolean {
  const template = observed.statefulSet?.templateVersion;
  return (
    isRollingOut(rollout) ||
    isVersionRolling(observed) ||
    (template !== undefined && !isSameVersion(template, version.version))
  );
}

/** Whether the size differs, or did when status was last written and not all have come since. */
function isScaling(observed: ObservedCluster): boolean {
  const { status } = observed.cluster;
  const size = wantedSize(observed);
  const isSurplus = ({ ordinal }: { readonly ordinal: number | undefined }): boolean =>
    ordinal !== undefined && ordinal >= size;
  return (
    size !== observed.statefulSet?.replicas ||
    size !== status?.size ||
    observed.pods.some(isSurplus) ||
    membershipOf(observed).members.some(isSurplus) ||
    status.phase === 'Stopped' ||
    (status.phase === 'Scaling' && !hasLostOne(observed))
  );
}

/** Whether a member that served when status was last written does not any more: that is no scaling. */
function hasLostOne(observed: ObservedCluster): boolean {
  const served = rememberedRows(observed).filter(({ ready }) => ready === true);
  return served.some(
    ({ name }) => !observed.pods.some((pod) => pod.name === name && servesClients(observed, pod)),
  );
}
