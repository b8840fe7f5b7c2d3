/**
 * Turns lines of terminal text into a picture. It knows the colours and attributes that quorate and tmux
 * use (ECMA-48 SGR: bold, dim, the eight basic colours) and drops every other sequence.
 */
type Look = { readonly bold: boolean; readonly dim: boolean; readonly colour: string };

type Run = { readonly text: string; readonly column: number; readonly look: Look };

const THEME = {
  background: '#0d1117',
  frame: '#30363d',
  text: '#c9d1d9',
  dim: '#7d8590',
  // Black, red, green, yellow, blue, magenta, cyan, white.
  colours: ['#484f58', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#39c5cf', '#f0f6fc'],
} as const;

/** Widths are forced, so every machine's own monospaced font gives the same layout. */
const CELL = { width: 8, height: 18, fontSize: 13 } as const;
const PADDING = 16;

/** An SVG document that shows `lines`, which may hold SGR sequences, on `columns` columns. */
export function ansiToSvg(lines: readonly string[], columns: number): string {
  const width = columns * CELL.width + 2 * PADDING;
  const height = lines.length * CELL.height + 2 * PADDING;
  let look = plain();
  const texts: string[] = [];
  for (const [row, line] of lines.entries()) {
    const parsed = runsOf(line, look);
    look = parsed.look;
    texts.push(...parsed.runs.map((run) => textOf(run, row)));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${THEME.background}" stroke="${THEME.frame}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CELL.fontSize}">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function plain(): Look {
  return { bold: false, dim: false, colour: THEME.text };
}

const SEQUENCE = /\u001b(?:\[([0-9;?]*)([A-Za-z])|[()][A-Z0-9])/g;

function runsOf(line: string, start: Look): { readonly runs: readonly Run[]; readonly look: Look } {
  const runs: Run[] = [];
  let look = start;
  let column = 0;
  let from = 0;
  const add = (text: string): void => {
    // Blanks are left out, not drawn: viewers differ in what they make of several in a row.
    for (const word of text.matchAll(/\S+(?: \S+)*/g)) {
      runs.push({ text: word[0], column: column + word.index, look });
    }
    column += text.length;
  };
  for (const match of line.matchAll(SEQUENCE)) {
    add(line.slice(from, match.index));
    from = match.index + match[0].length;
    look = match[2] === 'm' ? lookAfter(look, match[1] ?? '') : look;
  }
  add(line.slice(from));
  return { runs, look };
}

function lookAfter(before: Look, codes: string): Look {
  return codes.split(';').map(Number).reduce<Look>(lookAfterCode, before);
}

function lookAfterCode(look: Look, code: number): Look {
  switch (code) {
    case 0:
      return plain();
    case 1:
      return { ...look, bold: true };
    case 2:
      return { ...look, dim: true };
    case 22:
      return { ...look, bold: false, dim: false };
    case 39:
      return { ...look, colour: THEME.text };
    default:
      return { ...look, colour: THEME.colours[code - 30] ?? look.colour };
  }
}

function textOf({ text, column, look }: Run, row: number): string {
  const x = PADDING + column * CELL.width;
  const y = PADDING + row * CELL.height + CELL.fontSize;
  const colour = look.dim && look.colour === THEME.text ? THEME.dim : look.colour;
  const weight = look.bold ? ' font-weight="bold"' : '';
  const forced = `textLength="${text.length * CELL.width}" lengthAdjust="spacingAndGlyphs"`;
  return `<text x="${x}" y="${y}" fill="${colour}"${weight} ${forced}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
