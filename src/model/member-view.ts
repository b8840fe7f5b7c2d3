import type { CertificatesFinding } from './certificates.ts';
import type { Stage } from './decision.ts';
import type { EtcdVersion } from './etcd-version.ts';
import type { VersionedRecord } from './formation-record.ts';
import type { Known } from './known.ts';
import type { EtcdStatus, LocalEtcd } from './local-etcd.ts';
import type { LogTail } from './log-tail.ts';
import type { EtcdId } from './member.ts';
import type { ClusterNames } from './naming.ts';
import type { Sibling } from './sibling.ts';
import type { Volume } from './volume.ts';
import type { VotersWord } from './voters-word.ts';

/** Who this agent is; constant for the life of its process. */
export type Self = {
  readonly names: ClusterNames;
  readonly ordinal: number;
  readonly podUid: string;
  /**
   * metadata.uid of the cluster this Pod belongs to, as its template says; undefined where nobody said. It tells
   * the data of an earlier cluster of this name from one's own while the API cannot be asked.
   */
  readonly clusterUid?: string;
  /** The etcd that runs beside this agent. */
  readonly etcdVersion: EtcdVersion;
  /** etcd's backend quota in bytes. */
  readonly quotaBytes: number;
};

/** What the StatefulSet wants, and whether this Pod is still the one it means. */
export type Intent = {
  readonly statefulSetUid: string;
  readonly replicas: number;
  readonly statefulSetDeleting: boolean;
  /** Null when the API has no Pod under this Pod's name. */
  readonly ownPod: { readonly uid: string; readonly deleting: boolean } | null;
};

/** What the agent's own name resolves to, as seen in DNS. */
export type OwnName = 'unasked' | 'published' | 'unpublished' | 'elsewhere';

/** What the last comparison of the voters' hashes said, or that it is under way since `checkedAtMs`. */
export type HashCheck = {
  /** The voters compared, as `membershipKeyOf` spells them; empty when none ever were. */
  readonly membershipKey: string;
  readonly verdict: 'equal' | 'unequal' | 'unknown' | 'under-way';
  readonly checkedAtMs: number;
};

/** The little that is remembered between two views; `remember` alone makes the next one. */
export type History = {
  readonly stage: Stage;
  /** When `stage` was entered, in milliseconds of the view's clock. */
  readonly stageSinceMs: number;
  /** Since when each unstarted learner has been seen so, by ID. */
  readonly unstartedSinceMs: ReadonlyMap<EtcdId, number>;
  readonly hashCheck: HashCheck;
  /** Since when this member has asked to be registered and done nothing else; null when it last did something else. */
  readonly registeringSinceMs: number | null;
};

/** Everything `decide` may know: what one agent saw, and when. It has no clock and asks nobody. */
export type MemberView = {
  /** Milliseconds on a monotonic clock; only differences mean anything. */
  readonly nowMs: number;
  readonly self: Self;
  readonly volume: Volume;
  readonly certificates: CertificatesFinding;
  readonly etcd: LocalEtcd;
  /** What etcd replays, or would replay if it were started; read only where something depends on it. */
  readonly log: LogTail;
  /**
   * The minor of the cluster version that the etcd beside me has applied: no member runs an older one, nor may
   * one join. Null where it was not asked or did not say.
   */
  readonly clusterMinor: number | null;
  readonly intent: Known<Intent>;
  readonly record: Known<VersionedRecord | 'absent'>;
  readonly voters: VotersWord;
  readonly ownName: OwnName;
  /** The other ordinals below the wanted size, plus those above it that are still listed. */
  readonly siblings: readonly Sibling[];
  /** What each voter says of itself; asked by the leader's agent while space is short, else empty. */
  readonly voterStatuses: ReadonlyMap<EtcdId, EtcdStatus>;
  readonly history: History;
};

/** How long the view's stage has lasted; 0 when the last decision was in another stage. */
export function waitedMs(view: MemberView, stage: Stage): number {
  return view.history.stage === stage ? view.nowMs - view.history.stageSinceMs : 0;
}
