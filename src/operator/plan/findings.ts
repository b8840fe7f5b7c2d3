/** What is found about a cluster: one finding for each condition, from what was observed and what is planned. */
import { formatEtcdVersion } from '../../model/etcd-version.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { Finding } from './conditions.ts';
import { freshStatus, isHealthyVoter } from './member-health.ts';
import { listedMembers } from './member-statuses.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { SIZE_DEFAULT } from './plan-size.ts';

/** The findings about a cluster whose spec is valid. */
export function findingsOf(observed: ObservedCluster, plan: ClusterPlan): readonly Finding[] {
  return [
    available(observed),
    ready(observed, plan),
    progressing(observed, plan),
    degraded(observed),
    quorumLost(observed),
    dataLost(observed),
    upgradeBlocked(plan),
    tlsReady(observed),
  ];
}

function available(observed: ObservedCluster): Finding {
  const serving = healthyVoters(observed);
  if (wantedSize(observed) === 0) {
    return found('Available', 'False', 'Hibernating', 'The size is 0: no member runs, and all data is kept.');
  }
  return serving.length > 0
    ? found(
        'Available',
        'True',
        'QuorumServes',
        `${namesOf(serving)} serve${serving.length === 1 ? 's' : ''} with a quorum.`,
      )
    : found('Available', 'False', 'NoMemberServes', notServing(observed));
}

function notServing(observed: ObservedCluster): string {
  const word = observed.pods.map(whatItSays).find((text) => text !== undefined);
  return word ?? 'No member has said anything yet.';
}

/** What Kubernetes or the agent says about a Pod that is not a healthy voter. */
function whatItSays(pod: ObservedPod): string | undefined {
  if (pod.trouble !== undefined) {
    return `${pod.name}: ${pod.trouble.reason}: ${pod.trouble.message}`;
  }
  return pod.agent.kind === 'heard'
    ? `${pod.name}: ${pod.agent.status.decision.reason}: ${pod.agent.status.decision.message}`
    : undefined;
}

function ready(observed: ObservedCluster, plan: ClusterPlan): Finding {
  const size = wantedSize(observed);
  const healthy = healthyVoters(observed).length;
  const members = listedMembers(observed).length;
  if (plan.rollout.kind !== 'complete' && observed.statefulSet !== undefined && size > 0) {
    return found('Ready', 'False', 'RollingOut', plan.rollout.message);
  }
  return healthy === size && (size === 0 || members === size)
    ? found(
        'Ready',
        'True',
        'AsWanted',
        size === 0 ? 'Hibernating, as wanted.' : `All ${size} members are healthy voters.`,
      )
    : found(
        'Ready',
        'False',
        'NotAsWanted',
        `${healthy} of ${size} wanted members are healthy voters; ${members} are listed.`,
      );
}

function progressing(observed: ObservedCluster, plan: ClusterPlan): Finding {
  if (plan.size.held !== undefined) {
    return found('Progressing', 'False', plan.size.held.reason, plan.size.held.message);
  }
  if (plan.version.blocked?.reason === 'ScalingUnderWay') {
    return found('Progressing', 'True', 'ScalingUnderWay', plan.version.blocked.message);
  }
  const size = wantedSize(observed);
  const busy = observed.pods.filter((pod) => !isHealthyVoter(observed, pod));
  const said = busy.map(whatItSays).find((text) => text !== undefined);
  if (observed.pods.length !== size) {
    return found(
      'Progressing',
      'True',
      'Scaling',
      said ?? `${observed.pods.length} Pods on the way to ${size}.`,
    );
  }
  if (observed.statefulSet !== undefined && plan.rollout.kind !== 'complete' && size > 0) {
    return found('Progressing', 'True', 'RollingOut', plan.rollout.message);
  }
  return busy.length > 0
    ? found('Progressing', 'True', 'MembersBusy', said ?? `Waiting for ${namesOf(busy)}.`)
    : found('Progressing', 'False', 'Settled', 'Nothing is under way.');
}

function degraded(observed: ObservedCluster): Finding {
  const isFormed = observed.record.kind === 'present' && observed.record.record.phase === 'Formed';
  const voters = listedMembers(observed).filter(
    (member) => member.role === 'Voter' || member.role === 'Leader',
  );
  const healthy = healthyVoters(observed).map((pod) => pod.name);
  const sick = voters.map((voter) => voter.name).filter((name) => !healthy.includes(name));
  return isFormed && wantedSize(observed) > 0 && sick.length > 0
    ? found(
        'Degraded',
        'True',
        'VotersUnhealthy',
        `${sick.join(', ')} of ${voters.length} voters ${sick.length === 1 ? 'is' : 'are'} not healthy.`,
      )
    : found('Degraded', 'False', 'AllVotersHealthy', 'Every voter that is listed is healthy.');
}

const QUORUM_REASONS = new Set(['QuorumLost', 'PeersUnreachable', 'NoLeader']);

function quorumLost(observed: ObservedCluster): Finding {
  const complaint = observed.pods
    .map((pod) => freshStatus(observed, pod.agent)?.decision)
    .find((decision) => decision !== undefined && QUORUM_REASONS.has(decision.reason));
  return complaint !== undefined && healthyVoters(observed).length === 0
    ? found(
        'QuorumLost',
        'True',
        complaint.reason,
        `${complaint.message} Nothing is changed until a quorum is back; where it cannot come back, see spec.recovery.`,
      )
    : found('QuorumLost', 'False', 'QuorumServes', 'No member misses its quorum.');
}

/** More members than a quorum can spare stand on empty volumes, and nobody serves. */
function dataLost(observed: ObservedCluster): Finding {
  const isFormed = observed.record.kind === 'present' && observed.record.record.phase === 'Formed';
  const words = observed.pods.flatMap((pod) => {
    const status = freshStatus(observed, pod.agent);
    return status === undefined ? [] : [{ name: pod.name, hasData: status.hasData }];
  });
  const empty = words.filter((word) => !word.hasData).map((word) => word.name);
  const size = observed.statefulSet?.replicas ?? 0;
  const quorum = Math.floor(size / 2) + 1;
  return isFormed && size > 0 && size - empty.length < quorum && healthyVoters(observed).length === 0
    ? found(
        'DataLost',
        'True',
        'TooManyVolumesEmpty',
        `The volumes of ${empty.join(', ')} are empty: ${size - empty.length} of ${size} members have data, and ${quorum} are a quorum. Nothing is changed; bring the volumes back, restore a backup, or declare a recovery (spec.recovery).`,
      )
    : found('DataLost', 'False', 'DataPresent', 'A quorum of the members has its data.');
}

function upgradeBlocked({ version }: ClusterPlan): Finding {
  return version.blocked?.reason === 'StepNotSupported'
    ? found('UpgradeBlocked', 'True', version.blocked.reason, version.blocked.message)
    : found(
        'UpgradeBlocked',
        'False',
        'NoIllegalStep',
        `The wanted version is ${formatEtcdVersion(version.wanted)}.`,
      );
}

function tlsReady(observed: ObservedCluster): Finding {
  return observed.cluster.spec.security?.tls === undefined
    ? found(
        'TLSReady',
        'False',
        'PlainText',
        'spec.security.tls is absent: clients and members speak in plain text.',
      )
    : found(
        'TLSReady',
        'False',
        'NotSupportedYet',
        'TLS comes with a later release; until then this cluster is not started, since it must not run in plain text.',
      );
}

/** Healthy voters by their Pods. */
export function healthyVoters(observed: ObservedCluster): readonly ObservedPod[] {
  return observed.pods.filter((pod) => isHealthyVoter(observed, pod));
}

/** The size that is asked for. */
export function wantedSize(observed: ObservedCluster): number {
  return observed.cluster.spec.size ?? SIZE_DEFAULT;
}

function namesOf(pods: readonly ObservedPod[]): string {
  return pods.map((pod) => pod.name).join(', ');
}

function found(type: Finding['type'], status: Finding['status'], reason: string, message: string): Finding {
  return { type, status, reason, message };
}
