/**
 * What is known of each member right now, from the supervisor's events and from what the agents say. Pure:
 * a new board for each piece of news.
 */
import type { ClusterEvent } from '../local/cluster-event.ts';
import type { AgentStatus } from '../model/agent-status.ts';

export type SeenMember = {
  readonly ordinal: number;
  readonly podUid: string;
  /** The Pod is being deleted. */
  readonly isDeleting: boolean;
  /** Null while no such process runs. */
  readonly agentPid: number | null;
  readonly etcdPid: number | null;
  /** When it was started, in milliseconds since the epoch; null before the first time. */
  readonly etcdStartedAtMs: number | null;
  /** Since when this etcd process has been seen to serve, in milliseconds since the epoch; null: not yet. */
  readonly etcdServesSinceMs: number | null;
  /** What its agent last said; null when it never said anything. */
  readonly status: AgentStatus | null;
  /** Whether the agent that runs now said it, and still answers. */
  readonly isStatusCurrent: boolean;
};

/** By ordinal, in no particular order. */
export type MemberBoard = ReadonlyMap<number, SeenMember>;

/** The board after something happened. */
export function boardAfter(board: MemberBoard, event: ClusterEvent): MemberBoard {
  switch (event.kind) {
    case 'pod-created':
      return withMember(board, newMember(event.ordinal, event.podUid));
    case 'pod-gone':
      return without(board, event.ordinal, event.podUid);
    case 'pod-deleting':
      return changed(board, event, { isDeleting: true });
    case 'container-started':
      return changed(
        board,
        event,
        event.container === 'agent'
          ? { agentPid: event.pid, isStatusCurrent: false }
          : { etcdPid: event.pid, etcdStartedAtMs: event.atMs, etcdServesSinceMs: null },
      );
    case 'container-exited':
      return changed(
        board,
        event,
        event.container === 'agent' ? { agentPid: null, isStatusCurrent: false } : { etcdPid: null },
      );
    default:
      return board;
  }
}

/** The board after the agent of a Pod said something at `atMs`, or, with null, did not answer. */
export function boardWithStatus(
  board: MemberBoard,
  pod: { readonly ordinal: number; readonly podUid: string },
  status: AgentStatus | null,
  atMs: number,
): MemberBoard {
  if (status === null) {
    return changed(board, pod, { isStatusCurrent: false });
  }
  const member = board.get(pod.ordinal);
  const isRunning =
    status.etcd.state === 'running' && isAboutThisEtcd(status, member?.etcdStartedAtMs ?? null);
  const etcdServesSinceMs = isRunning ? (member?.etcdServesSinceMs ?? atMs) : null;
  return changed(board, pod, { status, isStatusCurrent: true, etcdServesSinceMs });
}

/**
 * Whether `status` was taken after the etcd process began that runs now: agents look once a second, and a
 * restart is faster than that.
 */
export function isAboutThisEtcd(status: AgentStatus, etcdStartedAtMs: number | null): boolean {
  return etcdStartedAtMs === null || Date.parse(status.observedAt) >= etcdStartedAtMs;
}

/** All members of the board, lowest ordinal first. */
export function membersOf(board: MemberBoard): readonly SeenMember[] {
  return [...board.values()].sort((a, b) => a.ordinal - b.ordinal);
}

/**
 * The client URLs of the members that a Service would send clients to: those last seen serving whose Pods
 * are not being deleted. Some may have failed a moment ago.
 */
export function endpointsOf(board: MemberBoard): readonly string[] {
  return membersOf(board).flatMap(({ isDeleting, status }) => {
    const isServing =
      status?.decision.stage === 'serving' && status.etcd.state === 'running' && !status.etcd.isLearner;
    return isServing && !isDeleting ? [status.clientUrl] : [];
  });
}

function newMember(ordinal: number, podUid: string): SeenMember {
  return {
    ordinal,
    podUid,
    isDeleting: false,
    agentPid: null,
    etcdPid: null,
    etcdStartedAtMs: null,
    etcdServesSinceMs: null,
    status: null,
    isStatusCurrent: false,
  };
}

function withMember(board: MemberBoard, member: SeenMember): MemberBoard {
  return new Map(board).set(member.ordinal, member);
}

function without(board: MemberBoard, ordinal: number, podUid: string): MemberBoard {
  if (board.get(ordinal)?.podUid !== podUid) {
    return board;
  }
  const rest = new Map(board);
  rest.delete(ordinal);
  return rest;
}

/** News of a Pod that has been replaced meanwhile changes nothing. */
function changed(
  board: MemberBoard,
  pod: { readonly ordinal: number; readonly podUid: string },
  change: Partial<SeenMember>,
): MemberBoard {
  const member = board.get(pod.ordinal);
  return member?.podUid === pod.podUid ? withMember(board, { ...member, ...change }) : board;
}
