import { once } from 'node:events';
import { type IncomingMessage, request as openPlain, Agent as PlainAgent } from 'node:http';
import { request as openSecure, Agent as SecureAgent } from 'node:https';
import { within } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';
import type { ApiCredentials, Credentials } from './api-credentials.ts';
import type { ApiAnswer, ApiRequest, ApiTransport } from './api-transport.ts';

/** Workers and a few reflectors that list at once; more would only queue at the API server. */
const CALLS_MAX = 8;
/** Below the 90 s after which the API server (1.34: apiserver's `secure_serving.go`) shuts idle connections. */
const IDLE_MS = 60_000;
/** After this much silence the kernel asks whether the other end still lives, then once a second, ten times. */
const KEEP_ALIVE_DELAY_MS = 15_000;
/** Nobody explains a refusal in more. */
const REFUSAL_BYTES_MAX = 64 * 1024;

/** An answer that has begun, and what was shown for it. */
type Begun = { readonly response: IncomingMessage; readonly shown: Credentials['headers'] };

/**
 * HTTP/1.1 to one API server over connections that are kept, by Node's own client: undici would cost the
 * operator 10 to 20 MB. Watches have connections of their own, so that they never keep a call waiting.
 * Credentials that are refused (401, which the API server answers before it does anything) are read anew and
 * shown once more; new certificates open new connections.
 */
export function createHttpTransport(credentials: ApiCredentials): ApiTransport {
  const server = new URL(credentials.server);
  const basePath = server.pathname.replace(/\/$/, '');
  const isSecure = server.protocol === 'https:';
  const Agent = isSecure ? SecureAgent : PlainAgent;
  const pool = { keepAlive: true, timeout: IDLE_MS };
  const agents = { calls: new Agent({ ...pool, maxSockets: CALLS_MAX }), watches: new Agent(pool) };
  let isClosed = false;
  const send = async (
    use: 'calls' | 'watches',
    request: ApiRequest,
    after: 'nothing' | 'refusal',
    signal: AbortSignal,
  ): Promise<Begun> => {
    const { headers, tls } = await credentials.read(after, signal);
    if (isClosed) {
      throw new Error('the client is closed');
    }
    const exchange = (isSecure ? openSecure : openPlain)({
      // An address of IPv6 is in brackets in a URL and nowhere else.
      host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: server.port,
      method: request.method,
      path: `${basePath}${request.path}`,
      headers: { ...headersOf(request), ...headers },
      agent: agents[use],
      ...tls,
      signal,
    });
    exchange.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS));
    // What breaks after the answer has begun is told by its body.
    exchange.on('error', () => undefined);
    exchange.end(request.body);
    const response: IncomingMessage = (await once(exchange, 'response', { signal }))[0];
    if (response.statusCode !== 401 || after === 'refusal') {
      return { response, shown: headers };
    }
    await readBody(response, REFUSAL_BYTES_MAX);
    return send(use, request, 'refusal', signal);
  };
  return {
    exchange: async (request, signal) => {
      const bounded = within(signal, request.timeoutMs);
      try {
        return await answerOf(await send('calls', request, 'nothing', bounded), request.bodyBytesMax);
      } catch (error) {
        return unknownAfter(bounded.aborted ? bounded.reason : error);
      }
    },
    stream: async (request, signal) => {
      const begin = new AbortController();
      const either = AbortSignal.any([signal, begin.signal]);
      const timer = setTimeout(() => begin.abort(timeout()), request.timeoutMs);
      try {
        const begun = await send('watches', request, 'nothing', either);
        return begun.response.statusCode === 200
          ? { kind: 'streaming', chunks: begun.response }
          : await answerOf(begun, REFUSAL_BYTES_MAX);
      } catch (error) {
        return unknownAfter(either.aborted ? either.reason : error);
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => {
      isClosed = true;
      agents.calls.destroy();
      agents.watches.destroy();
    },
  };
}

function headersOf(request: ApiRequest): Readonly<Record<string, string | number>> {
  return {
    accept: 'application/json',
    'user-agent': 'quorate',
    ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
    // Node itself says it for some methods and not for DELETE.
    ...(request.body === undefined ? {} : { 'content-length': Buffer.byteLength(request.body) }),
  };
}

async function answerOf({ response, shown }: Begun, bytesMax: number): Promise<ApiAnswer> {
  const { statusCode: status = 0 } = response;
  const retryAfterMs = retryAfterMsOf(response.headers['retry-after']);
  const body = await readBody(response, bytesMax);
  return {
    kind: 'answered',
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    body: status >= 400 ? withoutToken(body, shown) : body,
  };
}

/** What explains a refusal is passed on to people, and a proxy may quote in it what it was asked with. */
function withoutToken(text: string, shown: Credentials['headers']): string {
  const token = /^Bearer (.+)$/i.exec(shown['authorization'] ?? '')?.[1];
  return token === undefined ? text : text.replaceAll(token, '(token)');
}

async function readBody(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw new Error(`the answer is larger than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The API server gives whole seconds; a date, which HTTP allows too, is as good as nothing said. */
function retryAfterMsOf(header: string | undefined): number | undefined {
  const seconds = header !== undefined && /^\d{1,5}$/.test(header) ? Number(header) : 0;
  return seconds === 0 ? undefined : seconds * 1_000;
}

function timeout(): DOMException {
  return new DOMException('no answer in time', 'TimeoutError');
}

function unknownAfter(error: unknown): ApiAnswer {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { kind: 'unknown', why: 'no answer in time' };
  }
  // Node's error for "none of several addresses could be reached" has a code and no text.
  const text = errorText(error).trim();
  return { kind: 'unknown', why: text === '' ? 'the connection failed' : text };
}
