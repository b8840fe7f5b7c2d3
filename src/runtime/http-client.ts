/**
 * HTTP as the agent needs it: bounded in time and size, and with "nobody listens" told apart from "no
 * answer", because the first is proof of an address and the second proves nothing.
 */
import { once } from 'node:events';
import {
  Agent as HttpAgent,
  type IncomingMessage,
  request as openPlain,
  type RequestOptions,
} from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as openSecure } from 'node:https';
import type { LookupFunction } from 'node:net';
import { within } from './abort.ts';
import { errorCode, errorText } from './error-text.ts';
import type { TlsMaterial } from './tls-material.ts';

export type HttpRequest = {
  readonly method?: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The name to expect in the server's certificate instead of the URL's host. */
  readonly serverName?: string;
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
  /** What is shown to servers under https, and whom it trusts among them; asked for at every request. */
  readonly identity?: () => TlsMaterial | undefined;
  /** How names become addresses; the system's resolver unless given. */
  readonly lookup?: LookupFunction;
  /** To one server at a time; requests beyond that wait for one another. */
  readonly connectionsMax?: number;
};

/** Bodies we read are member lists, statuses and API objects of a few KiB; metrics are the largest. */
const BODY_BYTES_MAX = 1024 * 1024;
/** One agent talks to at most eight peers, two ports each, and the API server. */
const CONNECTIONS_PER_ORIGIN_MAX = 4;
/** An idle connection is kept a little longer than the slowest steady poll. */
const KEEP_ALIVE_MS = 10_000;

/**
 * An HTTP client over Node's own: it is in the process anyway, and needs no WebAssembly, which costs an
 * agent 10 MB (ADR 0007).
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { ca, identity, lookup, connectionsMax = CONNECTIONS_PER_ORIGIN_MAX } = options;
  const pool = { keepAlive: true, maxSockets: connectionsMax, timeout: KEEP_ALIVE_MS };
  const plain = new HttpAgent(pool);
  const secure = new SecurePool({ ...pool, ...(ca === undefined ? {} : { ca }) }, identity);
  return {
    send: (request, signal) => {
      const isSecure = request.url.startsWith('https:');
      const open = isSecure ? openSecure : openPlain;
      const how: RequestOptions = {
        agent: isSecure ? secure.agent() : plain,
        ...(lookup === undefined ? {} : { lookup }),
      };
      return send(open, how, request, within(signal, request.timeoutMs));
    },
    close: async () => {
      plain.destroy();
      secure.close();
    },
  };
}

/** The connections of one identity; those of another are not used again. */
class SecurePool {
  readonly #options: AgentOptions;
  readonly #identity: () => TlsMaterial | undefined;
  #shown: TlsMaterial | undefined;
  #agent: HttpsAgent;

  constructor(options: AgentOptions, identity: () => TlsMaterial | undefined = () => undefined) {
    this.#options = options;
    this.#identity = identity;
    this.#agent = new HttpsAgent(options);
  }

  agent(): HttpsAgent {
    const material = this.#identity();
    if (material !== undefined && material !== this.#shown) {
      const { certificate: cert, key, authorities: ca } = material;
      // Requests under way end on their own connections.
      this.#agent.destroy();
      this.#agent = new HttpsAgent({ ...this.#options, cert, key, ca });
      this.#shown = material;
    }
    return this.#agent;
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function send(
  open: typeof openPlain,
  how: RequestOptions,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  try {
    const { url, method = 'GET', headers = {}, body, serverName } = request;
    const named = serverName === undefined ? {} : { servername: serverName };
    const exchange = open(url, { ...how, ...named, method, headers: { ...headers }, signal });
    // What breaks after the answer has begun is told by its body.
    exchange.on('error', () => undefined);
    exchange.end(body);
    const response: IncomingMessage = (await once(exchange, 'response', { signal }))[0];
    const text = await readBody(response);
    return {
      kind: 'answered',
      status: response.statusCode ?? 0,
      header: (name) => headerOf(response, name),
      body: text,
    };
  } catch (error) {
    return failureOf(signal.aborted ? signal.reason : error);
  }
}
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      throw new Error(`the body is larger than ${BODY_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headerOf(response: IncomingMessage, name: string): string {
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
