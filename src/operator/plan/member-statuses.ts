/** `status.members`: what the members and the leader say of them, with the age of each word. */
import type { MemberStatus } from '../../api/cluster-status.ts';
import type { AgentStatus } from '../../model/agent-status.ts';
import { shortened } from './conditions.ts';
import {
  freshStatus,
  isMember,
  isSilent,
  lastStatus,
  leaderIdOf,
  raftNumber,
  servesClients,
} from './member-health.ts';
import { type ListedMember, membershipOf, rememberedRows } from './membership.ts';
import type { ObservedCluster, ObservedPod } from './observed-cluster.ts';

/**
 * Two words further apart say nothing of how far one member is behind the other: agents are heard at least
 * every 30 s, each in its own time.
 */
const COMPARABLE_MS_MAX = 2_000;

/** What every row is made with. */
type Context = {
  readonly observed: ObservedCluster;
  readonly leaderId: string | undefined;
  readonly leader: ObservedPod | undefined;
  readonly before: ReadonlyMap<string, MemberStatus>;
};

/** One row for each Pod and for each member that is listed without one, by name. */
export function memberStatuses(observed: ObservedCluster): readonly MemberStatus[] {
  const leaderId = leaderIdOf(observed) ?? leaderBefore(observed);
  const leader = observed.pods.find((pod) => isMember(observed, pod, leaderId));
  const before = new Map(rememberedRows(observed).map((row) => [row.name, row]));
  const context: Context = { observed, leaderId, leader, before };
  const rows = new Map<string, MemberStatus>();
  for (const member of membershipOf(observed).members) {
    // Two of one name cannot both be its Pod, and names are keys of the list.
    const name = rows.has(member.name) ? member.id : member.name;
    rows.set(name, ofListed(context, name, member));
  }
  for (const pod of observed.pods) {
    const listed = rows.get(pod.name);
    rows.set(pod.name, { ...listed, ...ofPod(context, pod, listed) });
  }
  return [...rows.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Who leads, as far as anybody says; while nobody was asked yet, as status had it. */
export function leaderOf(observed: ObservedCluster): { readonly id?: string; readonly name?: string } {
  const id = leaderIdOf(observed) ?? leaderBefore(observed);
  const name =
    observed.pods.find((pod) => isMember(observed, pod, id))?.name ??
    membershipOf(observed).members.find((member) => member.id === id)?.name;
  return { ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) };
}

/** An operator that has just started knows nothing, and that is no news of the cluster. */
function leaderBefore(observed: ObservedCluster): string | undefined {
  const { leaderID } = observed.cluster.status ?? {};
  const row = rememberedRows(observed).find(({ id }) => id === leaderID);
  const pod = observed.pods.find(({ name }) => name === row?.name);
  return pod !== undefined && isUnasked(observed, pod) ? leaderID : undefined;
}

/** Its member serves, and nobody has had the time to ask its agent. */
function isUnasked(observed: ObservedCluster, pod: ObservedPod): boolean {
  return pod.agent.kind === 'never' && !isSilent(observed, pod) && servesClients(observed, pod);
}

function ofListed({ leaderId, before }: Context, name: string, member: ListedMember): MemberStatus {
  const { id, peerURL, clientURL } = member;
  const role = id === leaderId ? 'Leader' : member.role === 'Leader' ? 'Voter' : member.role;
  const last = before.get(name);
  return {
    name,
    id,
    peerURL,
    clientURL,
    ...(role === undefined ? {} : { role }),
    ready: false,
    ...(last?.id === id ? lastWordOf(last) : {}),
  };
}

/** What stays true of a member that nobody hears: what it ran, and when it was heard last. */
function lastWordOf({ version, observedAt }: MemberStatus): Partial<MemberStatus> {
  return {
    ...(version === undefined ? {} : { version }),
    ...(observedAt === undefined ? {} : { observedAt }),
  };
}

function ofPod(context: Context, pod: ObservedPod, listed: MemberStatus | undefined): MemberStatus {
  const { observed, before } = context;
  const ready = servesClients(observed, pod);
  const { trouble } = pod;
  const why =
    trouble === undefined || ready ? {} : { reason: trouble.reason, message: shortened(trouble.message) };
  const status = lastStatus(pod);
  if (status === undefined) {
    const last = isUnasked(observed, pod) ? before.get(pod.name) : undefined;
    return { ...(last === undefined ? {} : withoutRole(last)), name: pod.name, ready, ...why };
  }
  return {
    name: pod.name,
    peerURL: status.peerUrl,
    clientURL: status.clientUrl,
    ready,
    observedAt: status.observedAt,
    reason: status.decision.reason,
    message: shortened(status.decision.message),
    ...why,
    ...ofEtcd(context, pod, status, listed),
  };
}

/** Who is what by now, the list says. */
function withoutRole({ role: _, ...row }: MemberStatus): MemberStatus {
  return row;
}

/** Of an old word only the figures count, which are dated: who is what by now, the list says. */
function ofEtcd(
  context: Context,
  pod: ObservedPod,
  { etcd }: AgentStatus,
  listed: MemberStatus | undefined,
): Partial<MemberStatus> {
  if (etcd.memberId === null || etcd.state !== 'running') {
    return {};
  }
  const isFresh = freshStatus(context.observed, pod) !== undefined;
  const lagEntries = lagOf(context, pod);
  return {
    ...(isFresh || listed === undefined ? { id: etcd.memberId } : {}),
    ...(isFresh ? { role: roleOf(context, etcd) } : {}),
    version: etcd.version,
    dbSizeBytes: etcd.dbSizeBytes,
    raftIndex: etcd.raftIndex,
    ...(lagEntries === undefined ? {} : { lagEntries }),
  };
}

function roleOf({ leaderId }: Context, etcd: AgentStatus['etcd']): 'Leader' | 'Learner' | 'Voter' {
  if (etcd.memberId === leaderId) {
    return 'Leader';
  }
  return etcd.isLearner ? 'Learner' : 'Voter';
}

/** Entries behind the leader; undefined where the two words are not of the same time. */
function lagOf({ observed, leader }: Context, pod: ObservedPod): number | undefined {
  if (leader?.agent.kind !== 'heard' || pod.agent.kind !== 'heard') {
    return undefined;
  }
  const [ahead, behind] = [leader, pod].map((each) =>
    raftNumber(freshStatus(observed, each)?.etcd.raftIndex ?? ''),
  );
  const isComparable = Math.abs(leader.agent.heardAtMs - pod.agent.heardAtMs) <= COMPARABLE_MS_MAX;
  if (ahead === undefined || behind === undefined || (!isComparable && ahead !== behind)) {
    return undefined;
  }
  return ahead > behind ? Number(ahead - behind) : 0;
}
