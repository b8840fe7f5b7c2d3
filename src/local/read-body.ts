import type { IncomingMessage } from 'node:http';

/**
 * The whole body as text, or `too-large` once it is found to be beyond `bytesMax`; the rest is then read
 * and dropped, so that the refusal reaches a client that is still sending.
 *
 * @throws when the client hangs up in the middle
 */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<string | 'too-large'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += buffer.length;
    if (bytes <= bytesMax) {
      chunks.push(buffer);
    } else if (bytes > bytesMax * DRAIN_FACTOR) {
      request.destroy();
      return 'too-large';
    }
  }
  return bytes > bytesMax ? 'too-large' : Buffer.concat(chunks).toString('utf8');
}

/** How many times the limit is read and dropped before the connection is simply cut. */
const DRAIN_FACTOR = 4;
