/**
 * etcd's membership in our words. Every call names the member it goes to, has a deadline, and is made
 * once: a call without an answer is `unknown`, and whoever made it lists again before deciding again.
 */
import type { EtcdStatus } from '../model/local-etcd.ts';
import type { EtcdId, Member } from '../model/member.ts';

/** A member list and whose it is. */
export type MemberList = { readonly clusterId: EtcdId; readonly members: readonly Member[] };

/** An answer, or why there is none. */
export type Answer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Refusals etcd gives for good reasons; all but `other` are expected now and then.
 * Texts: etcd 3.5–3.7, `server/etcdserver/errors`.
 */
export const REFUSALS = [
  'unhealthy-cluster',
  'learner-not-ready',
  'not-a-learner',
  'too-many-learners',
  'already-listed',
  'not-found',
  'not-enough-started',
  'not-leader',
  'bad-transferee',
  'learner-cannot',
  'permission-denied',
  /** Nobody listens there: a member opens its client port up to 7 s after it may lead. */
  'not-reached',
  'other',
] as const;

export type Refusal = (typeof REFUSALS)[number];

/** What became of a change of the membership. `unknown` may or may not have been applied. */
export type ChangeOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly text: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Reads and changes the membership through the member whose client URL is given. */
export type MemberApi = {
  /**
   * `linearizable` asks a quorum; without it the member answers what it has, which may be stale. With authentication
   * on, who shows no name is refused since 3.5.28 and 3.6.9 (GHSA-q8m4-xhhv-38mg), and those two patches want the role
   * `root` as well; all else takes that role in every version, other than `status`.
   */
  listMembers(clientUrl: string, linearizable: boolean, signal: AbortSignal): Promise<Answer<MemberList>>;
  addLearner(clientUrl: string, peerUrl: string, signal: AbortSignal): Promise<ChangeOutcome>;
  promote(clientUrl: string, memberId: EtcdId, signal: AbortSignal): Promise<ChangeOutcome>;
  remove(clientUrl: string, memberId: EtcdId, signal: AbortSignal): Promise<ChangeOutcome>;
  /** Makes `peerUrl` the member's only one; a learner is listed as a voter by that before etcd 3.5.31 and 3.6.12. */
  updatePeerUrl(
    clientUrl: string,
    memberId: EtcdId,
    peerUrl: string,
    signal: AbortSignal,
  ): Promise<ChangeOutcome>;
  moveLeader(leaderUrl: string, target: EtcdId, signal: AbortSignal): Promise<ChangeOutcome>;
};

/** Asks one member about itself; no quorum is needed but for `readLinearizably`. */
export type MaintenanceApi = {
  status(clientUrl: string, signal: AbortSignal): Promise<Answer<EtcdStatus>>;
  /** The hash of all keys up to `revision` (0: the member's own latest) and the revision it is of. */
  hashKv(clientUrl: string, revision: bigint, signal: AbortSignal): Promise<Answer<HashKv>>;
  defragment(clientUrl: string, signal: AbortSignal): Promise<Answer<void>>;
  disarmSpaceAlarm(clientUrl: string, signal: AbortSignal): Promise<Answer<void>>;
};

export type HashKv = { readonly hash: number; readonly revision: bigint; readonly compactRevision: bigint };
