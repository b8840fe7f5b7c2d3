/** Cuts a stream of bytes into lines. A character that two chunks share comes out whole. */
export type LineCutter = {
  /** The lines that this chunk completes, without their ends; `too-long` if one exceeds the bound. */
  push(chunk: Uint8Array): readonly string[] | 'too-long';
  /** Whether a line has begun that is not complete. */
  isInsideLine(): boolean;
};

const LINE_FEED = 0x0a;

/** A cutter for lines of up to `bytesMax` bytes; it never holds more than that and one chunk. */
export function createLineCutter(bytesMax: number): LineCutter {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  return {
    isInsideLine: () => begunBytes > 0,
    push: (chunk) => {
      const lines: string[] = [];
      let from = 0;
      for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
        if (begunBytes + at - from > bytesMax) {
          return 'too-long';
        }
        lines.push(Buffer.concat([...begun, chunk.subarray(from, at)]).toString('utf8'));
        begun = [];
        begunBytes = 0;
        from = at + 1;
      }
      if (from < chunk.length) {
        begun.push(chunk.subarray(from));
        begunBytes += chunk.length - from;
      }
      return begunBytes > bytesMax ? 'too-long' : lines;
    },
  };
}
