import {
  DEFAULT_ETCD_VERSION,
  type EtcdVersion,
  formatEtcdVersion,
  parseEtcdVersion,
  SUPPORTED_MINORS,
} from '../../model/etcd-version.ts';
import { formationOf } from './formation.ts';
import { lastStatus } from './member-health.ts';
import { membershipOf } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';
import { oldLogs } from './old-logs.ts';
import { wantedSize } from './plan-size.ts';
import { versionStep } from './version-step.ts';
import { type Gap, gapsOf, nameGaps } from './wholeness.ts';

/** Which version the Pod template shall have, and why not the one that is wanted. */
export type VersionPlan = {
  readonly version: EtcdVersion;
  readonly wanted: EtcdVersion;
  /** The lowest version any member runs or ran last; undefined while none has said. */
  readonly running: EtcdVersion | undefined;
  /** The first is for a human to correct, the others pass. */
  readonly blocked?: { readonly reason: BlockedReason; readonly message: string };
  /** Pods to be started once more as they are, before the step. */
  readonly restart?: readonly ObservedPod[];
};

export type BlockedReason = 'StepNotSupported' | 'ScalingUnderWay' | 'MembersUnhealthy' | 'LogsTooOld';

/** Unscheduled Pods are no fault of the version's, so another version cures nothing. */
const NO_ROOM = 'Unschedulable';

/**
 * A legal step goes into the template as soon as the cluster is whole and as large as it shall be. It does not
 * wait where nothing was ever formed, where no Pod is wanted, where another version is just being rolled out,
 * or where all that is missing are Pods that Kubernetes cannot run: then a version is being corrected.
 */
export function planVersion(observed: ObservedCluster): VersionPlan {
  const template = observed.statefulSet?.templateVersion;
  const running = lowestVersion(observed);
  const from = dataVersion(observed, running);
  const asked = parseEtcdVersion(observed.cluster.spec.version ?? DEFAULT_ETCD_VERSION);
  const kept = keptVersion(template, from) ?? asked ?? NO_MATTER;
  const wanted = asked ?? kept;
  const step = from === undefined ? { kind: 'none' as const } : versionStep(from, wanted);
  if (step.kind === 'blocked') {
    const blocked = { reason: 'StepNotSupported' as const, message: step.message };
    return { version: kept, wanted, running, blocked };
  }
  if (from === undefined || isSameVersion(kept, wanted)) {
    return { version: wanted, wanted, running };
  }
  const blocked = whyNotNow(observed, wanted, running !== undefined);
  return blocked === undefined
    ? cleanFirst(observed, { version: kept, wanted, running })
    : { version: kept, wanted, running, blocked };
}

/** The step, or what makes it possible: see `oldLogs`. */
function cleanFirst(observed: ObservedCluster, plan: VersionPlan): VersionPlan {
  const { version, wanted } = plan;
  const { old, unknown } = oldLogs(observed, version, wanted);
  const to = formatEtcdVersion(wanted);
  const names = (pods: readonly ObservedPod[]): string => pods.map(({ name }) => name).join(', ');
  if (old.length > 0) {
    const message = `Going to ${to} once no log holds requests that etcd 3.5 wrote: ${names(old)} first start${old.length === 1 ? 's' : ''} on ${formatEtcdVersion(version)} once more, which cleans it.`;
    return { ...plan, restart: old, blocked: { reason: 'LogsTooOld', message } };
  }
  if (unknown.length > 0) {
    const message = `Going to ${to} once the agents of ${names(unknown)} have said that their logs hold nothing that etcd 3.5 wrote.`;
    return { ...plan, blocked: { reason: 'LogsTooOld', message } };
  }
  return { ...plan, version: wanted };
}

/**
 * The template's version, as long as what runs can follow it: a rollout that is taken back in the moment in
 * which its last member comes up is one that cannot be taken back any more.
 */
function keptVersion(
  template: EtcdVersion | undefined,
  from: EtcdVersion | undefined,
): EtcdVersion | undefined {
  const isPassable =
    template === undefined || from === undefined || versionStep(from, template).kind !== 'blocked';
  return isPassable ? (template ?? from) : from;
}

/** Whether Pods were made for another version than the template's: members of two versions run, or will. */
export function isVersionRolling({ statefulSet, pods }: ObservedCluster): boolean {
  const template = statefulSet?.templateVersion;
  return (
    template !== undefined &&
    pods.some(
      ({ ordinal, version }) =>
        ordinal < (statefulSet?.replicas ?? 0) && version !== undefined && !isSameVersion(version, template),
    )
  );
}

export function isSameVersion(a: EtcdVersion, b: EtcdVersion): boolean {
  return a.minor === b.minor && a.patch === b.patch;
}

/** Of a new cluster whose spec names no version nothing is made (see `standstillOf`). */
const NO_MATTER: EtcdVersion = { major: 3, minor: SUPPORTED_MINORS[0], patch: 0 };

function whyNotNow(observed: ObservedCluster, wanted: EtcdVersion, isKnown: boolean): VersionPlan['blocked'] {
  const size = wantedSize(observed);
  const replicas = observed.statefulSet?.replicas ?? 0;
  const isAsleep = size === 0 && replicas === 0;
  const gaps = gapsOf(observed);
  if (isVersionRolling(observed) || (isAsleep && isKnown) || isForVersionToCure(gaps)) {
    return undefined;
  }
  const to = formatEtcdVersion(wanted);
  if (isAsleep) {
    const message = `Going to ${to} once the members are awake and have said what they run.`;
    return { reason: 'MembersUnhealthy', message };
  }
  if (size !== replicas || observed.pods.some(({ ordinal }) => ordinal >= size)) {
    const message = `Going to ${to} once the cluster has ${size} members, as spec.size wants.`;
    return { reason: 'ScalingUnderWay', message };
  }
  return gaps.length === 0
    ? undefined
    : {
        reason: 'MembersUnhealthy',
        message: `Going to ${to} once every member is a healthy voter; waiting for ${nameGaps(gaps)}.`,
      };
}

/** Who has no Pod waits for those that have one: for the set to be complete, or for a leader to be removed. */
function isForVersionToCure(gaps: readonly Gap[]): boolean {
  const pods = gaps.flatMap(({ pod }) => pod ?? []);
  return (
    pods.length > 0 &&
    pods.every(({ trouble, ready }) => trouble !== undefined && trouble.reason !== NO_ROOM && !ready)
  );
}

/**
 * The lowest version of members that run. A member that is down may have data of the lowest version that was
 * known before, so that is raised only once all that are listed run: then etcd itself goes on for good.
 */
function lowestVersion(observed: ObservedCluster): EtcdVersion | undefined {
  const { pods, cluster } = observed;
  const spoken = pods.flatMap((pod) => versionOf(pod) ?? []);
  const { members, source } = membershipOf(observed);
  const allRun =
    (source === 'voter' || source === 'word') &&
    members.every(({ name }) => pods.some((pod) => pod.name === name && versionOf(pod) !== undefined));
  const before = parseEtcdVersion(cluster.status?.version ?? '');
  const counts = before === undefined || allRun || formationOf(observed) === 'Unformed';
  return oldest(counts ? spoken : [...spoken, before]);
}

/** What the etcd in this Pod runs, by its own word, or by its Pod where it serves beside a silent agent. */
function versionOf(pod: ObservedPod): EtcdVersion | undefined {
  const etcd = lastStatus(pod)?.etcd;
  const said = etcd?.state === 'running' ? parseEtcdVersion(etcd.version) : undefined;
  return said ?? (pod.ready ? pod.version : undefined);
}

/** The version that wrote the data, to step on from; undefined where there is none of this cluster's. */
function dataVersion(observed: ObservedCluster, running: EtcdVersion | undefined): EtcdVersion | undefined {
  switch (formationOf(observed)) {
    case 'Unformed':
    case 'Blocked':
    case 'unknown':
      return undefined;
    case 'Forming':
      return running;
    case 'Formed': {
      const template = observed.statefulSet?.templateVersion;
      const madeFor = [template, ...observed.pods.map(({ version }) => version)];
      return running ?? oldest(madeFor.filter((version) => version !== undefined));
    }
  }
}

function oldest(versions: readonly EtcdVersion[]): EtcdVersion | undefined {
  return versions.toSorted((a, b) => a.minor - b.minor || a.patch - b.patch)[0];
}
