/** Lines of text that fit their place: every character counts as one column. */
import type { Paint, Style } from './paint.ts';

export type Span = { readonly text: string; readonly style?: Style };

export type Line = readonly Span[];

/** `text` in exactly `width` columns: padded, or cut with an ellipsis. */
export function fit(text: string, width: number): string {
  return cut(text, width).padEnd(Math.max(0, width));
}

/** As `fit`, but padded at the left: for figures. */
export function fitRight(text: string, width: number): string {
  return cut(text, width).padStart(Math.max(0, width));
}

/** `line` as one string of at most `width` columns. */
export function paintLine(line: Line, width: number, paint: Paint): string {
  let left = width;
  let painted = '';
  for (const { text, style } of line) {
    const shown = cut(text, left);
    left -= shown.length;
    painted += style === undefined || shown === '' ? shown : paint(style, shown);
  }
  return painted;
}

/** How many columns `line` takes. */
export function widthOf(line: Line): number {
  return line.reduce((sum, span) => sum + span.text.length, 0);
}

function cut(text: string, width: number): string {
  if (text.length <= width) {
    return text;
  }
  return width <= 0 ? '' : `${text.slice(0, width - 1)}…`;
}
