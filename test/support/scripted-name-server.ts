import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import type { NameServer } from '../../src/dns/resolv-conf.ts';

export type Send = (message: Buffer) => void;

export type Script = {
  /** What to do with a datagram; `send` answers it. */
  readonly udp: (query: Buffer, send: Send, from: RemoteInfo) => void;
  /** What to do with a new connection; without it, connections are refused. */
  readonly tcp?: (socket: Socket) => void;
};

/** A name server that does exactly what a test says, on loopback, until the test ends. */
export async function scriptedNameServer(t: TestContext, script: Script): Promise<NameServer> {
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => {
    script.udp(query, (message) => udp.send(message, from.port, from.address), from);
  });
  const port = script.tcp === undefined ? 0 : await tcpPort(t, script.tcp);
  udp.bind({ address: '127.0.0.1', port });
  await once(udp, 'listening');
  t.after(() => {
    udp.close();
  });
  return { address: '127.0.0.1', port: udp.address().port };
}

export type Contents = {
  readonly rcode?: number;
  readonly isTruncated?: boolean;
  readonly answers?: Answer[];
  readonly authorities?: Answer[];
  readonly additionals?: Answer[];
};

/** A well-formed response to `query` that says `contents`. */
export function responseTo(query: Buffer, contents: Contents): Buffer {
  const { id = 0, questions = [] } = decode(query);
  const { rcode = 0, isTruncated = false, ...sections } = contents;
  const flags = AUTHORITATIVE_ANSWER | (isTruncated ? TRUNCATED_RESPONSE : 0) | rcode;
  return encode({ type: 'response', id, flags, questions, ...sections });
}

async function tcpPort(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    t.after(() => {
      socket.destroy();
    });
    serve(socket);
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  t.after(() => {
    tcp.close();
  });
  const bound = tcp.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
