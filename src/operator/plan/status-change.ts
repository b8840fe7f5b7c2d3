import type { EtcdClusterStatus, MemberStatus } from '../../api/cluster-status.ts';
import type { Condition } from '../../api/kubernetes.ts';
import { timestampOf } from './conditions.ts';

/** What is to be done about a status that was computed anew. */
export type StatusChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'write'; readonly status: EtcdClusterStatus }
  /** Worth a write then, if it is still so. */
  | { readonly kind: 'later'; readonly afterMs: number };

/** Members that come and go make a dozen changes a second, which nobody can follow and the API server pays for. */
export const ROWS_MS_MIN = 1_000;
/** Sentences that count something change with each look of an agent; within a second nobody reads them twice. */
export const TEXT_MS_MIN = 2_000;
/** Figures of a cluster that is written to change all the time. */
export const FIGURES_MS_MIN = 300_000;

/**
 * Whether `after` is worth writing over `before`, the status as the API server has it. Fields and conditions of
 * other writers are not looked at. When agents were last heard is no change by itself, so a quiet cluster costs
 * nothing and a busy one that is settled a write in five minutes.
 * @param writtenMs when `before` was written, on the clock of `nowMs`, if that is known to the millisecond
 */
export function statusChange(
  before: EtcdClusterStatus | undefined,
  after: EtcdClusterStatus,
  nowMs: number,
  writtenMs: number = writtenAtMs(before),
): StatusChange {
  const isSame = (view: (status: EtcdClusterStatus) => unknown): boolean =>
    before !== undefined && canonical(view(ownPart(before, after))) === canonical(view(after));
  const [, waitMs] = WAITS.find(([view]) => !isSame(view)) ?? [];
  if (waitMs === undefined) {
    return { kind: 'none' };
  }
  const sinceMs = Math.max(0, nowMs - writtenMs);
  return sinceMs >= waitMs ? write(after, nowMs) : { kind: 'later', afterMs: waitMs - sinceMs };
}

/** How long after the last write a change of which part is worth the next; the first that has changed counts. */
const WAITS: readonly (readonly [view: (status: EtcdClusterStatus) => unknown, waitMs: number])[] = [
  [headlineOf, 0],
  [withoutTexts, ROWS_MS_MIN],
  [withoutFigures, TEXT_MS_MIN],
  [figuresOf, FIGURES_MS_MIN],
];

function write(status: EtcdClusterStatus, nowMs: number): StatusChange {
  return { kind: 'write', status: { ...status, lastUpdateTime: timestampOf(nowMs) } };
}

/** A status that does not say when it was written was written long ago. */
function writtenAtMs(status: EtcdClusterStatus | undefined): number {
  const ms = Date.parse(status?.lastUpdateTime ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

/** What of `before` is ours. */
function ownPart(
  { lastBackupTime: _, lastUpdateTime: __, ...own }: EtcdClusterStatus,
  after: EtcdClusterStatus,
): EtcdClusterStatus {
  const types = new Set(after.conditions?.map(({ type }) => type));
  return own.conditions === undefined
    ? own
    : { ...own, conditions: own.conditions.filter(({ type }) => types.has(type)) };
}

/** What people and programs wait for. */
function headlineOf({
  phase,
  size,
  clusterID,
  version,
  targetVersion,
  generation,
  observedGeneration,
  conditions,
}: EtcdClusterStatus): unknown {
  const verdicts = byType(conditions).map(({ type, status, reason }) =>
    type === 'Progressing' ? { type, status } : { type, status, reason },
  );
  return { phase, size, clusterID, version, targetVersion, generation, observedGeneration, verdicts };
}

function withoutFigures({ members, conditions, ...others }: EtcdClusterStatus): unknown {
  return { ...others, members: byName(members).map(withoutMemberFigures), conditions: byType(conditions) };
}

function withoutTexts({ message: _, members, conditions, ...others }: EtcdClusterStatus): unknown {
  return {
    ...others,
    members: byName(members).map(({ message: __, ...row }) => withoutMemberFigures(row)),
    conditions: byType(conditions).map(({ message: __, ...condition }) => condition),
  };
}

function withoutMemberFigures({
  raftIndex: _,
  lagEntries: __,
  dbSizeBytes: ___,
  observedAt: ____,
  ...row
}: MemberStatus): unknown {
  return row;
}

/** Lags follow from the indexes, and are there only when two words are of the same time. */
function figuresOf({ members }: EtcdClusterStatus): unknown {
  return byName(members).map(({ raftIndex, dbSizeBytes }) => ({ raftIndex, dbSizeBytes }));
}

function byName(members: readonly MemberStatus[] = []): readonly MemberStatus[] {
  return members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function byType(conditions: readonly Condition[] = []): readonly Condition[] {
  return conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

/** The same text for the same JSON, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
