import type { EtcdId, Member } from './member.ts';

/** How a listed member's peer port behaves, dialled from here. */
export type PeerContact =
  /** It answers `GET /version`; `etcdVersion` is what it says. */
  | { readonly kind: 'answers'; readonly etcdVersion: string }
  /** Connection refused: the address lives, etcd does not. Never delays a joiner. */
  | { readonly kind: 'refuses' }
  /** It accepts or drops and says nothing: a joiner would hang on it for 7 s, on 3.5 for ever. */
  | { readonly kind: 'silent' }
  /** Its name has no address: a joiner would hang on it for 30 s. */
  | { readonly kind: 'unresolved' }
  /** Its name leads to somebody else: to me, to another member, or to another cluster (F34, F35). */
  | { readonly kind: 'misdirected'; readonly why: string };

/** A member of the list together with how its peer port behaves. */
export type ContactedMember = Member & { readonly contact: PeerContact };

/** The leader, as the member that answered for it says. */
export type LeaderWord = {
  readonly id: EtcdId;
  readonly clientUrl: string;
  readonly raftIndex: bigint;
  readonly raftTerm: bigint;
};

/**
 * What the voters say about the membership. Only a linearizable list proves that somebody is *not* a
 * member; a local list may be stale, silence proves nothing.
 */
export type VotersWord =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'silent'; readonly why: string }
  /** Answers bear another cluster ID than the formation record's: not our cluster (F35). */
  | { readonly kind: 'foreign'; readonly clusterId: EtcdId; readonly from: string }
  /** Somebody answers, but no quorum confirms it. */
  | {
      readonly kind: 'local-list';
      readonly clusterId: EtcdId;
      readonly members: readonly ContactedMember[];
      readonly why: string;
    }
  | {
      readonly kind: 'linearizable';
      readonly clusterId: EtcdId;
      readonly members: readonly ContactedMember[];
      /** Null in the moment between two leaders. */
      readonly leader: LeaderWord | null;
      readonly observedAtMs: number;
    };
