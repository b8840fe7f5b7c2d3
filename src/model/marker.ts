/**
 * The marker: `quorate.json` beside the data directory. It tells "the same volume, still empty" from "a
 * new, empty volume", which is the difference between resuming and a lost disk.
 */
import * as v from 'valibot';
import { etcdIdSchema } from './etcd-id-schema.ts';
import type { EtcdId } from './member.ts';

/** What this volume is meant to become. */
export type MarkerIntent =
  | { readonly kind: 'none' }
  /** Start a new cluster, alone, under this token. */
  | { readonly kind: 'seed'; readonly token: string }
  /** Join; `memberId` is known once the registration was seen in the member list. */
  | { readonly kind: 'join'; readonly memberId: EtcdId | null };

export type Marker = {
  /** Random, made when this volume was first seen empty. */
  readonly volumeId: string;
  /** Null until the formation record was read once. */
  readonly clusterUid: string | null;
  readonly generation: number;
  /** The record's, kept for starts without the API: it must be equal on all members. Null before it was read. */
  readonly maxLearners: number | null;
  /** The cluster this volume's data belongs to; null until it is formed. */
  readonly clusterId: EtcdId | null;
  readonly intent: MarkerIntent;
  /**
   * True from just before etcd was first let start on this volume: from then on the member may have
   * voted, so an empty data directory means lost data, not a fresh start.
   */
  readonly released: boolean;
  /**
   * The minor of etcd for which the log holds nothing too old, and never will again: once noted it is not read
   * through at every start. Absent where that is not known; see `LogTail`.
   */
  readonly logCleanFor?: number;
  /**
   * The member that was removed from the cluster for good, noted once a quorum had said so: its data, should it
   * still lie here, is not started on the strength of a brief look. Says nothing about data of another member.
   */
  readonly removedMember?: EtcdId;
};

const markerSchema = v.object({
  volumeId: v.pipe(v.string(), v.minLength(1)),
  clusterUid: v.nullable(v.string()),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  maxLearners: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  clusterId: v.nullable(etcdIdSchema),
  intent: v.variant('kind', [
    v.object({ kind: v.literal('none') }),
    v.object({ kind: v.literal('seed'), token: v.string() }),
    v.object({ kind: v.literal('join'), memberId: v.nullable(etcdIdSchema) }),
  ]),
  released: v.boolean(),
  logCleanFor: v.exactOptional(v.pipe(v.number(), v.integer())),
  removedMember: v.exactOptional(etcdIdSchema),
});

/** The marker written in `text`, or one clause that says what is wrong with it. */
export function parseMarker(text: string): Marker | { readonly invalid: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { invalid: 'it is not JSON' };
  }
  const parsed = v.safeParse(markerSchema, json);
  return parsed.success
    ? parsed.output
    : { invalid: v.flatten(parsed.issues).root?.[0] ?? v.summarize(parsed.issues) };
}

/** The text that `parseMarker` reads. */
export function formatMarker(marker: Marker): string {
  return `${JSON.stringify(marker, null, 2)}\n`;
}
