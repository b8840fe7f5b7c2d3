/** All that the live picture shows, as plain data. */
import type { SeenMember } from './member-board.ts';
import { type MemberRole, roleOf } from './member-role.ts';
import type { TimelineEntry } from './timeline.ts';
import type { WriteTotals } from './write-ledger.ts';

export type PictureMember = {
  readonly name: string;
  readonly role: MemberRole;
  readonly raftIndex: string;
  readonly version: string;
  readonly etcdPid: number | null;
  readonly agentPid: number | null;
  /** Such as `wait`; empty while its agent never said anything. */
  readonly decision: string;
  readonly reason: string;
  readonly message: string;
};

export type PictureStep = {
  readonly text: string;
  readonly state: 'pending' | 'settling' | 'running' | 'done' | 'failed';
  /** How long it took, or takes until now; null before it begins. */
  readonly seconds: number | null;
};

export type PictureState = {
  readonly etcdVersion: string;
  readonly replicas: number;
  readonly clusterId: string | null;
  readonly elapsedMs: number;
  /** When the tour began, in milliseconds since the epoch: where the timeline counts from. */
  readonly bornAtMs: number;
  readonly members: readonly PictureMember[];
  readonly steps: readonly PictureStep[];
  readonly writes: WriteTotals & { readonly isPaused: boolean };
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
};

/** A member as the picture shows it. */
export function pictureMemberOf(name: string, member: SeenMember): PictureMember {
  const { status, agentPid, etcdPid } = member;
  const isSilent = agentPid === null && status !== null;
  return {
    name,
    role: roleOf(member),
    raftIndex: etcdPid === null ? '' : (status?.etcd.raftIndex ?? ''),
    version: status?.etcd.version ?? '',
    etcdPid,
    agentPid,
    decision: isSilent ? 'its agent is down' : (status?.decision.kind ?? ''),
    reason: isSilent ? '' : (status?.decision.reason ?? ''),
    message: isSilent ? '' : (status?.decision.message ?? ''),
  };
}
