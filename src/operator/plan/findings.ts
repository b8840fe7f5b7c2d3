/** What is found about a cluster: one finding for each condition, from what was observed and what is planned. */
import { formatEtcdVersion } from '../../model/etcd-version.ts';
import { authFinding } from './auth-outlook.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { Finding } from './conditions.ts';
import { degraded } from './degraded.ts';
import { failureOf, lossOfData } from './failure.ts';
import { knownBugsOf } from './known-bugs.ts';
import { servesClients } from './member-health.ts';
import { mayVote, membershipOf } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { wantedSize } from './plan-size.ts';
import { isSameVersion } from './plan-version.ts';
import { progressing } from './progressing.ts';
import { quorumLost } from './quorum-loss.ts';
import { tlsFinding } from './tls-outlook.ts';
import { firstWord } from './what-it-says.ts';

/** The findings about a cluster, whatever state it and its spec are in. */
export function findingsOf(observed: ObservedCluster, plan: ClusterPlan): readonly Finding[] {
  return [
    available(observed, plan),
    ready(observed, plan),
    progressing(observed, plan),
    degraded(observed),
    quorumLost(observed),
    dataLost(observed),
    upgradeBlocked(plan),
    tlsReady(observed, plan),
    authReady(observed, plan),
  ];
}

/** The Pods whose members serve clients. */
export function servingPods(observed: ObservedCluster): readonly ObservedPod[] {
  return observed.pods.filter((pod) => servesClients(observed, pod));
}

function available(observed: ObservedCluster, plan: ClusterPlan): Finding {
  const serving = servingPods(observed);
  if (serving.length > 0) {
    const verb = serving.length === 1 ? 'serves' : 'serve';
    return found(
      'Available',
      'True',
      'QuorumServes',
      `${serving.map(({ name }) => name).join(', ')} ${verb} with a quorum.`,
    );
  }
  const failure = failureOf(observed, plan);
  if (failure !== undefined) {
    return found('Available', 'False', failure.reason, failure.message);
  }
  if (wantedSize(observed) === 0) {
    return found('Available', 'False', 'Hibernating', 'The size is 0: no member runs, and all data is kept.');
  }
  const word = firstWord(observed, observed.pods) ?? 'No member has said anything yet.';
  return found('Available', 'False', 'NoMemberServes', word);
}

function ready(observed: ObservedCluster, plan: ClusterPlan): Finding {
  const failure = failureOf(observed, plan);
  if (failure !== undefined) {
    return found('Ready', 'False', failure.reason, failure.message);
  }
  const size = wantedSize(observed);
  const serving = servingPods(observed).length;
  if (size === 0) {
    const { length } = observed.pods;
    return length === 0
      ? found('Ready', 'True', 'AsWanted', 'Hibernating, as wanted.')
      : found('Ready', 'False', 'NotAsWanted', `${length} Pods are still stopping.`);
  }
  const change = changeUnderWay(observed, plan);
  if (change !== undefined) {
    return found('Ready', 'False', 'RollingOut', change);
  }
  const { members, source } = membershipOf(observed);
  const isListed = source === 'nobody' || (members.length === size && members.every(mayVote));
  const listed = source === 'nobody' ? 'nobody says who is listed' : `${members.length} are listed`;
  if (serving !== size || observed.pods.length !== size || !isListed) {
    return found('Ready', 'False', 'NotAsWanted', `${serving} of ${size} wanted members serve; ${listed}.`);
  }
  const auth = authFinding(observed, plan.auth);
  if (!auth.isAsWanted) {
    return found('Ready', 'False', auth.reason, auth.message);
  }
  const whole =
    source === 'nobody'
      ? `All ${size} members serve; ${listed}.`
      : `All ${size} members are voters and serve.`;
  return found('Ready', 'True', 'AsWanted', whole);
}

/** What is not yet as the spec has it although every member serves; a version that is blocked does not count. */
function changeUnderWay(observed: ObservedCluster, { version, rollout }: ClusterPlan): string | undefined {
  const template = observed.statefulSet?.templateVersion;
  if (template !== undefined && !isSameVersion(template, version.version)) {
    return `Going from ${formatEtcdVersion(template)} to ${formatEtcdVersion(version.version)}.`;
  }
  if (rollout.kind === 'unseen') {
    return 'Kubernetes has not taken up the last change of the StatefulSet yet.';
  }
  return 'message' in rollout ? rollout.message : undefined;
}

function dataLost(observed: ObservedCluster): Finding {
  const loss = lossOfData(observed);
  return loss === undefined
    ? found('DataLost', 'False', 'NoLossSeen', 'No quorum is known to have lost its data.')
    : found('DataLost', 'True', loss.reason, loss.message);
}

function upgradeBlocked({ version }: ClusterPlan): Finding {
  if (version.blocked?.reason === 'StepNotSupported') {
    return found('UpgradeBlocked', 'True', version.blocked.reason, version.blocked.message);
  }
  const bugs = knownBugsOf(version.version);
  return bugs === undefined
    ? found(
        'UpgradeBlocked',
        'False',
        'StepSupported',
        `Version ${formatEtcdVersion(version.wanted)} is wanted.`,
      )
    : found('UpgradeBlocked', 'False', 'KnownBugs', bugs);
}

function tlsReady(observed: ObservedCluster, { tls }: ClusterPlan): Finding {
  const { status, reason, message } = tlsFinding(observed, tls);
  return found('TLSReady', status, reason, message);
}

function authReady(observed: ObservedCluster, { auth }: ClusterPlan): Finding {
  const { status, reason, message } = authFinding(observed, auth);
  return found('AuthReady', status, reason, message);
}

function found(
  type: Finding['type'],
  status: Finding['status'],
  reason: Finding['reason'],
  message: string,
): Finding {
  return { type, status, reason, message };
}
