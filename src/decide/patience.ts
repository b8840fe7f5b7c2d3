/**
 * How long each stage waits for others before it goes on without them, in milliseconds. Going on early
 * is never unsafe (etcd and the confirmation step guard that); it only costs the time named here.
 */
export const PATIENCE_MS = {
  /** A higher ordinal claims the seed only this long after ordinal 0 stayed away, times its ordinal. */
  seedPerOrdinal: 10_000,
  /** An adopted member's own agent corrects its peer URL within seconds; a first start could not dial the old one. */
  peerUrl: 10_000,
  /** A leader whose peers all answer agrees to a change 5 s after the last of them connected (`HealthInterval`). */
  leaderAgrees: 8_000,
  /** Time for two questions: etcd that refuses is asked twice a second. */
  voterAgrees: 1_000,
  /** A lower sibling that wants to register goes first: two adds at once may drop one, which costs 1 s. */
  joinTurn: 1_000,
  /**
   * A sibling that joins does so before this member's etcd compares lists, or that may exit; which costs the 10 s
   * of a container's back-off, so that waiting longer gains nothing.
   */
  change: 10_000,
  /** A first start may hang for 30 s on a name without an address, and a list that changes meanwhile would fail it. */
  start: 30_000,
  /** An agent that is asked in vain on a busy machine is heard within a few looks; one that stands still is not. */
  lateAgent: 3_000,
  /** A lower sibling's etcd starts first: two first starts at once cost each other 7 s on 3.6 and 3.7. */
  startTurn: 3_000,
  /**
   * A listed peer that neither answers nor refuses costs a first start 7 s (silent) or 30 s (unresolved)
   * on 3.6 and 3.7, so waiting longer than this gains nothing. On 3.5 a silent peer hangs it for ever.
   */
  peerNotAnswering: 15_000,
  /** The first promotion shuts the door to further adds for 5 s, so a caught-up learner holds it open. */
  door: 3_000,
  /** A lower learner is promoted first: a second change too soon after the first is dropped by raft. */
  promotionTurn: 1_000,
  /** A registered learner whose Pod exists may pull images and wait for volumes this long. */
  unstartedWithPod: 600_000,
  /** A registered learner whose Pod is gone holds a slot for nobody. */
  unstartedWithoutPod: 30_000,
  /** A voter that served this long has long caught up; set-aside copies are kept at least until then. */
  healthyBeforePruning: 600_000,
  /** Hashes that could not be compared are compared again this much later. */
  hashRetry: 30_000,
} as const;

/**
 * A learner is promoted only within this many raft entries of the leader. etcd itself accepts 90 % of
 * the leader's index, which at index ten million is a million entries behind (F30).
 */
export const PROMOTION_LAG_MAX = 500n;

/** Copies of this cluster's own data that stay in quarantine for people to look at. */
export const QUARANTINE_KEEP = 2;

/** So many starts in a row that never served, with a quorum alive elsewhere, prove the data unusable (F19). */
export const FAILED_STARTS_MAX = 5;

/**
 * With less than this free on the volume a failed start is put down to that, never to the data (F62): etcd
 * allots its write-ahead log in segments of 64 MiB (`SegmentSizeBytes`, 3.5 to 3.7).
 */
export const FREE_BYTES_MIN = 64 * 1024 * 1024;
