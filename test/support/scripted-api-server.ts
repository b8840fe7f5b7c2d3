import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import type { ApiCredentials } from '../../src/kube/api-credentials.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import { serveHttp } from './http-origin.ts';

/** A request to the scripted server; nothing is answered until the test does. */
export type Visit = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Resolves when the client has broken off or the answer is complete. */
  readonly closed: Promise<void>;
  answer(status: number, body: unknown, headers?: Readonly<Record<string, string>>): void;
  /** Begins the answer to a watch. */
  beginWatch(): void;
  /** One event of a watch. */
  say(type: string, object: unknown): void;
  /** Bytes as they are. */
  write(text: string): void;
  end(): void;
  /** Breaks the connection off, as a server does that is killed. */
  reset(): void;
};

/** An API server that a test plays itself, request by request, so that it can misbehave in any way. */
export type ScriptedApiServer = {
  readonly origin: string;
  readonly credentials: ApiCredentials;
  /** The next request that nobody took yet; waits for one. */
  next(): Promise<Visit>;
  /** How many came and were not taken. */
  waiting(): number;
};

/** Starts one on a free port of 127.0.0.1; it ends with the test. */
export async function serveScriptedApi(t: TestContext): Promise<ScriptedApiServer> {
  const untaken: Visit[] = [];
  const takers: ((visit: Visit) => void)[] = [];
  const origin = await serveHttp(t, (request, response) => {
    void receive(request, response).then((visit) => {
      const taker = takers.shift();
      if (taker === undefined) {
        untaken.push(visit);
      } else {
        taker(visit);
      }
    });
  });
  return {
    origin,
    credentials: { server: origin, namespace: undefined, read: async () => ({ headers: {}, tls: {} }) },
    waiting: () => untaken.length,
    next: () => {
      const visit = untaken.shift();
      return visit === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(visit);
    },
  };
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<Visit> {
  const closed = Promise.withResolvers<void>();
  response.once('close', () => closed.resolve());
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
  }
  const url = new URL(request.url ?? '/', 'http://server');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    closed: closed.promise,
    answer: (status, json, headers = {}) => {
      const text = typeof json === 'string' ? json : JSON.stringify(json);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(text);
    },
    beginWatch: () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
    },
    say: (type, object) => response.write(`${JSON.stringify({ type, object })}\n`),
    write: (text) => response.write(text),
    end: () => response.end(),
    reset: () => request.socket.resetAndDestroy(),
  };
}

/** An object as the server would have it, with a UID after its name unless said otherwise. */
export function aLiveObject(
  name: string,
  resourceVersion: number | string,
  more: { readonly uid?: string; readonly namespace?: string; readonly fields?: object } = {},
): KubeObject {
  const { uid = `uid-${name}`, namespace = 'ns', fields = {} } = more;
  return { metadata: { name, namespace, uid, resourceVersion: String(resourceVersion) }, ...fields };
}

/** A page of a list (meta/v1 ListMeta and items). */
export function aPage(
  items: readonly KubeObject[],
  resourceVersion: number | string,
  continueToken?: string,
): object {
  const more = continueToken === undefined ? {} : { continue: continueToken };
  return { kind: 'List', metadata: { resourceVersion: String(resourceVersion), ...more }, items };
}

/** How the server explains a failure (meta/v1 Status). */
export function aStatus(code: number, reason: string, message = `said ${reason}`): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}
