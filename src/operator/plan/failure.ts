/** Why a cluster cannot go on until a human does something: what its phase `Failed` stands on. */
import { quorumOf } from '../../model/member.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { ConditionReason } from './condition-reasons.ts';
import { formationOf } from './formation.ts';
import { freshStatus, isHealthyVoter, servesClients } from './member-health.ts';
import { type ListedMember, mayVote, membershipOf } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { planOldData } from './old-data.ts';
import { wantedSize } from './plan-size.ts';

export type Failure = { readonly reason: ConditionReason; readonly message: string };

/** The cause of failure; undefined as soon as it is gone. */
export function failureOf(
  observed: ObservedCluster,
  { standstill, hindrance }: ClusterPlan,
): Failure | undefined {
  if (standstill?.isFailure === true) {
    return { reason: standstill.reason, message: standstill.message };
  }
  if (hindrance !== undefined && observed.statefulSet === undefined) {
    return hindrance;
  }
  return standstill?.reason === 'Deleting'
    ? undefined
    : (blockedFormation(observed) ?? lossOfData(observed) ?? lostRecord(observed));
}

function blockedFormation(observed: ObservedCluster): Failure | undefined {
  const { record } = observed;
  const plan = planOldData(observed);
  if (record.kind !== 'present' || record.record.phase !== 'Blocked' || plan.kind !== 'waiting') {
    return undefined;
  }
  return { reason: 'FormationBlocked', message: `${record.record.message} ${plan.message}` };
}

/**
 * More voters than a quorum can spare stand on empty volumes, and nobody serves. Pods of members that have yet
 * to join are empty, too, so only voters count.
 */
export function lossOfData(observed: ObservedCluster): Failure | undefined {
  const { pods } = observed;
  if (formationOf(observed) !== 'Formed' || wantedSize(observed) === 0) {
    return undefined;
  }
  if (pods.some((pod) => servesClients(observed, pod) || isHealthyVoter(observed, pod))) {
    return undefined;
  }
  const empty = pods.filter((pod) => isEmpty(observed, pod)).map(({ name }) => name);
  const voters = votersKnown(observed, empty);
  const lost = empty.filter((name) => voters.includes(name));
  const kept = voters.length - lost.length;
  const quorum = quorumOf(voters.length);
  return lost.length === 0 || kept >= quorum
    ? undefined
    : {
        reason: 'TooManyVolumesEmpty',
        message: `The volume${lost.length === 1 ? '' : 's'} of ${lost.join(', ')} ${lost.length === 1 ? 'is' : 'are'} empty: ${kept} of ${voters.length} voters can still have data, and ${quorum} are a quorum. Nothing is changed: bring the volumes back, or restore a backup.`,
      };
}

/** The agent has looked, etcd waits, and there is nothing. A volume that cannot be read is not empty. */
function isEmpty(observed: ObservedCluster, pod: ObservedPod): boolean {
  const status = freshStatus(observed, pod);
  return status?.etcd.state === 'at-gate' && !status.hasData && status.decision.reason !== 'VolumeUnreadable';
}

/** Who never started has no data to lose; agents add no member that votes from the beginning. */
function hasStarted({ role }: ListedMember): boolean {
  return role !== 'Unstarted';
}

/** Where nobody remembers the list, a set of which every Pod is empty has lost everything. */
function votersKnown(observed: ObservedCluster, empty: readonly string[]): readonly string[] {
  const { members, source } = membershipOf(observed);
  if (source !== 'nobody') {
    return members.filter((member) => mayVote(member) && hasStarted(member)).map(({ name }) => name);
  }
  return empty.length > 0 && empty.length === observed.statefulSet?.replicas ? empty : [];
}

/**
 * The record is gone or makes no sense, and nobody serves. While members serve, that is only a warning; one that
 * is gone is made anew where the cluster ID is known, and before there are Pods it is just being made.
 */
function lostRecord(observed: ObservedCluster): Failure | undefined {
  const { record, pods } = observed;
  const isLost =
    record.kind === 'unreadable' ||
    (record.kind === 'absent' && pods.length > 0 && formationOf(observed) === 'unknown');
  return isLost && wantedSize(observed) > 0 && !pods.some((pod) => servesClients(observed, pod))
    ? { reason: 'FormationUnknown', message: recordRemedy(observed) }
    : undefined;
}

/** What to do about a formation record that says nothing. */
export function recordRemedy({ cluster, record }: ObservedCluster): string {
  const { clusterID } = cluster.status ?? {};
  const isGone = record.kind !== 'unreadable';
  const why = isGone ? 'it is gone' : record.why;
  return `The formation record, ConfigMap ${cluster.metadata.name}-formation, says nothing (${why}), so no member without data can start: ${remedyFor(clusterID, isGone)}.`;
}

function remedyFor(clusterID: string | undefined, isGone: boolean): string {
  if (clusterID !== undefined) {
    return isGone
      ? `it is made anew for cluster ${clusterID}`
      : `delete it, and it is made anew for cluster ${clusterID}`;
  }
  return isGone
    ? 'write it again, Formed with the cluster ID where there is data, Unformed only where there never was any'
    : 'correct it, or delete it together with the StatefulSet where there never was any data';
}
