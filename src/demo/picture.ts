/**
 * The live picture of a tour, as lines of text. Pure: the same state in the same space gives the same lines.
 *
 *     what runs, and since when
 *     ── steps ──      what was done, is being done, will be done
 *     ── members ──    who is what, and the last decision of each with its reason
 *     ── client ──     writes per second, and the longest time without an acknowledgement
 *     ── timeline ──   the latest events, in whatever room is left
 */

import type { Paint, Style } from './paint.ts';
import { memberLines } from './picture-members.ts';
import type { PictureState } from './picture-state.ts';
import { stepLines } from './picture-steps.ts';
import { writeLines } from './picture-writes.ts';
import { fit, fitRight, type Line, paintLine, widthOf } from './text-line.ts';
import type { TimelineEntry, Tone } from './timeline.ts';

export type PictureSpace = { readonly columns: number; readonly rows: number };

/** Exactly `rows` lines, none wider than `columns`. */
export function renderPicture(state: PictureState, space: PictureSpace, paint: Paint): string[] {
  const { columns, rows } = space;
  const fixed: Line[] = [
    titleLine(state, columns),
    [],
    ...section('steps', stepLines(state.steps, columns), columns),
    ...section('members', memberLines(state, columns), columns),
    ...section('client', writeLines(state.writes, columns), columns),
  ];
  const lines = [...fixed, ...timelineSection(state, columns, rows - fixed.length)].slice(0, rows);
  while (lines.length < rows) {
    lines.push([]);
  }
  return lines.map((line) => paintLine(line, columns, paint));
}

function titleLine(state: PictureState, columns: number): Line {
  const { etcdVersion, replicas, clusterId, elapsedMs } = state;
  const wanted = replicas === 1 ? '1 member wanted' : `${replicas} members wanted`;
  const identity = clusterId === null ? '' : ` · cluster ${clusterId}`;
  const left: Line = [
    { text: ' quorate', style: 'title' },
    { text: `  etcd ${etcdVersion} · ${wanted}${identity}` },
  ];
  const clock = `${clockText(elapsedMs)} `;
  return [
    ...left,
    { text: fitRight(clock, Math.max(clock.length + 1, columns - widthOf(left))), style: 'dim' },
  ];
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function section(title: string, lines: readonly Line[], columns: number): readonly Line[] {
  return [heading(title, columns), ...lines, []];
}

function heading(title: string, columns: number): Line {
  const rule = '─'.repeat(Math.max(0, columns - title.length - 5));
  return [
    { text: ` ── ${title} `, style: 'dim' },
    { text: rule, style: 'dim' },
  ];
}

const TIME_COLUMNS = 9;

function timelineSection(state: PictureState, columns: number, rows: number): readonly Line[] {
  const entries = state.timeline.slice(-Math.max(1, rows - 1));
  return rows < 2 ? [] : [heading('timeline', columns), ...entries.map((entry) => entryLine(entry, state))];
}

const TONE_STYLES: Readonly<Record<Tone, Style | undefined>> = {
  plain: undefined,
  good: 'good',
  bad: 'bad',
  call: 'call',
  step: 'title',
};

function entryLine({ atMs, who, text, tone }: TimelineEntry, state: PictureState): Line {
  const style = TONE_STYLES[tone];
  const seconds = ((atMs - state.bornAtMs) / 1000).toFixed(1);
  return [
    { text: `${fitRight(seconds, TIME_COLUMNS - 2)}  `, style: 'dim' },
    { text: fit(who, nameColumns(state)), style: 'dim' },
    { text: `  ${text}`, ...(style === undefined ? {} : { style }) },
  ];
}

/** `cluster` and `client` are names, too. */
function nameColumns({ members }: PictureState): number {
  return Math.max('cluster'.length, ...members.map((member) => member.name.length));
}
