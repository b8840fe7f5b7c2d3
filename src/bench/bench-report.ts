/** What a bench found, as `--json` writes it. */

import type { BenchGroup } from './bench-group.ts';
import type { Figure } from './figure.ts';
import type { JoinTimeline } from './join-timeline.ts';

/** Figures that were measured together. */
export type FigureGroup = {
  readonly group: BenchGroup;
  readonly title: string;
  /** What to know when reading the figures, in sentences. */
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
  /** What the floor is, where it is another one than in other groups. */
  readonly floorName?: string;
};

export type BenchReport = {
  readonly etcdVersion: string;
  readonly nodeVersion: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly runs: number;
  /** How long clusters were left alone before each step, not counted in any figure. */
  readonly settleSeconds: number;
  /** Load averages of one minute: others on the machine make every figure an upper bound. */
  readonly machine: {
    readonly processors: number;
    readonly loadBefore: number;
    readonly loadAfter: number;
  };
  readonly groups: readonly FigureGroup[];
  /** For each run of 1→3, what the new agents did when, in milliseconds since the size was edited. */
  readonly joinTimelines: readonly (readonly JoinTimeline[])[];
  /** One sentence for each run that failed. */
  readonly problems: readonly string[];
};
