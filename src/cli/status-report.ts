/** A local cluster as `quorate status` tells of it. */
import { isAboutThisEtcd, type MemberBoard, type SeenMember } from '../demo/member-board.ts';
import { type MemberRole, roleOf } from '../demo/member-role.ts';
import type { ClusterSnapshot, MemberSnapshot } from '../local/cluster-snapshot.ts';
import type { AgentStatus } from '../model/agent-status.ts';

export type StatusReport = {
  readonly name: string;
  readonly namespace: string;
  readonly stateFolder: string;
  readonly etcdVersion: string;
  /** The wanted size. */
  readonly replicas: number;
  /** Hexadecimal; null while no etcd tells. */
  readonly clusterId: string | null;
  /** Phase of the formation record as last seen by an agent; null when none tells. */
  readonly formation: string | null;
  /** Client URLs of the members whose Pods are there and not being deleted. */
  readonly endpoints: readonly string[];
  readonly members: readonly MemberReport[];
};

export type MemberReport = {
  readonly name: string;
  readonly ordinal: number;
  readonly role: MemberRole;
  readonly address: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly agentUrl: string;
  /** Null while no such process runs. */
  readonly pids: { readonly agent: number | null; readonly etcd: number | null };
  readonly restarts: { readonly agent: number; readonly etcd: number };
  readonly podUid: string;
  readonly volume: string;
  readonly dataFolder: string;
  readonly logs: { readonly agent: string; readonly etcd: string };
  readonly memberId: string | null;
  readonly version: string | null;
  /** Decimal; null while its etcd does not tell. */
  readonly raftIndex: string | null;
  /** The agent's last decision; these four are null while the agent does not answer. */
  readonly stage: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  /** Why the agent does not answer; null when it does. */
  readonly silent: string | null;
};

export function statusReportOf(snapshot: ClusterSnapshot): StatusReport {
  const { name, namespace, folder, etcdVersion, replicas, members } = snapshot;
  const statuses = members.flatMap(({ word }) => (word.kind === 'answers' ? [word.status] : []));
  return {
    name,
    namespace,
    stateFolder: folder,
    etcdVersion,
    replicas,
    clusterId: statuses.find(({ etcd }) => etcd.clusterId !== null)?.etcd.clusterId ?? null,
    formation: statuses.find(({ formation }) => formation !== null)?.formation ?? null,
    endpoints: members.filter((member) => !member.isDeleting).map((member) => member.clientUrl),
    members: members.map((member) => memberReportOf(member, statuses)),
  };
}

/** The snapshot as the demo's rules for a whole cluster read it. */
export function boardOf(snapshot: ClusterSnapshot): MemberBoard {
  return new Map(snapshot.members.map((member) => [member.ordinal, seenMemberOf(member)]));
}

function memberReportOf(member: MemberSnapshot, statuses: readonly AgentStatus[]): MemberReport {
  const { name, ordinal, address, peerUrl, clientUrl, agentUrl, podUid, volume, dataFolder, word } = member;
  const status = word.kind === 'answers' ? word.status : null;
  const isCurrent = status !== null && isAboutThisEtcd(status, member.etcd.startedAtMs);
  const etcd = isCurrent && status.etcd.state === 'running' ? status.etcd : null;
  return {
    name,
    ordinal,
    role: status === null ? roleByOthers(member, statuses) : roleOf(seenMemberOf(member)),
    address,
    peerUrl,
    clientUrl,
    agentUrl,
    pids: { agent: member.agent.pid, etcd: member.etcd.pid },
    restarts: { agent: member.agent.restarts, etcd: member.etcd.restarts },
    podUid,
    volume,
    dataFolder,
    logs: { agent: member.agentLog, etcd: member.etcdLog },
    memberId: etcd?.memberId ?? null,
    version: etcd?.version ?? null,
    raftIndex: etcd?.raftIndex ?? null,
    stage: status?.decision.stage ?? null,
    decision: status?.decision.kind ?? null,
    reason: status?.decision.reason ?? null,
    message: status?.decision.message ?? null,
    silent: word.kind === 'silent' ? word.why : null,
  };
}

/** A member whose agent is silent may well serve: what the others' member lists say of it. */
function roleByOthers(member: MemberSnapshot, statuses: readonly AgentStatus[]): MemberRole {
  if (member.etcd.pid === null) {
    return 'down';
  }
  if (member.isDeleting) {
    return 'leaving';
  }
  const listed = statuses.flatMap(({ members }) => members).find(({ peerUrl }) => peerUrl === member.peerUrl);
  switch (listed?.role) {
    case 'Leader':
      return 'leader';
    case 'Voter':
      return 'voter';
    case 'Learner':
      return 'learner';
    case 'Unstarted':
      return 'starting';
    default:
      return 'unknown';
  }
}

function seenMemberOf({ ordinal, podUid, isDeleting, agent, etcd, word }: MemberSnapshot): SeenMember {
  return {
    ordinal,
    podUid,
    isDeleting,
    agentPid: agent.pid,
    etcdPid: etcd.pid,
    etcdStartedAtMs: etcd.startedAtMs,
    etcdServesSinceMs: null,
    status: word.kind === 'answers' ? word.status : null,
    isStatusCurrent: word.kind === 'answers',
  };
}
