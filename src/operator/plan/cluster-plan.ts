/** Everything the operator wants of one cluster in one pass: what its objects shall be. */
import type { AuthOutlook } from './auth-outlook.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { planRollout, type RolloutPlan } from './plan-rollout.ts';
import { planSize, type SizePlan } from './plan-size.ts';
import { isSameVersion, isVersionRolling, planVersion, type VersionPlan } from './plan-version.ts';
import { type Refusal, type Standstill, standstillOf } from './standstill.ts';
import type { TlsObstacle, TlsOutlook } from './tls-outlook.ts';

/** Why the plan could not be carried out: Kubernetes, or somebody's object, is in the way. */
export type Hindrance = {
  readonly reason: 'ObjectRefused' | TlsObstacle['reason'];
  readonly message: string;
};

export type ClusterPlan = {
  /** Where given, nothing is touched, and the rest only repeats what there is. */
  readonly standstill: Standstill | undefined;
  readonly size: SizePlan;
  readonly version: VersionPlan;
  readonly rollout: RolloutPlan;
  /** Known once the pass has come so far. */
  readonly tls?: TlsOutlook;
  /** Known once somebody could be asked. */
  readonly auth?: AuthOutlook;
  /** Known once it was tried. */
  readonly hindrance?: Hindrance;
};

/** Plans one pass; `refusal` is why no object can be built from this spec. */
export function planCluster(observed: ObservedCluster, refusal?: Refusal): ClusterPlan {
  const standstill = standstillOf(observed, refusal);
  const version = planVersion(observed);
  const rollout = planRollout(observed, version.restart);
  if (standstill !== undefined) {
    return {
      standstill,
      size: { replicas: observed.statefulSet?.replicas ?? 0 },
      version: asItIs(observed, version),
      rollout: withoutReplacing(rollout, standstill.message),
    };
  }
  const template = observed.statefulSet?.templateVersion;
  const isRevised = template !== undefined && !isSameVersion(template, version.version);
  return {
    standstill,
    size: planSize(observed, isVersionRolling(observed)),
    version,
    // A Pod that is made now could still be made of the template before.
    rollout: isRevised ? withoutReplacing(rollout, 'The template gets another version first.') : rollout,
  };
}

function withoutReplacing(rollout: RolloutPlan, message: string): RolloutPlan {
  return rollout.kind === 'replace' ? { kind: 'waiting', message } : rollout;
}

function asItIs({ statefulSet }: ObservedCluster, { version, wanted, running }: VersionPlan): VersionPlan {
  return { version: statefulSet?.templateVersion ?? running ?? version, wanted, running };
}
