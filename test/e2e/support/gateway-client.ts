/**
 * etcd's JSON gateway as a client in a Pod uses it, which follows a cluster to TLS and to authentication, and back.
 * Node's own modules are all it has.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request as requestPlain } from 'node:http';
import { request as requestSecure, Agent as SecureAgent } from 'node:https';
import { join } from 'node:path';

export type GatewayClientOptions = {
  /** Host and port. */
  readonly host: string;
  /** Where a client certificate lies, once the cluster has one for its people. */
  readonly tlsFolder: string;
  /** Who to be where etcd asks; undefined: nobody. */
  readonly user: { readonly name: string; readonly password: string } | undefined;
};

type Way = {
  readonly endpoint: URL;
  readonly agent: Agent;
  readonly request: typeof requestPlain;
};

/** A token is had with the first question, and again after whatever failed. */
const TOKEN_MS_MAX = 5_000;

export class GatewayClient {
  readonly #options: GatewayClientOptions;
  #way: Way;
  /** Undefined: not known; empty: etcd asks nobody. */
  #token: string | undefined;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
    this.#way = plainWay(options.host);
  }

  /** The body of a 200; anything else throws what was said, and the next question takes another way. */
  async ask(path: string, json: unknown, timeoutMs: number): Promise<string> {
    try {
      this.#token ??= await this.#authenticate();
      return await this.#post(path, json, timeoutMs);
    } catch (error) {
      this.#turn();
      throw error;
    }
  }

  async #authenticate(): Promise<string> {
    const { user } = this.#options;
    if (user === undefined) {
      return '';
    }
    try {
      this.#token = '';
      const answer: unknown = JSON.parse(await this.#post('/v3/auth/authenticate', user, TOKEN_MS_MAX));
      return typeof answer === 'object' && answer !== null && 'token' in answer ? String(answer.token) : '';
    } catch (error) {
      this.#token = undefined;
      if (error instanceof Error && error.message.includes('not enabled')) {
        return '';
      }
      throw error;
    }
  }

  #post(path: string, json: unknown, timeoutMs: number): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const { endpoint, agent, request } = this.#way;
    const outgoing = request(new URL(path, endpoint), {
      method: 'POST',
      agent,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        ...(this.#token ? { authorization: this.#token } : {}),
      },
    });
    outgoing.on('error', (error) => reject(new Error(whyOf(error))));
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => reject(new Error(whyOf(error))));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) {
          resolve(body);
        } else {
          reject(new Error(messageIn(body) ?? `status ${response.statusCode}`));
        }
      });
    });
    outgoing.end(JSON.stringify(json));
    return promise;
  }

  /** Another connection; over TLS and not, in turn, wherever there is a certificate to show. */
  #turn(): void {
    const { host, tlsFolder } = this.#options;
    this.#way.agent.destroy();
    this.#token = undefined;
    const isSecureNext = this.#way.endpoint.protocol === 'http:' && existsSync(join(tlsFolder, 'tls.crt'));
    this.#way = isSecureNext ? secureWay(host, tlsFolder) : plainWay(host);
  }
}

function plainWay(host: string): Way {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { endpoint: new URL(`http://${host}`), agent, request: requestPlain };
}

/** With the files as they are now: certificates are renewed, and authorities replaced. */
function secureWay(host: string, tlsFolder: string): Way {
  const read = (file: string): string => readFileSync(join(tlsFolder, file), 'utf8');
  const identity = { cert: read('tls.crt'), key: read('tls.key'), ca: read('ca.crt') };
  return {
    endpoint: new URL(`https://${host}`),
    agent: new SecureAgent({ keepAlive: true, maxSockets: 1, ...identity }),
    request: requestSecure,
  };
}

function whyOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return 'no answer in time';
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** What etcd's gateway says of a failure (grpc-gateway's `Status`). */
function messageIn(body: string): string | undefined {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null && 'message' in json ? String(json.message) : undefined;
  } catch {
    return undefined;
  }
}
