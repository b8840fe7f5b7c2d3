import type { EtcdClusterStatus, MemberStatus } from '../../api/etcd-cluster.ts';
import type { Condition } from '../../api/kubernetes.ts';
import { timestampOf } from './conditions.ts';

/** What is to be done about a status that was computed anew. */
export type StatusChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'write'; readonly status: EtcdClusterStatus }
  /** Worth a write then, if it is still so. */
  | { readonly kind: 'later'; readonly afterMs: number };

/** Sentences that count something change with each look of an agent; within a second nobody reads them twice. */
export const TEXT_MS_MIN = 2_000;
/** Figures of a cluster that is written to change all the time. */
export const FIGURES_MS_MIN = 300_000;

/**
 * Whether `after` is worth writing over `before`, the status as the API server has it. Fields and conditions of
 * other writers are not looked at. When agents were last heard is no change by itself, so a quiet cluster costs
 * nothing and a busy one that is settled a write in five minutes.
 */
export function statusChange(
  before: EtcdClusterStatus | undefined,
  after: EtcdClusterStatus,
  nowMs: number,
): StatusChange {
  const isSame = (view: (status: EtcdClusterStatus) => unknown): boolean =>
    before !== undefined && canonical(view(ownPart(before, after))) === canonical(view(after));
  if (!isSame(withoutTexts)) {
    return write(after, nowMs);
  }
  const sinceMs = Math.max(0, nowMs - writtenAtMs(before));
  const waitMs = isSame(withoutFigures) ? (isSame(figuresOf) ? undefined : FIGURES_MS_MIN) : TEXT_MS_MIN;
  if (waitMs === undefined) {
    return { kind: 'none' };
  }
  return sinceMs >= waitMs ? write(after, nowMs) : { kind: 'later', afterMs: waitMs - sinceMs };
}

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
