/** A picture redrawn in place on a terminal's alternate screen: only lines that changed are written. */
export type ScreenStream = {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
};

/** For terminals that do not tell their size, or say 0. */
const SIZE_DEFAULT = { columns: 80, rows: 24 };

// xterm control sequences (invisible-island.net/xterm/ctlseqs): alternate screen, cursor, erasing.
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const ERASE_TO_END = '\u001b[K';

export class LiveScreen {
  readonly #stream: ScreenStream;
  #shown: readonly string[] = [];
  #size = '';
  #isOpen = false;

  constructor(stream: ScreenStream) {
    this.#stream = stream;
  }

  get space(): { readonly columns: number; readonly rows: number } {
    return {
      columns: this.#stream.columns || SIZE_DEFAULT.columns,
      rows: this.#stream.rows || SIZE_DEFAULT.rows,
    };
  }

  open(): void {
    this.#isOpen = true;
    this.#stream.write(ENTER);
  }

  /** Shows `lines`, made for the present `space`. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) {
      return;
    }
    const size = JSON.stringify(this.space);
    const isResized = size !== this.#size;
    const changes = lines.map((line, index) =>
      isResized || line !== this.#shown[index] ? `\u001b[${index + 1};1H${line}${ERASE_TO_END}` : '',
    );
    this.#size = size;
    this.#shown = lines;
    const text = changes.join('');
    if (text !== '') {
      this.#stream.write(text);
    }
  }

  /** Gives the terminal back as it was; safe to call twice. */
  close(): void {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#stream.write(LEAVE);
    }
  }
}
