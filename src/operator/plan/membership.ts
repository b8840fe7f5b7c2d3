/** Who is a member: etcd's own list, as the member tells it that should know best. */
import type { MemberRole, MemberStatus } from '../../api/cluster-status.ts';
import type { AgentStatus, AgentStatusMember } from '../../model/agent-status.ts';
import { ordinalOfPodName } from '../../model/naming.ts';
import { clusterIdOf } from './formation.ts';
import { freshStatus, lastStatus, raftNumber, saysItServes } from './member-health.ts';
import type { ObservedCluster } from './observed-cluster.ts';

export type ListedMember = {
  /** Name of its Pod, or what it calls itself. */
  readonly name: string;
  /** Undefined for a member that is none of this set's. */
  readonly ordinal: number | undefined;
  readonly id: string;
  readonly peerURL: string;
  readonly clientURL: string;
  /** Undefined where the list that was remembered does not say. */
  readonly role: MemberRole | undefined;
};

export type Membership = {
  readonly members: readonly ListedMember[];
  /**
   * Who says so: a voter that serves now; an agent that does not serve, or is not heard any more; the status
   * that was written last; or nobody.
   */
  readonly source: 'voter' | 'word' | 'status' | 'nobody';
};

/** The members as they were last listed; hibernation and a silent cluster keep what status remembers. */
export function membershipOf(observed: ObservedCluster): Membership {
  const word = bestWord(observed);
  if (word !== undefined) {
    return {
      members: word.status.members.map((member) => ofWord(observed, member)),
      source: word.serves ? 'voter' : 'word',
    };
  }
  const members = rememberedRows(observed).flatMap((row) => ofStatus(observed, row));
  return { members, source: members.length > 0 ? 'status' : 'nobody' };
}

/** Whether the member votes, as far as its role tells; what never started may be a voter, too. */
export function mayVote({ role }: ListedMember): boolean {
  return role !== 'Learner';
}

/** Rows that status had of this same cluster; another incarnation's say nothing. */
export function rememberedRows(observed: ObservedCluster): readonly MemberStatus[] {
  const { status } = observed.cluster;
  return status?.clusterID !== undefined && status.clusterID === clusterIdOf(observed)
    ? (status.members ?? [])
    : [];
}

type Word = {
  readonly status: AgentStatus;
  readonly serves: boolean;
  /** What it has applied of the raft log, if it serves. */
  readonly applied: bigint;
  readonly heardAtMs: number;
};

/**
 * Among voters that serve, the one that has applied most knows the newest list. Others only repeat what they
 * saw; the latest of them counts.
 */
function bestWord(observed: ObservedCluster): Word | undefined {
  const words = observed.pods.flatMap((pod): readonly Word[] => {
    const status = lastStatus(pod);
    if (status === undefined || status.members.length === 0 || pod.agent.kind !== 'heard') {
      return [];
    }
    const serves = freshStatus(observed, pod) !== undefined && saysItServes(observed, status);
    const applied = serves ? (raftNumber(status.etcd.raftAppliedIndex) ?? 0n) : 0n;
    return [{ status, serves, applied, heardAtMs: pod.agent.heardAtMs }];
  });
  return words.toSorted(
    (a, b) =>
      Number(b.serves) - Number(a.serves) ||
      Number(b.applied > a.applied) - Number(b.applied < a.applied) ||
      b.heardAtMs - a.heardAtMs,
  )[0];
}

function ofWord(observed: ObservedCluster, member: AgentStatusMember): ListedMember {
  const name = member.name === '' ? nameOfUnstarted(member) : member.name;
  return {
    name,
    ordinal: ordinalOfPodName(observed.cluster.metadata.name, name),
    id: member.id,
    peerURL: member.peerUrl,
    clientURL: member.clientUrl,
    role: member.role,
  };
}

function ofStatus(observed: ObservedCluster, row: MemberStatus): readonly ListedMember[] {
  return row.id === undefined
    ? []
    : [
        {
          name: row.name,
          ordinal: ordinalOfPodName(observed.cluster.metadata.name, row.name),
          id: row.id,
          peerURL: row.peerURL ?? '',
          clientURL: row.clientURL ?? '',
          role: row.role,
        },
      ];
}

/** A member that never started has no name yet; in Kubernetes its host begins with its Pod's name. */
function nameOfUnstarted({ id, peerUrl }: AgentStatusMember): string {
  const label = URL.parse(peerUrl)?.hostname.split('.')[0] ?? '';
  return /^[a-z]/.test(label) ? label : id;
}
