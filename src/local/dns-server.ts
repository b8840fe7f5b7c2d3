/**
 * An authoritative DNS server for the local cluster, in place of CoreDNS. What it says is decided by
 * `dns-answer.ts`; here are its sockets.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { withLength } from '../dns/exchange.ts';
import { answerQuery, type DnsFault, type DnsTransport, QUERY_BYTES_MAX } from './dns-answer.ts';
import type { PodRecord, ServicePort } from './dns-zone.ts';

/** As CoreDNS's kubernetes plugin by default. */
export const DNS_TTL_SECONDS = 5;

/** Nine agents that ask for all their peers at once would not reach it. */
const CONNECTIONS_MAX = 128;
/** A client that has a question asks it at once. */
export const DNS_IDLE_TIMEOUT_MS = 2000;
/** With port 0: how often a port that is free for TCP may turn out to be taken for UDP. */
const PORT_TRIES_MAX = 20;
const LENGTH_BYTES = 2;

export type DnsServerOptions = {
  /** Read anew for every query. */
  readonly records: () => readonly PodRecord[];
  /** Such as `cluster.local`. */
  readonly domain: string;
  /** IPv4. */
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The Services' named ports, for SRV. */
  readonly ports: readonly ServicePort[];
  readonly ttlSeconds?: number;
  readonly idleTimeoutMs?: number;
};

export type DnsServer = {
  readonly address: string;
  readonly port: number;
  /** From the next query on. */
  setFault(fault: DnsFault): void;
  /** Ends all connections; resolves when both sockets are closed. */
  close(): Promise<void>;
};

/** Serves UDP and TCP on one port. Rejects when that port cannot be had. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  let fault: DnsFault = { kind: 'none' };
  const answer = (query: Buffer, transport: DnsTransport): Buffer | undefined => {
    const { domain, ports, ttlSeconds = DNS_TTL_SECONDS } = options;
    return answerQuery(query, { domain, ports, ttlSeconds, pods: options.records() }, transport, fault);
  };
  const sockets = await bindBoth(options.address, options.port);
  serveUdp(sockets.udp, (query) => answer(query, 'udp'));
  const idleTimeoutMs = options.idleTimeoutMs ?? DNS_IDLE_TIMEOUT_MS;
  const connections = serveTcp(sockets.tcp, idleTimeoutMs, (query) => answer(query, 'tcp'));
  return {
    address: options.address,
    port: sockets.udp.address().port,
    setFault(next) {
      fault = next;
    },
    async close() {
      const closed = Promise.all([once(sockets.udp, 'close'), once(sockets.tcp, 'close')]);
      sockets.udp.close();
      sockets.tcp.close();
      for (const connection of connections) {
        connection.destroy();
      }
      await closed;
    },
  };
}

type Respond = (query: Buffer) => Buffer | undefined;
type Bound = { readonly udp: UdpSocket; readonly tcp: Server };

async function bindBoth(address: string, port: number): Promise<Bound> {
  for (let tries = 1; ; tries++) {
    const tcp = createServer();
    tcp.listen({ host: address, port, backlog: CONNECTIONS_MAX });
    await once(tcp, 'listening');
    try {
      return { tcp, udp: await bindUdp(address, portOf(tcp)) };
    } catch (error) {
      tcp.close();
      await once(tcp, 'close');
      if (port !== 0 || tries === PORT_TRIES_MAX) {
        throw error;
      }
    }
  }
}

async function bindUdp(address: string, port: number): Promise<UdpSocket> {
  const udp = createSocket('udp4');
  try {
    udp.bind({ address, port, exclusive: true });
    await once(udp, 'listening');
    return udp;
  } catch (error) {
    udp.close();
    throw error;
  }
}

function portOf(tcp: Server): number {
  const bound = tcp.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

function serveUdp(udp: UdpSocket, respond: Respond): void {
  udp.on('message', (query, from) => {
    const response = respond(query);
    if (response !== undefined) {
      udp.send(response, from.port, from.address, ignoreLoss);
    }
  });
  udp.on('error', ignoreLoss);
}

/** A datagram, or a connection not accepted for want of files, is lost; who asked will ask again. */
function ignoreLoss(): void {}

/** The open connections, kept up to date. */
function serveTcp(tcp: Server, idleTimeoutMs: number, respond: Respond): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  tcp.maxConnections = CONNECTIONS_MAX;
  tcp.on('error', ignoreLoss);
  tcp.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    // From answer to answer, whatever moves meanwhile: a byte now and then is no question.
    const idle = setTimeout(() => socket.destroy(), idleTimeoutMs);
    socket.on('close', () => clearTimeout(idle));
    serveConnection(socket, (query) => {
      idle.refresh();
      return respond(query);
    });
  });
  return connections;
}

/** Answers the queries of one connection in turn, and ends it at the first that is none. */
function serveConnection(socket: Socket, respond: Respond): void {
  let received: Buffer = Buffer.alloc(0);
  const serve = (): void => {
    let query = firstQuery(received);
    // A client that asks on without reading is not served on, until it reads or is idle too long.
    while (query !== undefined && query.length > 0 && !socket.writableNeedDrain) {
      received = received.subarray(LENGTH_BYTES + query.length);
      const response = respond(query);
      if (response !== undefined) {
        socket.write(withLength(response));
      }
      query = firstQuery(received);
    }
    if (query?.length === 0 || lengthOf(received) > QUERY_BYTES_MAX) {
      socket.destroy();
    } else if (socket.writableNeedDrain) {
      socket.pause();
    } else {
      socket.resume();
    }
  };
  socket.on('drain', serve);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    serve();
  });
}

/** The query at the beginning, once it is whole (RFC 1035 §4.2.2). */
function firstQuery(received: Buffer): Buffer | undefined {
  const end = LENGTH_BYTES + lengthOf(received);
  return received.length >= end && end <= LENGTH_BYTES + QUERY_BYTES_MAX
    ? received.subarray(LENGTH_BYTES, end)
    : undefined;
}

function lengthOf(received: Buffer): number {
  return received.length < LENGTH_BYTES ? 0 : received.readUInt16BE(0);
}
