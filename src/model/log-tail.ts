/**
 * What etcd replays when it starts: the entries of its write-ahead log after the newest snapshot. etcd 3.5 keeps
 * some of its own requests there in the form of etcd 2 (`etcdserverpb.Request`), which 3.6 still converts
 * and 3.7 panics on.
 */
export type LogTail =
  /** Nobody looked, since nothing depends on it. */
  | { readonly kind: 'unread' }
  /** It could not be read as etcd would: never "nothing old in it". */
  | { readonly kind: 'unknown'; readonly why: string }
  | {
      readonly kind: 'read';
      /** How many entries there are after the snapshot. */
      readonly entries: bigint;
      /** Raft index of the last one, or of the snapshot where there is none. */
      readonly lastIndex: bigint;
      /** Raft index of the last request of etcd 2 among them; null where there is none. */
      readonly lastV2Index: bigint | null;
    };

/** The minor of etcd that converts requests of etcd 2 in its log, and the first that dies of them. */
export const CONVERTS_MINOR = 6;
export const UNREADABLE_SINCE_MINOR = 7;
