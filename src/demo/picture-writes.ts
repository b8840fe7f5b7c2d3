import type { PictureState } from './picture-state.ts';
import { fitRight, type Line } from './text-line.ts';

const BARS = ' ▁▂▃▄▅▆▇█';

/** A gap under way is worth showing once it is longer than any healthy write. */
const OPEN_GAP_MS_MIN = 100;

/** What the writing client sees: its rate now and lately, its gaps, its books. */
export function writeLines(writes: PictureState['writes'], columns: number): readonly Line[] {
  const rate = writes.isPaused ? ' paused' : ` ${fitRight(String(writes.writesPerSecond), 4)} writes/s  `;
  const room = Math.max(0, columns - rate.length - 1);
  const gaps: Line = [
    { text: ' longest gap  ', style: 'dim' },
    { text: `${grouped(writes.longestGapInStepMs)} ms` },
    { text: ' in this step  ', style: 'dim' },
    { text: `${grouped(writes.longestGapMs)} ms` },
    { text: ' in all', style: 'dim' },
    ...openGap(writes),
  ];
  const books: Line = [
    { text: ` ${grouped(writes.acknowledged)}` },
    { text: ' acknowledged  ', style: 'dim' },
    { text: grouped(writes.unanswered) },
    { text: ' without an answer', style: 'dim' },
  ];
  return [[{ text: rate }, { text: sparkline(writes.history, room), style: 'good' }], gaps, books];
}

function openGap({ isPaused, openGapMs }: PictureState['writes']): Line {
  return isPaused || openGapMs < OPEN_GAP_MS_MIN
    ? []
    : [{ text: `   none for ${grouped(openGapMs)} ms`, style: 'bad' }];
}

/** The latest buckets that fit, the tallest as high as a line. */
function sparkline(history: readonly number[], room: number): string {
  const shown = history.slice(-room);
  const most = Math.max(1, ...shown);
  return shown.map((count) => BARS[barOf(count, most)] ?? ' ').join('');
}

/** Whatever is more than nothing can be seen. */
function barOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1, Math.round((count / most) * (BARS.length - 1)));
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
