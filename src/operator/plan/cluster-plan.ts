/** Everything the operator wants of one cluster in one pass: what its objects shall be, and what it says of it. */
import type { EtcdVersion } from '../../model/etcd-version.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { planRollout, type RolloutPlan } from './plan-rollout.ts';
import { planSize, type SizePlan } from './plan-size.ts';
import { planVersion, type VersionPlan } from './plan-version.ts';

export type ClusterPlan = {
  readonly size: SizePlan;
  readonly version: VersionPlan;
  readonly rollout: RolloutPlan;
};

/** Plans one pass; `template` is the version the StatefulSet's template has now. */
export function planCluster(observed: ObservedCluster, template: EtcdVersion | undefined): ClusterPlan {
  const rollout = planRollout(observed);
  const isRolling = observed.statefulSet !== undefined && rollout.kind !== 'complete';
  return { size: planSize(observed, isRolling), version: planVersion(observed, template), rollout };
}
