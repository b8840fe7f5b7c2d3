/** The operator's own pages: `/healthz`, `/readyz`, `/metrics`. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { ListenAddress } from '../runtime/listen-address.ts';

export type Page = { readonly status: number; readonly body: string; readonly contentType: string };

/** What each path shows. A page that fails shows 500 and its reason. */
export type Pages = Readonly<Record<string, () => Promise<Page>>>;

const HEADER_BYTES_MAX = 8 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
/** Node's own 30 s would let slow clients stay far beyond their time. */
const SLOW_CLIENT_CHECK_MS = 1_000;
const CONNECTIONS_MAX = 64;

/** Serves `pages` at `address` until the server is closed; rejects when the address cannot be had. */
export async function servePages(pages: Pages, address: ListenAddress): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
    },
    (request, response) => {
      request.resume();
      const path = URL.parse(request.url ?? '/', 'http://operator')?.pathname ?? '/';
      void pageAt(pages, request.method ?? 'GET', path).then((page) => {
        response.writeHead(page.status, { 'content-type': page.contentType, 'cache-control': 'no-store' });
        response.end(page.body);
      });
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}

async function pageAt(pages: Pages, method: string, path: string): Promise<Page> {
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) {
    return plain(404, `no such page: ${path}; there are ${Object.keys(pages).join(', ')}\n`);
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return plain(405, 'GET only\n');
  }
  try {
    return await page();
  } catch (error) {
    return plain(500, `${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** A page of plain text. */
export function plain(status: number, body: string): Page {
  return { status, body, contentType: 'text/plain; charset=utf-8' };
}
