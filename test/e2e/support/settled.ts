import type { MemberStatus } from '../../../src/api/cluster-status.ts';
import type { EtcdCluster } from '../../../src/api/etcd-cluster.ts';
import type { PodView } from './pod-view.ts';

export type Wanted = {
  readonly size: number;
  /** Such as `v3.6.16`; any unless given. */
  readonly version?: string | undefined;
};

/** Conditions of a cluster that runs as it should, and of one that hibernates. */
const RUNNING = {
  Available: 'True',
  Ready: 'True',
  Progressing: 'False',
  Degraded: 'False',
  QuorumLost: 'False',
  DataLost: 'False',
  UpgradeBlocked: 'False',
} as const;
const STOPPED = { ...RUNNING, Available: 'False' } as const;

/**
 * In a clause, what keeps a cluster from being settled as wanted: status is about the object as it is, says that
 * all is well, and names exactly the members whose Pods there are. Undefined: nothing does.
 */
export function whyNotSettled(
  cluster: EtcdCluster | undefined,
  pods: readonly PodView[],
  wanted: Wanted,
): string | undefined {
  const status = cluster?.status;
  if (cluster === undefined || status === undefined) {
    return 'there is no status yet';
  }
  const { size, version } = wanted;
  const phase = size === 0 ? 'Stopped' : 'Running';
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['phase', status.phase, phase],
    ['observedGeneration', status.observedGeneration, cluster.metadata.generation],
    ['size', status.size, size],
    ['currentReplicas', status.currentReplicas, size],
    ['readyReplicas', status.readyReplicas, size],
    ...(version === undefined ? [] : ([['version', status.version, version]] as const)),
    ...Object.entries(size === 0 ? STOPPED : RUNNING).map(
      ([type, holds]) =>
        [type, status.conditions?.find((each) => each.type === type)?.status, holds] as const,
    ),
  ];
  const differs = facts.find(([, found, expected]) => found !== expected);
  return differs === undefined
    ? (whyPodsDiffer(cluster.metadata.name, pods, size) ?? whyMembersDiffer(status.members ?? [], pods, size))
    : `${differs[0]} is ${String(differs[1])}, not ${String(differs[2])}`;
}

function whyPodsDiffer(cluster: string, pods: readonly PodView[], size: number): string | undefined {
  const wanted = Array.from({ length: size }, (_, ordinal) => `${cluster}-${ordinal}`);
  const found = pods.map(({ name }) => name);
  if (found.join() !== wanted.join()) {
    return `the Pods are ${found.join(', ') || 'none'}`;
  }
  const late = pods.find(({ ready, deleting }) => !ready || deleting);
  return late === undefined
    ? undefined
    : `Pod ${late.name} is ${late.deleting ? 'being deleted' : 'not ready'}`;
}

/** Hibernation keeps the members, none of which is ready. */
function whyMembersDiffer(
  members: readonly MemberStatus[],
  pods: readonly PodView[],
  size: number,
): string | undefined {
  if (size === 0) {
    return undefined;
  }
  const named = members.map(({ name }) => name).toSorted();
  if (named.join() !== pods.map(({ name }) => name).join()) {
    return `the members are ${named.join(', ') || 'none'}`;
  }
  const odd = members.find(
    ({ id, role, ready }) => id === undefined || ready !== true || (role !== 'Leader' && role !== 'Voter'),
  );
  if (odd !== undefined) {
    return `member ${odd.name} is ${odd.role ?? 'unknown'}${odd.ready === true ? '' : ', not ready'}`;
  }
  const leaders = members.filter(({ role }) => role === 'Leader').length;
  return leaders === 1 ? undefined : `${leaders} members lead`;
}
