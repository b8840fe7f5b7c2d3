import { createServer, type RequestListener, type Server } from 'node:http';

/** Slow clients are looked for this often; Node's own 30 s would let them stay far beyond their time. */
const SLOW_CLIENT_CHECK_MS = 1_000;
/** No request to one of our servers has a body worth reading; headers are a few hundred bytes. */
const HEADER_BYTES_MAX = 8 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

/** An HTTP server that no client can keep busy by being slow, large, or many. */
export function createBoundedServer(connectionsMax: number, listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
    },
    listener,
  );
  server.maxConnections = connectionsMax;
  return server;
}
