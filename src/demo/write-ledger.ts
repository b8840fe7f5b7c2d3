/**
 * The books of the continuous writer: what was acknowledged, what stayed without an answer, and the pauses
 * between acknowledgements. Instants are milliseconds of one monotonic clock.
 */
import { NumberRanges } from './number-ranges.ts';

export type WriteTotals = {
  readonly acknowledged: number;
  /** Neither acknowledged nor refused: they may or may not have been carried out. */
  readonly unanswered: number;
  /** The longest pause between two acknowledgements, since the last `beginStep` and in all. */
  readonly longestGapInStepMs: number;
  readonly longestGapMs: number;
  /** The longest time from the moment writing was wanted again to the first acknowledgement. */
  readonly longestWakeMs: number;
  /** How long the pause now under way is; 0 while nothing is being written. */
  readonly openGapMs: number;
  readonly writesPerSecond: number;
  /** Acknowledgements in each past `BUCKET_MS`, oldest first; the one under way is left out. */
  readonly history: readonly number[];
};

/** Wide enough to be even at two hundred writes a second, narrow enough to show half a second of silence. */
export const BUCKET_MS = 250;

/** What a wide terminal has room for. */
const BUCKETS_MAX = 120;

/** The rate is that of the last second. */
const RATE_BUCKETS = 1000 / BUCKET_MS;

export class WriteLedger {
  readonly #acknowledged = new NumberRanges();
  readonly #clusterIds = new Set<string>();
  readonly #buckets: number[] = [0];
  #bucketEndsAtMs: number;
  #unanswered = 0;
  /** When the last acknowledgement came or the writer was told to go on; undefined while none is due. */
  #gapSinceMs: number | undefined;
  #longestGapInStepMs = 0;
  #longestGapMs = 0;
  #longestWakeMs = 0;
  #isWaking = false;

  constructor(nowMs: number) {
    this.#bucketEndsAtMs = nowMs + BUCKET_MS;
  }

  /** The numbers of the writes that must never be lost from now on. */
  get acknowledged(): NumberRanges {
    return this.#acknowledged;
  }

  /** The cluster IDs in the headers of all acknowledgements. */
  get clusterIds(): ReadonlySet<string> {
    return this.#clusterIds;
  }

  /** The write of `number` was acknowledged; gives the gap that this ended. */
  noteAcknowledged(number: number, clusterId: string, nowMs: number): number {
    this.#acknowledged.add(number);
    this.#clusterIds.add(clusterId);
    this.#turnBuckets(nowMs);
    this.#buckets[this.#buckets.length - 1] = (this.#buckets.at(-1) ?? 0) + 1;
    const gapMs = this.#gapSinceMs === undefined ? 0 : nowMs - this.#gapSinceMs;
    this.#gapSinceMs = nowMs;
    this.#longestGapInStepMs = Math.max(this.#longestGapInStepMs, gapMs);
    if (this.#isWaking) {
      this.#longestWakeMs = Math.max(this.#longestWakeMs, gapMs);
    } else {
      this.#longestGapMs = Math.max(this.#longestGapMs, gapMs);
    }
    this.#isWaking = false;
    return gapMs;
  }

  noteUnanswered(): void {
    this.#unanswered += 1;
  }

  /** Nothing is written from now on, on purpose, so no gap grows. */
  notePaused(): void {
    this.#isWaking = false;
    this.#gapSinceMs = undefined;
  }

  /** Writing is wanted again: the gap counts from here, although no member may be up yet. */
  noteResumed(nowMs: number): void {
    this.#isWaking = true;
    this.#gapSinceMs = nowMs;
  }

  beginStep(): void {
    this.#longestGapInStepMs = 0;
  }

  totals(nowMs: number): WriteTotals {
    this.#turnBuckets(nowMs);
    const history = this.#buckets.slice(0, -1);
    return {
      acknowledged: this.#acknowledged.total,
      unanswered: this.#unanswered,
      longestGapInStepMs: this.#longestGapInStepMs,
      longestGapMs: this.#longestGapMs,
      longestWakeMs: this.#longestWakeMs,
      openGapMs: this.#gapSinceMs === undefined ? 0 : nowMs - this.#gapSinceMs,
      writesPerSecond: history.slice(-RATE_BUCKETS).reduce((sum, count) => sum + count, 0),
      history,
    };
  }

  #turnBuckets(nowMs: number): void {
    // A process that was stopped for an hour need not fill in every bucket of it.
    const missed = Math.floor((nowMs - this.#bucketEndsAtMs) / BUCKET_MS) + 1;
    for (let turn = 0; turn < Math.min(missed, BUCKETS_MAX); turn++) {
      this.#buckets.push(0);
    }
    this.#bucketEndsAtMs += Math.max(0, missed) * BUCKET_MS;
    this.#buckets.splice(0, this.#buckets.length - BUCKETS_MAX - 1);
  }
}
