import type { ProgressStream } from './install-progress.ts';

/** Says what is being waited for. */
export type WaitLine = {
  readonly show: (text: string) => void;
  /** Clears what is live on the terminal. */
  readonly end: () => void;
};

/** For terminals that do not tell their width, or say 0. */
const COLUMNS_DEFAULT = 80;

const CLEAR_LINE = '\r\u001b[2K';

/** On a terminal one line redrawn in place, elsewhere one line for each text that differs from the last. */
export function waitLine(stream: ProgressStream): WaitLine {
  let shown = '';
  if (stream.isTTY !== true) {
    const show = (text: string): void => {
      if (text !== shown) {
        shown = text;
        stream.write(`${text}\n`);
      }
    };
    return { show, end: () => undefined };
  }
  const show = (text: string): void => {
    shown = text.slice(0, (stream.columns || COLUMNS_DEFAULT) - 1);
    stream.write(CLEAR_LINE + shown);
  };
  const end = (): void => {
    if (shown !== '') {
      stream.write(CLEAR_LINE);
      shown = '';
    }
  };
  return { show, end };
}
