import type { Style } from './paint.ts';
import type { PictureStep } from './picture-state.ts';
import { type Line, type Span, widthOf } from './text-line.ts';

/** A long tour shows the lines around where it is. */
const LINES_MAX = 3;

/** The steps one after another, wrapped between two steps. */
export function stepLines(steps: readonly PictureStep[], columns: number): readonly Line[] {
  const lines: Span[][] = [[]];
  let current = 0;
  for (const step of steps) {
    const span = spanOf(step);
    if (widthOf(lines.at(-1) ?? []) + span.text.length > columns && (lines.at(-1)?.length ?? 0) > 0) {
      lines.push([]);
    }
    lines.at(-1)?.push(span);
    if (step.state !== 'pending') {
      current = lines.length - 1;
    }
  }
  const first = Math.max(0, Math.min(current - 1, lines.length - LINES_MAX));
  return lines.slice(first, first + LINES_MAX);
}

const MARKS: Readonly<Record<PictureStep['state'], { readonly mark: string; readonly style: Style }>> = {
  pending: { mark: '·', style: 'dim' },
  settling: { mark: '…', style: 'dim' },
  running: { mark: '▶', style: 'busy' },
  done: { mark: '✓', style: 'good' },
  failed: { mark: '✗', style: 'bad' },
};

function spanOf({ text, state, seconds }: PictureStep): Span {
  const { mark, style } = MARKS[state];
  const duration = seconds === null ? '' : ` ${seconds.toFixed(1)} s`;
  return { text: ` ${mark} ${text}${duration}  `, style };
}
