import { CLUSTER_RULES } from '../../api/cluster-rules.ts';
import { brokenRule } from '../../api/rule.ts';
import { DEFAULT_ETCD_VERSION, parseEtcdVersion } from '../../model/etcd-version.ts';
import type { ConditionReason } from './condition-reasons.ts';
import type { ObservedCluster } from './observed-cluster.ts';

/** Why nothing of a cluster is touched. What runs, runs on. */
export type Standstill = {
  readonly reason: ConditionReason;
  readonly message: string;
  /** Whether a human has to correct the spec. */
  readonly isFailure: boolean;
};

/** Why objects cannot be built from a spec that keeps all rules, as their builder says. */
export type Refusal = { readonly refused: ConditionReason; readonly message: string };

/** Why nothing is to be touched; undefined when the plan is to be carried out. */
export function standstillOf(
  { cluster }: ObservedCluster,
  refusal: Refusal | undefined,
): Standstill | undefined {
  if (cluster.metadata.deletionTimestamp !== undefined) {
    return { reason: 'Deleting', message: 'The cluster is being deleted.', isFailure: false };
  }
  const { fault } = cluster;
  if (fault !== undefined) {
    return invalid(`${fault.field} ${fault.message}; correct the spec`);
  }
  const broken = brokenRule(CLUSTER_RULES, cluster);
  if (broken !== undefined) {
    return invalid(`${broken.field}: ${broken.message}`);
  }
  const { version = DEFAULT_ETCD_VERSION } = cluster.spec;
  if (parseEtcdVersion(version) === undefined) {
    return invalid(
      `spec.version: "${version}" is no version of etcd; name one such as ${DEFAULT_ETCD_VERSION}`,
    );
  }
  if (refusal !== undefined) {
    return { reason: refusal.refused, message: refusal.message, isFailure: true };
  }
  return cluster.spec.pause === true
    ? {
        reason: 'Paused',
        message: 'spec.pause is true: nothing is changed until it is false.',
        isFailure: false,
      }
    : undefined;
}

function invalid(why: string): Standstill {
  return { reason: 'SpecInvalid', message: `${why}. Until then nothing is changed.`, isFailure: true };
}
