/** How a tour is shown while it goes on: redrawn in place on a terminal, line by line elsewhere. */
import { LiveScreen, type ScreenStream } from './live-screen.ts';
import type { Paint } from './paint.ts';
import { renderPicture } from './picture.ts';
import type { PictureState } from './picture-state.ts';
import type { TimelineEntry } from './timeline.ts';

export type DemoView = {
  readonly noteEntry: (entry: TimelineEntry) => void;
  /** Shows what `picture` says from now on, until `stop`. */
  readonly start: (picture: () => PictureState) => void;
  /** Gives the terminal back; safe to call twice. */
  readonly stop: () => void;
};

/** Fast enough for the eye, slow enough for the machine. */
const REDRAW_MS = 100;

export function liveView(stream: ScreenStream, paint: Paint): DemoView {
  const screen = new LiveScreen(stream);
  const restore = (): void => screen.close();
  let timer: NodeJS.Timeout | undefined;
  return {
    noteEntry: () => undefined,
    start: (picture) => {
      screen.open();
      // Whatever way this process ends, its terminal is to be usable again.
      process.once('exit', restore);
      timer = setInterval(() => screen.draw(renderPicture(picture(), screen.space, paint)), REDRAW_MS);
    },
    stop: () => {
      clearInterval(timer);
      restore();
      process.removeListener('exit', restore);
    },
  };
}

/** Seconds up to 9999.9, so that lines stay aligned for hours. */
const SECONDS_COLUMNS = 6;

const WHO_COLUMNS = 8;

/** One line for each entry, as soon as it comes. */
export function plainView(write: (line: string) => void, bornAtMs: number): DemoView {
  return {
    noteEntry: ({ atMs, who, text }) => {
      const seconds = ((atMs - bornAtMs) / 1000).toFixed(1).padStart(SECONDS_COLUMNS);
      write(`${seconds}  ${who.padEnd(WHO_COLUMNS)}  ${text}\n`);
    },
    start: () => undefined,
    stop: () => undefined,
  };
}
