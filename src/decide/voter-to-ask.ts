/**
 * Which voter is asked to change the member list. etcd lets the one that is asked agree by the age of its own
 * connections (`mayAddMember`, `mayRemoveMember`, 3.5–3.7), and a leader may hold a peer for inactive whose streams
 * are all up: a message that it posted before that peer restarted fails late, and nothing but a new stream makes the
 * peer active again (etcd-io/etcd#14523). Every voter can propose the change, and is as strict about its own
 * connections.
 */
import { type EtcdId, votersOf } from '../model/member.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { PATIENCE_MS } from './patience.ts';
import type { Quorum } from './quorum.ts';

export type VoterToAsk = {
  readonly id: EtcdId;
  readonly clientUrl: string;
  /** Whether the leader had its time to agree, and there are others who are asked, too. */
  readonly isPastLeader: boolean;
};

/**
 * The leader, and once it has been asked in vain for long every voter that answers and of which `mayAsk` holds, in turn.
 * Who leaves must not ask itself: of two that stay and do not reach each other, it may reach both.
 */
export function voterToAsk(
  { members, leader }: Quorum,
  askedMs: number,
  mayAsk: (voter: ContactedMember) => boolean,
): VoterToAsk {
  const pastMs = askedMs - PATIENCE_MS.leaderAgrees;
  const others = votersOf(members).flatMap((voter) => {
    const [clientUrl] = voter.clientUrls;
    const isOther = voter.id !== leader.id && voter.contact.kind === 'answers' && mayAsk(voter);
    return isOther && clientUrl !== undefined ? [{ id: voter.id, clientUrl }] : [];
  });
  const first = { id: leader.id, clientUrl: leader.clientUrl };
  if (pastMs < 0 || others.length === 0) {
    return { ...first, isPastLeader: false };
  }
  const turns = [...others, first];
  return {
    ...(turns[Math.floor(pastMs / PATIENCE_MS.voterAgrees) % turns.length] ?? first),
    isPastLeader: true,
  };
}
