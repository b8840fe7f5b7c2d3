import type { ClusterPlan } from './cluster-plan.ts';
import { quoted } from './condition-reasons.ts';
import { type Finding, SETTLED } from './conditions.ts';
import { failureOf } from './failure.ts';
import { formationOf } from './formation.ts';
import { servesClients } from './member-health.ts';
import { askedInVain } from './not-yet.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { wantedSize } from './plan-size.ts';
import { volumesGrowing } from './volume-growth.ts';
import { firstWord, isStuck } from './what-it-says.ts';
import { gapsOf, nameGaps } from './wholeness.ts';

/** Whether something is under way, or what keeps it from going on. */
export function progressing(observed: ObservedCluster, plan: ClusterPlan): Finding {
  const { standstill } = plan;
  const failure = failureOf(observed, plan);
  if (failure !== undefined) {
    return answer('False', failure.reason, failure.message);
  }
  if (standstill !== undefined) {
    return answer(standstill.reason === 'Deleting' ? 'True' : 'False', standstill.reason, standstill.message);
  }
  if (plan.hindrance !== undefined) {
    return answer('False', plan.hindrance.reason, plan.hindrance.message);
  }
  return (
    onSize(plan) ??
    scaling(observed) ??
    onVersion(plan) ??
    rolling(plan) ??
    growing(observed) ??
    busy(observed) ??
    inVain(observed) ??
    answer('False', SETTLED, 'Nothing is under way.')
  );
}

function onSize({ size: { held } }: ClusterPlan): Finding | undefined {
  return held === undefined
    ? undefined
    : answer(held.reason === 'ScaleInUnsafe' ? 'False' : 'True', held.reason, held.message);
}

function onVersion({ version: { blocked } }: ClusterPlan): Finding | undefined {
  return blocked === undefined || blocked.reason === 'StepNotSupported'
    ? undefined
    : answer(blocked.reason === 'MembersUnhealthy' ? 'False' : 'True', blocked.reason, blocked.message);
}

function scaling(observed: ObservedCluster): Finding | undefined {
  const size = wantedSize(observed);
  const { pods, statefulSet } = observed;
  const isCreating = size > 0 && formationOf(observed) !== 'Formed';
  const isScaling = size !== statefulSet?.replicas || pods.some(({ ordinal }) => ordinal >= size);
  const { trouble } = statefulSet ?? {};
  if (trouble !== undefined && pods.length < (statefulSet?.replicas ?? 0)) {
    return answer('False', quoted(trouble.reason), `Kubernetes makes no Pod: ${trouble.message}`);
  }
  return isCreating || isScaling
    ? answer(
        'True',
        isCreating ? 'Creating' : 'Scaling',
        firstWord(observed, busyPods(observed)) ?? `${pods.length} Pods on the way to ${size}.`,
      )
    : undefined;
}

function rolling({ rollout }: ClusterPlan): Finding | undefined {
  return 'message' in rollout ? answer('True', 'RollingOut', rollout.message) : undefined;
}

function growing(observed: ObservedCluster): Finding | undefined {
  const message = volumesGrowing(observed);
  return message === undefined ? undefined : answer('True', 'VolumesGrowing', message);
}

function inVain({ cluster }: ObservedCluster): Finding | undefined {
  const message = askedInVain(cluster.spec);
  return message === undefined ? undefined : answer('False', 'NotYetSupported', message);
}

function busy(observed: ObservedCluster): Finding | undefined {
  const pods = busyPods(observed);
  if (pods.length === 0) {
    const gaps = wantedSize(observed) === 0 ? [] : gapsOf(observed).filter(({ pod }) => pod === undefined);
    return gaps.length === 0 ? undefined : answer('True', 'MembersBusy', `Waiting for ${nameGaps(gaps)}.`);
  }
  const said =
    firstWord(observed, pods) ?? `Nothing was heard yet of ${pods.map(({ name }) => name).join(', ')}.`;
  return pods.every((pod) => isStuck(observed, pod))
    ? answer('False', 'MembersStuck', said)
    : answer('True', 'MembersBusy', said);
}

function busyPods(observed: ObservedCluster): readonly ObservedPod[] {
  return observed.pods.filter((pod) => !servesClients(observed, pod));
}

function answer(status: Finding['status'], reason: Finding['reason'], message: string): Finding {
  return { type: 'Progressing', status, reason, message };
}
