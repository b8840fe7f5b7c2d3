/**
 * The stand-in for the Kubernetes API server: plain HTTP on loopback, for the agents of one local cluster.
 * The rules are in api-requests.ts; here are sockets, bounds and faults.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createBoundedServer, type Patience } from '../runtime/bounded-server.ts';
import { type ApiFault, type ArmedFault, FAULT_DELAY_MS_MAX } from './api-fault.ts';
import { type Json, statusJson } from './api-objects.ts';
import { API_BODY_BYTES_MAX, type ApiAnswer, answerApiRequest, tooLargeJson } from './api-requests.ts';
import type { ApiState } from './api-state.ts';
import type { ApiStore } from './api-store.ts';
import { listenOn } from './listen-on.ts';
import { readBody } from './read-body.ts';

export type ApiStandIn = {
  /** Such as `http://127.80.7.2:16443`. */
  readonly url: string;
  readonly setFault: (fault: ApiFault) => void;
  /** Ends all connections; safe to call twice. */
  readonly close: () => Promise<void>;
};

/** Agents and people with curl; far more than nine agents need at once. */
const ROOM = { connections: 256 } as const;

/**
 * Serves `store` on `address` and `port`.
 *
 * @throws LocalClusterError `ADDRESS_IN_USE`
 */
export async function startApiStandIn(options: {
  readonly store: ApiStore;
  readonly address: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly fault?: ApiFault;
  readonly now?: () => number;
  readonly patience?: Patience;
}): Promise<ApiStandIn> {
  const { store, now = Date.now } = options;
  const stopping = new AbortController();
  let armed: ArmedFault = { fault: options.fault ?? { kind: 'none' }, snapshot: store.read() };
  const listener: RequestListener = (request, response) => {
    const context: Context = { store, armed, now, stopped: stopping.signal };
    // The client hung up, or we are stopping: there is nobody left to answer.
    serve(request, response, context).catch(() => response.destroy());
  };
  const server = createBoundedServer(ROOM, listener, options.patience);
  const port = await listenOn(server, { host: options.address, port: options.port });
  return {
    url: `http://${options.address}:${port}`,
    setFault: (fault) => {
      armed = { fault, snapshot: store.read() };
      if (fault.kind === 'unreachable') {
        server.closeAllConnections();
      }
    },
    close: () => {
      stopping.abort();
      return closeServer(server);
    },
  };
}

type Context = {
  readonly store: ApiStore;
  readonly armed: ArmedFault;
  readonly now: () => number;
  readonly stopped: AbortSignal;
};

async function serve(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const { fault } = context.armed;
  if (fault.kind === 'unreachable') {
    request.socket.destroy();
    return;
  }
  const body = await readBody(request, API_BODY_BYTES_MAX);
  if (fault.kind === 'status') {
    send(response, fault.code, statusJson(fault.code, 'ServiceUnavailable', 'the API is told to fail'));
    return;
  }
  if (fault.kind === 'slow') {
    await delay(Math.min(fault.delayMs, FAULT_DELAY_MS_MAX), undefined, { signal: context.stopped });
  }
  if (body === 'too-large') {
    send(response, 413, tooLargeJson());
    return;
  }
  const answer = carryOut(request, body, context);
  if (fault.kind === 'lose-acks' && request.method !== 'GET') {
    request.socket.destroy();
    return;
  }
  send(response, answer.code, answer.json);
}

function carryOut(
  request: IncomingMessage,
  body: string,
  context: Context,
): { readonly code: number; readonly json: Json } {
  const { store, armed } = context;
  const isStaleRead = armed.fault.kind === 'stale-reads' && request.method === 'GET';
  const answerIn = (state: ApiState): ApiAnswer =>
    answerApiRequest(
      state,
      {
        method: request.method ?? '',
        path: new URL(request.url ?? '/', 'http://api').pathname,
        contentType: (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
        body,
      },
      context.now(),
    );
  if (isStaleRead) {
    return answerIn(armed.snapshot);
  }
  const answer = answerIn(store.read());
  try {
    store.update(() => answer.state);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { code: 500, json: statusJson(500, 'InternalError', `the write was not stored: ${why}`) };
  }
  return answer;
}

function send(response: ServerResponse, code: number, json: Json): void {
  const text = `${JSON.stringify(json)}\n`;
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // An error here says only that it was closed already.
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
