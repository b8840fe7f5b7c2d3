import { Agent, request } from 'undici';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A plain way to talk to an API server: what a test sends is what goes over the wire. */
export type RealApiClient = AsyncDisposable & {
  /** A string `body` goes out as YAML, anything else as JSON. */
  send(method: Method, path: string, body?: unknown, how?: How): Promise<RealApiAnswer>;
  /** Watches the list at `path` until an object in it is as wanted, and returns that object. */
  until(path: string, isWanted: (object: unknown) => boolean, signal?: AbortSignal): Promise<unknown>;
};

type How = {
  readonly signal?: AbortSignal | undefined;
  /** For patches, such as `application/merge-patch+json`. */
  readonly contentType?: string;
  /** For other shapes of an answer than the object itself. */
  readonly accept?: string;
};

export type RealApiAnswer = {
  readonly status: number;
  /** Parsed JSON, or the text where it is none. */
  readonly body: unknown;
  /** What the server says beside its answer, such as unknown fields. */
  readonly warnings: readonly string[];
};

/** Nothing a test asks takes longer, on the slowest machine. */
const REQUEST_TIMEOUT_MS = 60_000;

export function createRealApiClient(server: {
  readonly url: string;
  readonly token: string;
  readonly ca: string;
}): RealApiClient {
  const dispatcher = new Agent({ connect: { ca: server.ca } });
  const call = (method: Method, path: string, body: string | null, how: How & { contentType: string }) => {
    const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const { signal, contentType, accept = 'application/json' } = how;
    const headers = { authorization: `Bearer ${server.token}`, accept, 'content-type': contentType };
    return request(`${server.url}${path}`, {
      method,
      dispatcher,
      headers,
      body,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
  };
  return {
    send: async (method, path, body, how) => {
      const isYaml = typeof body === 'string';
      const bytes = body === undefined ? null : isYaml ? body : JSON.stringify(body);
      const contentType = isYaml ? 'application/yaml' : 'application/json';
      const answer = await call(method, path, bytes, { contentType, ...how });
      const warning = answer.headers['warning'] ?? [];
      return {
        status: answer.statusCode,
        body: parsed(await answer.body.text()),
        warnings: typeof warning === 'string' ? [warning] : warning,
      };
    },
    until: async (path, isWanted, signal) => {
      const how = { signal, contentType: 'application/json' };
      const answer = await call('GET', `${path}?watch=true`, null, how);
      for await (const line of linesOf(answer.body)) {
        const object = valueAt(parsed(line), 'object');
        if (isWanted(object)) {
          return object;
        }
      }
      throw new Error(`the watch of ${path} ended before anything was as wanted`);
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

/** The value at `path`, such as `spec.size` or `items.0.status`; undefined where there is none. */
export function valueAt(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      body,
    );
}

/** Leaving the loop over them ends the answer. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
