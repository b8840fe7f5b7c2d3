import Table from 'cli-table3';
import type { ScaleFigures } from './measure-scale.ts';

/** A line of the table, and what is aimed at. */
type Row = {
  readonly name: string;
  readonly show: (figures: ScaleFigures) => string;
  readonly goal?: { readonly text: string; readonly isMet: (figures: ScaleFigures) => boolean };
};

/** Bounds of issue 4: many clusters, and few. */
const MANY = { clusters: 1_000, residentMB: 300 };
const FEW = { clusters: 5, residentMB: 100 };
const QUIET_CALLS_PER_SECOND = 1;

const ROWS: readonly Row[] = [
  { name: 'all right after, s', show: ({ allRightSeconds }) => fixed(allRightSeconds) },
  {
    name: 'one cluster, from its creation, s',
    show: ({ rightSeconds: { median, p99 } }) => `${fixed(median)} / ${fixed(p99)}`,
  },
  {
    name: 'a pass, ms',
    show: ({ created: { passMs } }) => `${fixed(passMs.p50)} / ${fixed(passMs.p99)}`,
  },
  {
    name: 'clusters whose Event says that they run',
    show: ({ runningTold }) => String(runningTold),
    goal: { text: 'all', isMet: ({ runningTold, clusters }) => runningTold === clusters },
  },
  { name: 'passes for each cluster', show: ({ created, clusters }) => fixed(created.passes / clusters) },
  { name: 'API calls for each cluster', show: ({ created, clusters }) => fixed(created.apiCalls / clusters) },
  {
    name: 'processor for each cluster, ms',
    show: (all) => fixed((all.created.cpuSeconds * 1_000) / all.clusters),
  },
  { name: 'resident memory without clusters, MB', show: ({ residentMBEmpty }) => fixed(residentMBEmpty) },
  {
    name: 'resident memory, MB',
    show: ({ quiet }) => fixed(quiet.residentMB),
    goal: {
      text: `≤ ${FEW.residentMB} of ${FEW.clusters}, < ${MANY.residentMB} of ${MANY.clusters}`,
      isMet: ({ quiet, clusters }) =>
        quiet.residentMB < (clusters <= FEW.clusters ? FEW.residentMB : MANY.residentMB),
    },
  },
  {
    name: 'API calls per second when quiet',
    show: ({ quiet: { callsPerSecond } }) => fixed(callsPerSecond),
    goal: {
      text: `< ${QUIET_CALLS_PER_SECOND}`,
      isMet: ({ quiet }) => quiet.callsPerSecond < QUIET_CALLS_PER_SECOND,
    },
  },
  { name: 'processor when quiet, % of one', show: ({ quiet: { cpuPercent } }) => fixed(cpuPercent) },
  {
    name: 'an edit, until status has seen it, s',
    show: ({ editSeconds: { median, p99 } }) => `${fixed(median)} / ${fixed(p99)}`,
  },
  { name: 'restart: all passed over after, s', show: ({ restarted }) => fixed(restarted.passedSeconds) },
  { name: 'restart: all right after, s', show: ({ restarted }) => fixed(restarted.allRightSeconds) },
  {
    name: 'restart: API calls for each cluster',
    show: ({ restarted, clusters }) => fixed(restarted.apiCalls / clusters),
  },
  { name: 'restart: resident memory, MB', show: ({ restarted }) => fixed(restarted.residentMB) },
];

/** The findings for people, a column for each number of clusters; ends with a newline. */
export function renderScale(measured: readonly ScaleFigures[]): string {
  const table = new Table({
    head: ['clusters of 3', ...measured.map(({ clusters }) => String(clusters)), 'goal'],
    colAligns: ['left', ...measured.map(() => 'right' as const), 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, show, goal } of ROWS) {
    const cells = measured.map(
      (each) => `${show(each)}${goal === undefined ? '' : goal.isMet(each) ? ' ✓' : ' ✗'}`,
    );
    table.push([name, ...cells, goal?.text ?? '']);
  }
  return `${table.toString()}\nTwo figures are median and 99th percentile. Other load on the machine makes each an upper bound.\n`;
}

function fixed(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
