import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import { createOpenSecureServer } from '../../runtime/bounded-server.ts';
import { errorText } from '../../runtime/error-text.ts';
import type { ListenAddress } from '../../runtime/listen-address.ts';
import { type Page, plain } from '../page-server.ts';
import { REVIEW_PATH } from './webhook-configuration.ts';

/** What is said to the body of a review. */
export type AnswerReview = (body: string, signal: AbortSignal) => Promise<Page>;

/** The API server keeps one or two connections, and opens more under load. */
const ROOM = { connections: 64 } as const;
/** A review holds an object twice, before and after; the largest of ours has a few KiB. */
const REVIEW_BYTES_MAX = 1024 * 1024;
/** Less than the API server waits, so that the reason reaches its log. */
const ANSWER_TIMEOUT_MS = 4_000;

/**
 * Takes reviews at `address` until the server is closed; rejects when the address cannot be had. It shows no
 * certificate before `showTo` gives it one. Anybody may ask: an answer tells nothing but the rules.
 */
export async function openWebhookServer(address: ListenAddress, answer: AnswerReview): Promise<Server> {
  const server = createOpenSecureServer(ROOM, (request, response) => {
    void pageFor(request, answer).then(({ status, body, contentType }) => {
      // What was not read to its end would be taken for the next request.
      const ending = request.complete ? {} : { connection: 'close' };
      response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store', ...ending });
      response.end(body);
    });
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}

/** Never rejects. */
async function pageFor(request: IncomingMessage, answer: AnswerReview): Promise<Page> {
  const path = URL.parse(request.url ?? '/', 'https://operator')?.pathname;
  if (path !== REVIEW_PATH) {
    return plain(404, `no such page; there is ${REVIEW_PATH}\n`);
  }
  if (request.method !== 'POST') {
    return plain(405, 'POST only\n');
  }
  try {
    const body = await readBounded(request);
    return body === undefined
      ? plain(413, `a review has at most ${REVIEW_BYTES_MAX} bytes\n`)
      : await answer(body, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
  } catch (error) {
    return plain(500, `${errorText(error)}\n`);
  }
}

/** Undefined for one that is too long. */
async function readBounded(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > REVIEW_BYTES_MAX) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
