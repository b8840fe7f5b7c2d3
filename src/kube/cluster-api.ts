/**
 * The three things the agent asks Kubernetes, in our words. It watches nothing and, once its member is
 * settled, asks nothing.
 */
import type { FormationRecord, VersionedRecord } from '../model/formation-record.ts';
import type { Known } from '../model/known.ts';
import type { SiblingPod } from '../model/sibling.ts';

/** What the StatefulSet wants. */
export type WantedSet = { readonly uid: string; readonly replicas: number; readonly deleting: boolean };

/** What became of a compare-and-swap; `unknown` may or may not have been written. */
export type SwapOutcome = 'written' | 'conflict' | 'unknown';

/** Every answer may be missing; a missing answer is never an absent object. */
export type ClusterApi = {
  readWantedSet(signal: AbortSignal): Promise<Known<WantedSet>>;
  readRecord(signal: AbortSignal): Promise<Known<VersionedRecord | 'absent'>>;
  swapRecord(record: FormationRecord, resourceVersion: string, signal: AbortSignal): Promise<SwapOutcome>;
  readPod(podName: string, signal: AbortSignal): Promise<Known<SiblingPod>>;
};
