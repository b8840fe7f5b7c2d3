/** Colours by what they mean; who paints decides whether there are any. */
export type Style = 'title' | 'dim' | 'good' | 'busy' | 'bad' | 'call';

export type Paint = (style: Style, text: string) => string;

/** For pipes, for NO_COLOR (no-color.org) and for tests. */
export const noPaint: Paint = (_, text) => text;

/** SGR codes of ECMA-48: the eight basic colours alone, so that the terminal's own theme decides. */
const CODES: Readonly<Record<Style, string>> = {
  title: '1',
  dim: '2',
  good: '32',
  busy: '33',
  bad: '31;1',
  call: '36',
};

export const ansiPaint: Paint = (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`;

/** How to paint on `stream`: colours only on a terminal that can, and only when nobody objects. */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const isWanted = (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  return stream.isTTY === true && isWanted ? ansiPaint : noPaint;
}
