import type { Decision } from '../model/decision.ts';
import type { EtcdStatus } from '../model/local-etcd.ts';
import { votersOf } from '../model/member.ts';
import type { MemberView } from '../model/member-view.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { wait } from './because.ts';
import type { Quorum } from './quorum.ts';

/** How etcd spells the alarm in a member's `errors` (3.5–3.7). */
const ALARM_NOSPACE = 'NOSPACE';
/** Defragmenting stands the member still, so it must give back at least this share of its database. */
const RECLAIM_SHARE_MIN = 0.1;
/** The alarm is lifted once every database is this far below its quota; nearer, it would come right back. */
const QUOTA_SHARE_MAX = 0.9;

/** Whether this member's etcd says that the backend quota is exhausted. */
export function isSpaceExhausted(status: EtcdStatus): boolean {
  return status.errors.some((error) => error.includes(ALARM_NOSPACE));
}

/**
 * NOSPACE: give back what compaction already freed, one voter at a time, followers first and the leader
 * last, then lift the alarm. History is never compacted here: how much of it to keep is the user's word.
 */
export function decideSpace(view: MemberView, word: Quorum, status: EtcdStatus): Decision | undefined {
  if (!isSpaceExhausted(status)) {
    return undefined;
  }
  const voters = votersOf(word.members);
  const known = voters.flatMap((voter) => {
    const said = view.voterStatuses.get(voter.id);
    return said === undefined ? [] : [{ voter, said }];
  });
  if (known.length < voters.length) {
    return exhausted(status, 'not every voter says how full it is');
  }
  const wasteful = known.filter(({ said }) => isWorthDefragmenting(said)).map(({ voter }) => voter);
  const follower = wasteful.find((voter) => voter.id !== status.memberId);
  if (follower !== undefined) {
    return defragment(follower);
  }
  if (wasteful.length > 0) {
    return leaderLast(voters, status, word);
  }
  return known.every(({ said }) => said.dbSizeBytes < view.self.quotaBytes * QUOTA_SHARE_MAX)
    ? {
        kind: 'disarm-space-alarm',
        stage: 'serving',
        reason: 'SpaceReclaimed',
        message: 'Every database is well below its quota again; lifting the NOSPACE alarm.',
      }
    : exhausted(status, 'nothing is left to defragment');
}

function leaderLast(voters: readonly ContactedMember[], status: EtcdStatus, word: Quorum): Decision {
  const self = voters.find((voter) => voter.id === status.memberId);
  const successor = voters.find((voter) => voter.id !== status.memberId);
  if (successor === undefined || self === undefined) {
    return self === undefined ? exhausted(status, 'this member is not listed') : defragment(self);
  }
  return {
    kind: 'hand-over',
    stage: 'serving',
    reason: 'SpaceExhausted',
    message: `The followers are defragmented; handing leadership to ${successor.id} so that this member can be.`,
    target: successor.id,
    leaderUrl: word.leader.clientUrl,
  };
}

function defragment(voter: ContactedMember): Decision {
  return {
    kind: 'defragment',
    stage: 'serving',
    reason: 'SpaceExhausted',
    message: `etcd raised NOSPACE; defragmenting ${voter.name}, which holds space that compaction freed.`,
    clientUrl: voter.clientUrls[0] ?? '',
  };
}

function exhausted(status: EtcdStatus, why: string): Decision {
  return wait(
    'serving',
    'SpaceExhausted',
    `etcd raised NOSPACE at ${status.dbSizeBytes} bytes (${status.dbSizeInUseBytes} in use) and ${why}; writes are refused. Delete keys and compact, or raise the quota.`,
  );
}

function isWorthDefragmenting(status: EtcdStatus): boolean {
  return status.dbSizeBytes - status.dbSizeInUseBytes >= status.dbSizeBytes * RECLAIM_SHARE_MIN;
}
