import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { shareFairly } from './fair-share.ts';
import type { TlsMaterial } from './tls-material.ts';

/** No request to one of our servers has more in its headers than a few hundred bytes. */
const HEADER_BYTES_MAX = 8 * 1024;

/** How many connections are open at once, and how many of them one address may have: all where that is left out. */
export type Room = { readonly connections: number; readonly perAddress?: number };

/** How long a client may take, in milliseconds. */
export type Patience = {
  /** From connecting, or from the answer before, to the last byte of a request. */
  readonly requestMs: number;
  /** Without taking anything of an answer, or without asking again after it. */
  readonly answerMs: number;
  readonly handshakeMs: number;
  /** Slow clients are looked for this often; Node's own 30 s would let them stay far beyond their time. */
  readonly checkMs: number;
};

const PATIENCE: Patience = { requestMs: 10_000, answerMs: 5_000, handshakeMs: 5_000, checkMs: 1_000 };

/** An HTTP server that no client can keep busy by being slow, large, or many. */
export function createBoundedServer(
  room: Room,
  listener: RequestListener,
  patience: Patience = PATIENCE,
): Server {
  const server = createServer(boundsOf(patience), listener);
  return bounded(server, room, patience);
}

/**
 * The same over TLS 1.2 or newer, and only for clients that show a certificate of an authority in `material`. Other
 * material is taken up for new connections by `showTo`.
 */
export function createBoundedSecureServer(
  room: Room,
  material: TlsMaterial,
  listener: RequestListener,
  patience: Patience = PATIENCE,
): SecureServer {
  const server = createSecureServer(
    {
      ...boundsOf(patience),
      ...contextOf(material),
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: patience.handshakeMs,
    },
    listener,
  );
  return bounded(server, room, patience);
}

/**
 * The same over TLS 1.2 or newer, for clients that show no certificate. It refuses every connection until `showTo` has
 * given it one to show, and listens meanwhile, so that an address that is taken is known at once.
 */
export function createOpenSecureServer(
  room: Room,
  listener: RequestListener,
  patience: Patience = PATIENCE,
): SecureServer {
  const server = createSecureServer(
    { ...boundsOf(patience), handshakeTimeout: patience.handshakeMs },
    listener,
  );
  return bounded(server, room, patience);
}

/** From now on `server` shows and trusts what is in `material`; connections that are open stay as they are. */
export function showTo(server: SecureServer, material: TlsMaterial): void {
  server.setSecureContext(contextOf(material));
}

function boundsOf({ requestMs, answerMs, checkMs }: Patience): ServerOptions {
  return {
    maxHeaderSize: HEADER_BYTES_MAX,
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    keepAliveTimeout: answerMs,
    connectionsCheckingInterval: checkMs,
  };
}

function bounded<S extends Server | SecureServer>(server: S, room: Room, { answerMs }: Patience): S {
  server.maxConnections = room.connections;
  if (room.perAddress !== undefined) {
    shareFairly(server, room.perAddress);
  }
  // Node has no bound for who asks on and on and takes no answer. While an answer is made, the connection may be
  // silent for as long as that takes: status is waited for.
  server.prependListener('request', (_: IncomingMessage, response: ServerResponse) => {
    // Whoever asked may have hung up meanwhile; then there is no socket any more, whatever its type says.
    response.once('prefinish', () => response.socket?.setTimeout(answerMs));
  });
  return server;
}

function contextOf({ certificate: cert, key, authorities: ca }: TlsMaterial) {
  return { cert, key, ca, minVersion: 'TLSv1.2' } as const;
}
