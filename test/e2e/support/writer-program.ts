/**
 * Runs in a Pod: writes numbered keys through the client Service all the time, one after another, and on demand
 * reads all of them back. Node's own modules and the files beside it are all it has.
 *
 * - `GET /progress?more=N&wait=SECONDS`: how many were acknowledged, once `N` more were, or the time is up.
 * - `POST /section?name=…`: what is written from now on belongs to that stretch.
 * - `POST /finish`: no more is written; reads all back, linearizably, and reports.
 */
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayClient } from './gateway-client.ts';
import { judge, keyOf, Ledger, PREFIX, writtenAt } from './ledger.ts';

const {
  HOST: host = '',
  TLS_FOLDER: tlsFolder = '',
  ETCD_USER: name = '',
  ETCD_PASSWORD: password,
} = process.env;
const port = Number(process.env['PORT']);
/** A write that is not acknowledged within this is given up, and the next one takes another connection. */
const WRITE_MS_MAX = 1_000;
/** A hundred writes a second see every gap that matters and leave the machine to the cluster. */
const PACE_MS = 10;
const PAGE_KEYS = 1_000;
const READ_MS_MAX = 10_000;
const READ_TRIES_MAX = 20;
const READ_AGAIN_MS = 500;
const WAIT_SECONDS_MAX = 20;
const WHY_CHARS_MAX = 120;

const ledger = new Ledger(Date.now(), 'start');
const waiting = new Set<() => void>();
const etcd = new GatewayClient({
  host,
  tlsFolder,
  user: password === undefined ? undefined : { name, password },
});
let isFinishing = false;
const stopped = write();

createServer((incoming, response) => {
  incoming.resume();
  // The API server's proxy would use a connection again that ends just then (Node closes it after five idle
  // seconds), and repeats no POST.
  response.shouldKeepAlive = false;
  const url = new URL(incoming.url ?? '/', 'http://writer');
  handle(url, response).catch((error: unknown) => {
    response.writeHead(500).end(String(error));
  });
}).listen(port);

async function handle(url: URL, response: ServerResponse): Promise<void> {
  switch (url.pathname) {
    case '/progress':
      await untilMore(Number(url.searchParams.get('more') ?? 0), Number(url.searchParams.get('wait') ?? 0));
      return answer(response, { acknowledged: ledger.acknowledged.length });
    case '/section':
      ledger.openSection(url.searchParams.get('name') ?? '');
      return answer(response, {});
    case '/finish':
      isFinishing = true;
      await stopped;
      return answer(response, await report());
    default:
      response.writeHead(404).end();
  }
}

function answer(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function untilMore(more: number, waitSeconds: number): Promise<void> {
  const wanted = ledger.acknowledged.length + more;
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (ledger.acknowledged.length >= wanted) {
      resolve();
    }
  };
  waiting.add(check);
  check();
  const timer = setTimeout(resolve, Math.min(waitSeconds, WAIT_SECONDS_MAX) * 1_000);
  await promise;
  clearTimeout(timer);
  waiting.delete(check);
}

/** No key is written twice, so that no answer is ambiguous. */
async function write(): Promise<void> {
  for (let number = 0; !isFinishing; number++) {
    const key = keyOf(number);
    try {
      await etcd.ask('/v3/kv/put', { key: base64(key), value: base64(writtenAt(key)) }, WRITE_MS_MAX);
      ledger.noteAcknowledged(number, Date.now());
      for (const check of waiting) {
        check();
      }
    } catch (error) {
      ledger.noteFailed(error instanceof Error ? error.message.slice(0, WHY_CHARS_MAX) : 'unknown');
    }
    await sleep(PACE_MS);
  }
}

async function report(): Promise<unknown> {
  const startedMs = Date.now();
  const found = await readAll();
  const { lost, changed } = judge(ledger.acknowledged, found);
  const acknowledged = ledger.acknowledged.length;
  return { acknowledged, lost, changed, sections: ledger.sections(), readMs: Date.now() - startedMs };
}

/** Page by page from the last key on; what is written by nobody any more does not move. */
async function readAll(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const end = base64(`${PREFIX.slice(0, -1)}0`);
  let from = PREFIX;
  for (;;) {
    const page = await readPage(from, end);
    for (const { key, value } of page) {
      found.set(text(key), text(value));
    }
    const last = page.at(-1);
    if (page.length < PAGE_KEYS || last === undefined) {
      return found;
    }
    from = `${text(last.key)}\0`;
  }
}

type KeyValue = { readonly key: string; readonly value: string };

async function readPage(from: string, end: string): Promise<readonly KeyValue[]> {
  const range = { key: base64(from), range_end: end, limit: String(PAGE_KEYS) };
  for (let attempt = 1; ; attempt++) {
    try {
      const json: unknown = JSON.parse(await etcd.ask('/v3/kv/range', range, READ_MS_MAX));
      return typeof json === 'object' && json !== null && 'kvs' in json ? (json.kvs as KeyValue[]) : [];
    } catch (error) {
      if (attempt >= READ_TRIES_MAX) {
        throw error;
      }
      await sleep(READ_AGAIN_MS);
    }
  }
}

function base64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

function text(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}
