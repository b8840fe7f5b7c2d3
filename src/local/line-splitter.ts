import { StringDecoder } from 'node:string_decoder';

/** A line beyond this length is passed on in pieces: nobody's log may fill our memory. */
export const LINE_CHARS_MAX = 256 * 1024;

/** Cuts a stream of bytes into lines without their ends; a last line without an end is kept back. */
export function splitLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      onLine(line);
    }
    if (rest.length > LINE_CHARS_MAX) {
      onLine(rest);
      rest = '';
    }
  };
}
