import Table from 'cli-table3';
import type { Paint } from '../demo/paint.ts';
import type { BenchReport, FigureGroup } from './bench-report.ts';
import type { Figure, Side } from './figure.ts';
import type { JoinTimeline } from './join-timeline.ts';
import { spreadOf } from './spread.ts';

/** The report for people; ends with a newline. */
export function renderBench(report: BenchReport, paint: Paint): string {
  const { machine } = report;
  return [
    `etcd ${report.etcdVersion}, Node ${report.nodeVersion}, ${machine.processors} processors, load ${machine.loadBefore} at the start and ${machine.loadAfter} at the end; ${report.runs} runs, ${report.seconds.toFixed(0)} s in all.`,
    'Figures are min / median / max. Other load on the machine makes each an upper bound. Targets are reported, not enforced; they are held against the median unless they say otherwise.',
    ...renderGroups(report.groups, paint, { product: 'quorate', floor: 'bare etcd' }),
    ...timelineLines(report.joinTimelines, paint),
    '',
    ...problemLines(report, paint),
    '',
  ].join('\n');
}

/** What the two sides of each figure are called. */
export type SideNames = { readonly product: string; readonly floor: string };

/** A table for each group, in lines; before each an empty one. */
export function renderGroups(
  groups: readonly Omit<FigureGroup, 'group'>[],
  paint: Paint,
  names: SideNames,
): readonly string[] {
  return groups.flatMap((group) => ['', ...groupLines(group, paint, names)]);
}

function groupLines(
  { title, notes, figures, floorName }: Omit<FigureGroup, 'group'>,
  paint: Paint,
  { product, floor }: SideNames,
): readonly string[] {
  const table = new Table({
    head: ['', product, floorName ?? floor, 'ratio', 'target', ''].map((text) => paint('title', text)),
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left'],
    // Its own colours ignore NO_COLOR and pipes.
    style: { head: [], border: [], compact: true },
  });
  for (const figure of figures) {
    table.push([...cellsOf(figure, paint)]);
  }
  return [paint('title', title), table.toString(), ...notes.map((note) => paint('dim', note))];
}

function cellsOf(figure: Figure, paint: Paint): readonly string[] {
  const { name, product, floor, ratio, target, unit } = figure;
  return [
    name,
    sideText(product, unit, paint),
    floor === null ? '' : sideText(floor, unit, paint),
    ratio === null ? '' : ratio.toFixed(1),
    target?.text ?? '',
    target === null ? '' : target.isMet ? paint('good', '✓') : paint('bad', '✗'),
  ];
}

function sideText({ spread, failed }: Side, unit: Figure['unit'], paint: Paint): string {
  const failures = failed === 0 ? '' : paint('bad', ` ${failed} failed`);
  if (spread === null) {
    return failures.trimStart() || '–';
  }
  const show = (value: number): string => value.toFixed(DECIMALS[unit]);
  const figures =
    spread.min === spread.max
      ? show(spread.median)
      : `${show(spread.min)} / ${show(spread.median)} / ${show(spread.max)}`;
  return `${figures} ${unit} (n=${spread.n})${failures}`;
}

const DECIMALS: Readonly<Record<Figure['unit'], number>> = { s: 2, ms: 0, MB: 1, '%': 2, calls: 0 };

const STAGES: readonly (readonly [key: Exclude<keyof JoinTimeline, 'ordinal'>, text: string])[] = [
  ['execMs', 'exec'],
  ['startedMs', 'agent listens'],
  ['firstDecisionMs', 'first decision'],
  ['registeredMs', 'registered'],
  ['admittedMs', 'etcd admitted'],
  ['caughtUpMs', 'caught up'],
  ['promotedMs', 'voter'],
];

/** Medians over the runs: of the new members, the first and the last to get there. */
function timelineLines(runs: readonly (readonly JoinTimeline[])[], paint: Paint): readonly string[] {
  if (runs.length === 0) {
    return [];
  }
  const table = new Table({
    head: ['', ...STAGES.map(([, text]) => text)].map((text) => paint('title', text)),
    colAligns: ['left', ...STAGES.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const [name, pick] of [
    ['first new member', Math.min],
    ['last new member', Math.max],
  ] as const) {
    table.push([name, ...STAGES.map(([key]) => medianOf(runs, key, pick))]);
  }
  return [
    '',
    paint('title', 'Where the time goes in 1→3: milliseconds since the edit, medians'),
    table.toString(),
  ];
}

function medianOf(
  runs: readonly (readonly JoinTimeline[])[],
  key: Exclude<keyof JoinTimeline, 'ordinal'>,
  pick: (...values: number[]) => number,
): string {
  const perRun = runs.flatMap((joins) => {
    const values = joins.flatMap((join) => join[key] ?? []);
    return values.length === 0 ? [] : [pick(...values)];
  });
  return spreadOf(perRun)?.median.toFixed(0) ?? '–';
}

function problemLines({ problems, groups }: BenchReport, paint: Paint): readonly string[] {
  const missed = groups.flatMap((group) =>
    group.figures.filter((figure) => figure.target !== null && !figure.target.isMet),
  );
  return [
    missed.length === 0
      ? paint('good', 'Every target is met.')
      : paint('bad', `Targets not met: ${missed.map(({ name }) => name).join('; ')}.`),
    ...(problems.length === 0 ? [] : [paint('bad', 'Failed to run:')]),
    ...problems.map((problem) => `  - ${problem}`),
  ];
}
