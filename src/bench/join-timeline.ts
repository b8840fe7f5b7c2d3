/** What the new agents of a step did and when: pure. */
import type { TraceEntry } from './cluster-trace.ts';

/** Milliseconds since the step began; null for what was not seen. */
export type JoinTimeline = {
  readonly ordinal: number;
  /** The agent's process was started. */
  readonly execMs: number | null;
  /** It listens. */
  readonly startedMs: number | null;
  /** It has looked around for the first time. */
  readonly firstDecisionMs: number | null;
  /** Its member is listed. */
  readonly registeredMs: number | null;
  /** etcd was given its configuration. */
  readonly admittedMs: number | null;
  /** The agent found that its etcd has caught up. */
  readonly caughtUpMs: number | null;
  /** Its member is a voter. */
  readonly promotedMs: number | null;
};

/** The timelines of `ordinals`, out of what was noted since the step began at `begunMs`. */
export function joinTimelinesOf(
  entries: readonly TraceEntry[],
  ordinals: readonly number[],
  begunMs: number,
): readonly JoinTimeline[] {
  return ordinals.map((ordinal) => {
    const own = lastAgentOf(entries, ordinal);
    const msOf = (isIt: (entry: TraceEntry) => boolean): number | null => {
      const atMs = own.find(isIt)?.atMs;
      return atMs === undefined ? null : atMs - begunMs;
    };
    const decided = (decision: string) => (entry: TraceEntry) =>
      entry.kind === 'decision' && entry.decision === decision;
    const done = (call: string) => (entry: TraceEntry) =>
      entry.kind === 'call' && entry.call === call && entry.outcome === 'done';
    return {
      ordinal,
      execMs: msOf((entry) => entry.kind === 'process'),
      startedMs: msOf((entry) => entry.kind === 'started'),
      firstDecisionMs: msOf((entry) => entry.kind === 'decision'),
      registeredMs: msOf(done('MemberAdd')),
      admittedMs: msOf(decided('start-joined')),
      caughtUpMs: msOf(decided('promote-self')),
      promotedMs: msOf(done('MemberPromote')),
    };
  });
}

/** When the last of the new agents had looked around for the first time; null unless all of them had. */
export function allLookedMs(joins: readonly JoinTimeline[]): number | null {
  let last: number | null = null;
  for (const { firstDecisionMs } of joins) {
    if (firstDecisionMs === null) {
      return null;
    }
    last = Math.max(last ?? 0, firstDecisionMs);
  }
  return last;
}

/** What the agent that runs now did: a lost member's former agent may have said something, too. */
function lastAgentOf(entries: readonly TraceEntry[], ordinal: number): readonly TraceEntry[] {
  const own = entries.filter((entry) => entry.ordinal === ordinal);
  const start = own.findLastIndex((entry) => entry.kind === 'process');
  return own.slice(Math.max(0, start));
}
