/**
 * HTTP as the agent needs it: bounded in time and size, and with "nobody listens" told apart from "no
 * answer", because the first is proof of an address and the second proves nothing.
 */
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { within } from './abort.ts';
import { errorCode, errorText } from './error-text.ts';

export type HttpRequest = {
  readonly method?: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The whole exchange, from connecting to the last byte. */
  readonly timeoutMs: number;
};

export type HttpAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly header: (name: string) => string;
      readonly body: string;
    }
  /** The address lives and nobody listens on the port. */
  | { readonly kind: 'refused' }
  /** The name has no address. */
  | { readonly kind: 'unresolved'; readonly why: string }
  /** Nothing came in time, or the connection broke: the request may or may not have been carried out. */
  | { readonly kind: 'unknown'; readonly why: string };

export type HttpClient = {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
};

export type HttpClientOptions = {
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string;
  /** How names become addresses; the system's resolver unless given. */
  readonly lookup?: LookupFunction;
};

/** Bodies we read are member lists, statuses and API objects of a few KiB; metrics are the largest. */
const BODY_BYTES_MAX = 1024 * 1024;
/** One agent talks to at most eight peers, two ports each, and the API server. */
const CONNECTIONS_PER_ORIGIN_MAX = 4;
/** An idle connection is kept a little longer than the slowest steady poll. */
const KEEP_ALIVE_MS = 10_000;

/** An HTTP client over undici. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN_MAX,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: {
      lookup: options.lookup ?? (systemLookup as LookupFunction),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  });
  return {
    send: (request, signal) => send(agent, request, signal),
    close: () => agent.destroy(),
  };
}

async function send(agent: Agent, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  try {
    const url = new URL(request.url);
    const response = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method ?? 'GET',
      headers: { ...request.headers },
      body: request.body ?? null,
      signal: within(signal, request.timeoutMs),
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.timeoutMs,
    });
    const body = await readBody(response);
    return {
      kind: 'answered',
      status: response.statusCode,
      header: (name) => headerOf(response, name),
      body,
    };
  } catch (error) {
    return failureOf(error);
  }
}

async function readBody(response: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      throw new Error(`the body is larger than ${BODY_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headerOf(response: Dispatcher.ResponseData, name: string): string {
  const value = response.headers[name.toLowerCase()];
  return Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
}

function failureOf(error: unknown): HttpAnswer {
  const code = errorCode(error);
  if (code === 'ECONNREFUSED') {
    return { kind: 'refused' };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { kind: 'unresolved', why: errorText(error) };
  }
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return { kind: 'unknown', why: isTimeout ? 'no answer in time' : errorText(error) };
}
