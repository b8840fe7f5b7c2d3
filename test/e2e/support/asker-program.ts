/**
 * Runs in a Pod: passes questions on to members over whatever they speak. `POST /ask?host=HOST:PORT&path=/v3/…` gives
 * what etcd's gateway answered, or a 502 with what was said instead. Node's own modules and the files beside it are all
 * it has.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { GatewayClient } from './gateway-client.ts';

const { PORT, TLS_FOLDER: tlsFolder = '', ETCD_USER: name = '', ETCD_PASSWORD: password } = process.env;
const ASK_MS_MAX = 4_000;
/** Plain text, TLS, and TLS once more with files that have just come. */
const TRIES_MAX = 3;
const clients = new Map<string, GatewayClient>();

createServer((incoming, response) => {
  // See `writer-program.ts`.
  response.shouldKeepAlive = false;
  const url = new URL(incoming.url ?? '/', 'http://asker');
  text(incoming)
    .then((body) => answerTo(url, body))
    .then((said) => response.writeHead(200, { 'content-type': 'application/json' }).end(said))
    .catch((error: unknown) => response.writeHead(502).end(String(error)));
}).listen(Number(PORT));

async function answerTo({ pathname, searchParams }: URL, body: string): Promise<string> {
  if (pathname !== '/ask') {
    return '{}';
  }
  const client = clientOf(searchParams.get('host') ?? '');
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.ask(searchParams.get('path') ?? '/', JSON.parse(body), ASK_MS_MAX);
    } catch (error) {
      if (attempt >= TRIES_MAX) {
        throw error;
      }
    }
  }
}

function clientOf(host: string): GatewayClient {
  const user = password === undefined ? undefined : { name, password };
  const client = clients.get(host) ?? new GatewayClient({ host, tlsFolder, user });
  clients.set(host, client);
  return client;
}
