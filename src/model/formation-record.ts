/**
 * The formation record: the one durable word outside all volumes on whether this cluster was ever
 * formed. It lives in the ConfigMap `NAME-formation` under the key `record` and changes only by
 * compare-and-swap on the ConfigMap's resourceVersion.
 *
 *     Unformed ──claim-seed──▶ Forming ──seal──▶ Formed
 *        │                        ▲ │
 *        │                        └─┘ the seed lost its volume: next attempt, new token
 *        └──foreign data found──▶ Blocked ──a human adopts or discards──▶ Formed or Unformed
 *
 * A record that is absent is unknown, never Unformed: whoever creates it writes `Unformed` on purpose.
 */
import * as v from 'valibot';
import { etcdIdSchema } from './etcd-id-schema.ts';
import type { EtcdId } from './member.ts';

/** What every phase of the record knows. */
type RecordBase = {
  /** metadata.uid of the EtcdCluster, or of the StatefulSet where there is none. */
  readonly clusterUid: string;
  /** 1 at first; one more for each restore or declared recovery. */
  readonly generation: number;
  /** etcd's `max-learners`, equal on all members for the cluster's life. */
  readonly maxLearners: number;
};

/** Who may start with `initial-cluster-state: new`, and under which token. */
export type Seed = {
  readonly ordinal: number;
  readonly podUid: string;
  readonly volumeId: string;
  /** 1 for the first claim; one more when a seed's volume was lost before the seal. */
  readonly attempt: number;
};

/** Nothing was ever started under this record. */
export type UnformedRecord = RecordBase & {
  readonly phase: 'Unformed';
  /** A human has said that data found on the volumes may be set aside; whoever claims the seed ends that. */
  readonly discarding?: true;
};
/** One member may start with `new`; nothing was promised to anybody yet. */
export type FormingRecord = RecordBase & { readonly phase: 'Forming'; readonly seed: Seed };
/** The cluster exists, for good. */
export type FormedRecord = RecordBase & { readonly phase: 'Formed'; readonly clusterId: EtcdId };
/** A volume held data nobody expected; a human decides. */
export type BlockedRecord = RecordBase & {
  readonly phase: 'Blocked';
  readonly reason: 'ForeignData';
  readonly message: string;
};

export type FormationRecord = UnformedRecord | FormingRecord | FormedRecord | BlockedRecord;

/** A record as read from the API, with the version a compare-and-swap needs. */
export type VersionedRecord = { readonly record: FormationRecord; readonly resourceVersion: string };

/**
 * etcd's `initial-cluster-token`. It holds UID, generation and attempt, because equal names under an
 * equal token give the equal cluster ID, so an old incarnation could mix with a new one (F18, F73).
 */
export function tokenOf(record: FormationRecord, attempt: number): string {
  return `${record.clusterUid}-g${record.generation}-a${attempt}`;
}

const baseEntries = {
  clusterUid: v.pipe(v.string(), v.minLength(1)),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  maxLearners: v.pipe(v.number(), v.integer(), v.minValue(1)),
};

const recordSchema = v.variant('phase', [
  v.object({
    ...baseEntries,
    phase: v.literal('Unformed'),
    discarding: v.exactOptional(v.literal(true)),
  }),
  v.object({
    ...baseEntries,
    phase: v.literal('Forming'),
    seed: v.object({
      ordinal: v.pipe(v.number(), v.integer(), v.minValue(0)),
      podUid: v.string(),
      volumeId: v.string(),
      attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
    }),
  }),
  v.object({ ...baseEntries, phase: v.literal('Formed'), clusterId: etcdIdSchema }),
  v.object({
    ...baseEntries,
    phase: v.literal('Blocked'),
    reason: v.literal('ForeignData'),
    message: v.string(),
  }),
]);

/** The record written in `text`, or one clause that says what is wrong with it. */
export function parseFormationRecord(text: string): FormationRecord | { readonly invalid: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { invalid: 'it is not JSON' };
  }
  const parsed = v.safeParse(recordSchema, json);
  return parsed.success ? parsed.output : { invalid: describeIssue(parsed.issues[0]) };
}

/** The text that `parseFormationRecord` reads. */
export function formatFormationRecord(record: FormationRecord): string {
  return JSON.stringify(record);
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? 'record'}: ${issue.message}`;
}
