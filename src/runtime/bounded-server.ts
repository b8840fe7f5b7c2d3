import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { TlsMaterial } from './tls-material.ts';

/** Slow clients are looked for this often; Node's own 30 s would let them stay far beyond their time. */
const SLOW_CLIENT_CHECK_MS = 1_000;
/** No request to one of our servers has a body worth reading; headers are a few hundred bytes. */
const HEADER_BYTES_MAX = 8 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 5_000;

const BOUNDS: ServerOptions = {
  maxHeaderSize: HEADER_BYTES_MAX,
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
};

/** An HTTP server that no client can keep busy by being slow, large, or many. */
export function createBoundedServer(connectionsMax: number, listener: RequestListener): Server {
  const server = createServer(BOUNDS, listener);
  server.maxConnections = connectionsMax;
  return server;
}

/**
 * The same over TLS 1.2 or newer, and only for clients that show a certificate of an authority in `material`. Other
 * material is taken up for new connections by `showTo`.
 */
export function createBoundedSecureServer(
  connectionsMax: number,
  material: TlsMaterial,
  listener: RequestListener,
): SecureServer {
  const server = createSecureServer(
    {
      ...BOUNDS,
      ...contextOf(material),
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    },
    listener,
  );
  server.maxConnections = connectionsMax;
  return server;
}

/**
 * The same over TLS 1.2 or newer, for clients that show no certificate. It refuses every connection until `showTo` has
 * given it one to show, and listens meanwhile, so that an address that is taken is known at once.
 */
export function createOpenSecureServer(connectionsMax: number, listener: RequestListener): SecureServer {
  const server = createSecureServer({ ...BOUNDS, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, listener);
  server.maxConnections = connectionsMax;
  return server;
}

/** From now on `server` shows and trusts what is in `material`; connections that are open stay as they are. */
export function showTo(server: SecureServer, material: TlsMaterial): void {
  server.setSecureContext(contextOf(material));
}

function contextOf({ certificate: cert, key, authorities: ca }: TlsMaterial) {
  return { cert, key, ca, minVersion: 'TLSv1.2' } as const;
}
