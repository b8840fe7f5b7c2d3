/** `status.members`: what the members and the leader say of them, with the age of each word. */
import type { MemberStatus } from '../../api/etcd-cluster.ts';
import type { AgentStatus, AgentStatusMember } from '../../model/agent-status.ts';
import { freshStatus, isHealthyVoter, isLeader } from './member-health.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';

/** One row for each Pod and for each member that is listed without one, by name. */
export function memberStatuses(observed: ObservedCluster): readonly MemberStatus[] {
  const listed = listedMembers(observed);
  const leaderIndex = leaderRaftIndex(observed);
  const rows = new Map<string, MemberStatus>();
  for (const member of listed) {
    const name = member.name === '' ? hostOf(member.peerUrl) : member.name;
    rows.set(name, ofListed(name, member));
  }
  for (const pod of observed.pods) {
    rows.set(pod.name, { ...rows.get(pod.name), ...ofPod(pod, leaderIndex) });
  }
  return [...rows.values()].toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** The member list as the leader has it; else as the newest word of a voter has it. */
export function listedMembers(observed: ObservedCluster): readonly AgentStatusMember[] {
  const words = observed.pods.flatMap((pod) =>
    pod.agent.kind === 'heard' ? [{ pod, agent: pod.agent }] : [],
  );
  const best = words.toSorted(
    (a, b) =>
      Number(isLeader(observed, b.pod)) - Number(isLeader(observed, a.pod)) ||
      Number(isHealthyVoter(observed, b.pod)) - Number(isHealthyVoter(observed, a.pod)) ||
      b.agent.heardAtMs - a.agent.heardAtMs,
  )[0];
  return best?.agent.status.members ?? [];
}

function leaderRaftIndex(observed: ObservedCluster): bigint | undefined {
  const leader = observed.pods.find((pod) => isLeader(observed, pod));
  const status = leader === undefined ? undefined : freshStatus(observed, leader.agent);
  return status === undefined ? undefined : BigInt(status.etcd.raftIndex);
}

function ofListed(name: string, member: AgentStatusMember): MemberStatus {
  return {
    name,
    id: member.id,
    peerURL: member.peerUrl,
    clientURL: member.clientUrl,
    role: member.role,
    ready: false,
  };
}

function ofPod(pod: ObservedPod, leaderIndex: bigint | undefined): MemberStatus {
  if (pod.agent.kind === 'never') {
    return { name: pod.name, ready: pod.ready };
  }
  const { status } = pod.agent;
  return {
    name: pod.name,
    peerURL: status.peerUrl,
    clientURL: status.clientUrl,
    ready: pod.ready,
    observedAt: status.observedAt,
    reason: status.decision.reason,
    message: status.decision.message,
    ...ofEtcd(status, leaderIndex),
  };
}

function ofEtcd({ etcd }: AgentStatus, leaderIndex: bigint | undefined): Partial<MemberStatus> {
  if (etcd.memberId === null || etcd.state !== 'running') {
    return {};
  }
  const raftIndex = BigInt(etcd.raftIndex);
  const lag = leaderIndex === undefined || leaderIndex < raftIndex ? undefined : leaderIndex - raftIndex;
  return {
    id: etcd.memberId,
    role: etcd.memberId === etcd.leaderId ? 'Leader' : etcd.isLearner ? 'Learner' : 'Voter',
    version: etcd.version,
    dbSizeBytes: etcd.dbSizeBytes,
    raftIndex: etcd.raftIndex,
    ...(lag === undefined ? {} : { lagEntries: Number(lag) }),
  };
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname.split('.')[0] ?? url;
}
