/** One question to one server, over UDP or TCP. Time limits are the caller's, through the signal. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { NameServer } from './resolv-conf.ts';

/**
 * The longest answer taken. Nine members with SRV, A and long names stay under 4 KiB, and what is longer
 * would let a hostile answer cost more than some milliseconds to read.
 */
export const ANSWER_BYTES_MAX = 16_384;

const LENGTH_BYTES = 2;

export type Exchange =
  | { readonly kind: 'answered'; readonly reply: Buffer }
  | { readonly kind: 'failed'; readonly why: string }
  /** The signal ended it. */
  | { readonly kind: 'ended' };

export type Request = {
  readonly server: NameServer;
  readonly query: Buffer;
  /** Whether these bytes answer the query. */
  readonly isReply: (reply: Buffer) => boolean;
};

/**
 * Asks by one datagram and waits for the answer. Datagrams that do not answer it are passed over: a
 * forged one must not keep the true one from being heard.
 */
export function askOverUdp(request: Request, signal: AbortSignal): Promise<Exchange> {
  const { server, query, isReply } = request;
  return untilSettled(signal, (settle) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    // Connected, the kernel drops what comes from any other address or port, and reports a closed port.
    socket.on('connect', () => socket.send(query));
    socket.on('message', (reply) => {
      if (reply.length <= ANSWER_BYTES_MAX && isReply(reply)) {
        settle({ kind: 'answered', reply });
      }
    });
    socket.on('error', (error) => settle({ kind: 'failed', why: error.message }));
    socket.connect(server.port, server.address);
    return () => socket.close();
  });
}

/** Asks over a connection of its own, for an answer that does not fit a datagram (RFC 7766). */
export function askOverTcp(request: Request, signal: AbortSignal): Promise<Exchange> {
  const { server, query, isReply } = request;
  return untilSettled(signal, (settle) => {
    const socket = connect({ host: server.address, port: server.port });
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const outcome = readStream(received, isReply);
      if (outcome !== undefined) {
        settle(outcome);
      }
    });
    socket.on('error', (error) => settle({ kind: 'failed', why: error.message }));
    socket.on('close', () => settle({ kind: 'failed', why: 'it closed the connection without an answer' }));
    socket.write(withLength(query));
    return () => socket.destroy();
  });
}

/** `message` with its length before it, as TCP carries it (RFC 1035 §4.2.2). */
export function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Undefined while more must come. */
function readStream(received: Buffer, isReply: (reply: Buffer) => boolean): Exchange | undefined {
  if (received.length < LENGTH_BYTES) {
    return undefined;
  }
  const length = received.readUInt16BE(0);
  if (length > ANSWER_BYTES_MAX) {
    return { kind: 'failed', why: `its answer is longer than ${ANSWER_BYTES_MAX} bytes` };
  }
  if (received.length < LENGTH_BYTES + length) {
    return undefined;
  }
  const reply = received.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  return isReply(reply)
    ? { kind: 'answered', reply }
    : { kind: 'failed', why: 'its answer is to another question' };
}

/**
 * The first outcome that `start` settles on, or `ended` as soon as the signal says so. `start` returns
 * what closes its socket; that is called once, before the outcome is known to anybody.
 */
function untilSettled(
  signal: AbortSignal,
  start: (settle: (outcome: Exchange) => void) => () => void,
): Promise<Exchange> {
  if (signal.aborted) {
    return Promise.resolve({ kind: 'ended' });
  }
  return new Promise((resolve) => {
    let isSettled = false;
    const settle = (outcome: Exchange): void => {
      if (!isSettled) {
        isSettled = true;
        signal.removeEventListener('abort', end);
        close();
        resolve(outcome);
      }
    };
    const end = (): void => settle({ kind: 'ended' });
    signal.addEventListener('abort', end);
    const close = start(settle);
  });
}
