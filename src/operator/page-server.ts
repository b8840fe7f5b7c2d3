/** The operator's own pages: `/healthz`, `/readyz`, `/metrics`. */
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createBoundedServer, type Patience } from '../runtime/bounded-server.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';

export type Page = { readonly status: number; readonly body: string; readonly contentType: string };

/** What each path shows. A page that fails shows 500 and its reason. */
export type Pages = Readonly<Record<string, () => Promise<Page>>>;

/** Probes and whoever scrapes need one connection each. */
const ROOM = { connections: 64, perAddress: 32 } as const;

/** Serves `pages` at `address` until the server is closed; rejects when the address cannot be had. */
export async function servePages(pages: Pages, address: ListenAddress, patience?: Patience): Promise<Server> {
  const listener: RequestListener = (request, response) => {
    request.resume();
    const path = URL.parse(request.url ?? '/', 'http://operator')?.pathname ?? '/';
    void pageAt(pages, request.method ?? 'GET', path).then((page) => {
      response.writeHead(page.status, { 'content-type': page.contentType, 'cache-control': 'no-store' });
      response.end(page.body);
    });
  };
  const server = createBoundedServer(ROOM, listener, patience);
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
