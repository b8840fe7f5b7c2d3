/** What a tour found, as `--json` writes it; seconds and milliseconds are as measured, rounded. */
import type { CallCounts } from './membership-call-count.ts';

export type StepReport = {
  /** As the person wrote it, such as `scale:5`. */
  readonly step: string;
  /** From the order to the moment the cluster was whole and a write begun afterwards was acknowledged. */
  readonly seconds: number;
  /** Between two acknowledged writes; after a hibernation from the moment the cluster was wanted again. */
  readonly longestWriteGapMs: number;
  /** Whether writing was paused on purpose because the cluster was to have no members. */
  readonly writerPaused: boolean;
  readonly memberCalls: number;
  readonly memberCallsByKind: CallCounts;
  /** When the last of them was made, such as the last promotion; null when there was none. */
  readonly lastMemberCallSeconds: number | null;
  /** Those that serve at the end of the step. */
  readonly voters: number;
  /** Hexadecimal, as last proven: a cluster that hibernates keeps its own. Null when it never was. */
  readonly clusterId: string | null;
  /** What was waited before the step, because etcd refuses membership changes on young connections. */
  readonly settledSeconds: number;
  /** Of the kubelet's, before restarts within this step. */
  readonly backOffSeconds: number;
  /** Why the step did not end as it should; null when it did. */
  readonly problem: string | null;
};

export type TourReport = {
  /** Whether everything held. */
  readonly ok: boolean;
  readonly acknowledged: number;
  /** Writes without an answer, which may or may not have been carried out. */
  readonly unanswered: number;
  /** Acknowledged writes that could not be read back; null when reading back was not possible. */
  readonly lost: number | null;
  readonly hashkvEqual: boolean;
  /** All that were seen in answers to clients, on peer ports and at agents. */
  readonly clusterIds: readonly string[];
  readonly etcdVersion: string;
  /** Resident memory of each agent at the end, lowest ordinal first. */
  readonly agentRssBytes: readonly number[];
  /** Between two acknowledged writes, hibernation aside. */
  readonly longestWriteGapMs: number;
  /** From the moment a hibernating cluster was wanted again to its first acknowledged write; 0 without one. */
  readonly longestWakeMs: number;
  readonly seconds: number;
  readonly size: number;
  readonly seed: number;
  readonly steps: readonly StepReport[];
  /** One sentence for each thing that did not hold. */
  readonly problems: readonly string[];
};
