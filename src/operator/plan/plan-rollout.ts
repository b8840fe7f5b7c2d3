import { saysDataDiffers } from './attention.ts';
import { freshStatus, isMember, leaderIdOf, saysItServes } from './member-health.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { gapsOf, nameGaps } from './wholeness.ts';

/** The Pod to be replaced next, so that it is made of the template as it is now. */
export type RolloutPlan =
  | { readonly kind: 'complete' }
  /** Kubernetes does not say yet what the template's revision is. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'replace'; readonly pod: ObservedPod; readonly message: string }
  | { readonly kind: 'waiting'; readonly message: string };

/** Two voters cannot spare one: while it restarts, nothing is written. */
const VOTERS_THAT_SPARE_ONE = 3;

/**
 * One Pod at a time: followers first, the leader last, and the next only when the cluster is whole again.
 *
 * A template that does not work is corrected without waiting for what it broke. A Pod whose etcd does not run
 * is replaced whatever the others do, since that takes nothing away; one whose etcd runs and does not serve,
 * only when it is all that is amiss.
 * @param restart Pods that are to be made once more although their template is not outdated
 */
export function planRollout(observed: ObservedCluster, restart: readonly ObservedPod[] = []): RolloutPlan {
  const { statefulSet, pods } = observed;
  if (statefulSet === undefined || statefulSet.replicas === 0) {
    return { kind: 'complete' };
  }
  const { updateRevision, replicas } = statefulSet;
  if (updateRevision === null || statefulSet.deleting) {
    return { kind: 'unseen' };
  }
  const outdated = pods.filter((pod) => pod.ordinal < replicas && pod.revision !== updateRevision);
  const broken = brokenPod(observed, outdated);
  if (broken !== undefined) {
    return replace(broken, OUTDATED, 'it does not serve as it is');
  }
  const [due, why] = outdated.length > 0 ? [outdated, OUTDATED] : [restart, TOO_OLD];
  const next = followersFirst(observed, due)[0];
  if (next === undefined) {
    return { kind: 'complete' };
  }
  const waits = whyNotNext(observed);
  return waits === undefined
    ? replace(next, why, whyIsNext(observed, next))
    : { kind: 'waiting', message: `${count(due)} to be replaced; ${waits}.` };
}

/** What is wrong with a Pod, in a clause. */
const OUTDATED = 'whose template is outdated';
const TOO_OLD = 'whose log etcd 3.5 wrote in part';

/** Whether Pods are known to be outdated. */
export function isRollingOut({ kind }: RolloutPlan): boolean {
  return kind === 'replace' || kind === 'waiting';
}

/** The Pod that may be replaced although it, or the whole cluster, is not well. */
function brokenPod(observed: ObservedCluster, outdated: readonly ObservedPod[]): ObservedPod | undefined {
  const there = outdated.filter((pod) => !pod.deleting).toReversed();
  const idle = there.find((pod) => isIdle(observed, pod));
  if (idle !== undefined) {
    return idle;
  }
  const gaps = gapsOf(observed);
  const only = gaps.length === 1 ? there.find((pod) => pod === gaps[0]?.pod) : undefined;
  return only !== undefined && (only.trouble !== undefined || !seemsToServe(observed, only))
    ? only
    : undefined;
}

/** Its etcd does not run, or waits for its configuration: there is nothing to take away. */
function isIdle(observed: ObservedCluster, pod: ObservedPod): boolean {
  const state = freshStatus(observed, pod)?.etcd.state;
  return !pod.ready && (!pod.etcdRuns || state === 'at-gate' || state === 'gate-unusable');
}

/** A probe that failed once, or an agent that just restarts, is no reason to go out of turn. */
function seemsToServe(observed: ObservedCluster, pod: ObservedPod): boolean {
  const status = freshStatus(observed, pod);
  return pod.ready || (status !== undefined && saysItServes(observed, status));
}

/** Why no voter can be spared now, in a clause. */
function whyNotNext(observed: ObservedCluster): string | undefined {
  const gaps = gapsOf(observed);
  if (gaps.length > 0) {
    return `waiting for ${nameGaps(gaps)}`;
  }
  const decisions = observed.pods.flatMap((pod) => freshStatus(observed, pod)?.decision ?? []);
  const differs = decisions.find(({ reason }) => saysDataDiffers(reason));
  if (differs !== undefined) {
    return `members hold different data, so none is restarted (${differs.reason})`;
  }
  return leadersNamed(observed).size > 1 ? 'waiting for the members to agree who leads' : undefined;
}

function leadersNamed(observed: ObservedCluster): ReadonlySet<string | null> {
  return new Set(observed.pods.flatMap((pod) => freshStatus(observed, pod)?.etcd.leaderId ?? []));
}

/** Highest ordinal first among those that do not lead. */
function followersFirst(observed: ObservedCluster, pods: readonly ObservedPod[]): readonly ObservedPod[] {
  const leader = leaderIdOf(observed);
  const rank = (pod: ObservedPod): number => (isMember(observed, pod, leader) ? -1 : pod.ordinal);
  return pods.toSorted((a, b) => rank(b) - rank(a));
}

function whyIsNext(observed: ObservedCluster, pod: ObservedPod): string {
  if (observed.pods.length < VOTERS_THAT_SPARE_ONE) {
    return 'so few members have no quorum until it is back';
  }
  return isMember(observed, pod, leaderIdOf(observed)) ? 'it leads, so it is the last' : 'it follows';
}

function replace(pod: ObservedPod, wrong: string, whyNow: string): RolloutPlan {
  return { kind: 'replace', pod, message: `Replacing ${pod.name}, ${wrong}: ${whyNow}.` };
}

function count({ length }: readonly ObservedPod[]): string {
  return length === 1 ? '1 Pod is' : `${length} Pods are`;
}
