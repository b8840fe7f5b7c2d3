import type { LeaveView } from '../../src/decide/leave-verdict.ts';
import type { ContactedMember, VotersWord } from '../../src/model/voters-word.ts';
import { aMember, anIntent, aQuorum, aSelf, NOW_MS, running } from './a-member-view.ts';

/** Half of a grace period of two minutes. */
export const LEAVE_BUDGET_MS = 60_000;

/**
 * Ordinal 2 of a cluster of three whose hook was just called because the cluster is scaled to 2; ordinal
 * 0 leads and all answer.
 */
export function aLeaveView(fields: Partial<LeaveView> = {}): LeaveView {
  return {
    nowMs: NOW_MS,
    calledAtMs: NOW_MS,
    deadlineMs: NOW_MS + LEAVE_BUDGET_MS,
    self: aSelf({ ordinal: 2 }),
    intent: anIntent({ replicas: 2, ownPod: { uid: 'pod-1', deleting: true } }),
    etcd: running({ memberId: aMember(2).id }),
    voters: aQuorum([aMember(0), aMember(1), aMember(2)]),
    raftIndexes: new Map(),
    handedOver: false,
    leavingSinceMs: null,
    ...fields,
  };
}

/** The same quorum under the leader of `ordinal`. */
export function ledBy(ordinal: number, members: readonly ContactedMember[]): VotersWord {
  const { id, clientUrls } = aMember(ordinal);
  return aQuorum(members, {
    leader: { id, clientUrl: clientUrls[0] ?? '', raftIndex: 100n, raftTerm: 2n },
  });
}
