/**
 * What a client that is slow, large, or many can do to any of our listeners: nothing that lasts. Nothing here is
 * timed: each attack goes on until the listener ends it, or the test's own time is over.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import type { Patience } from '../../src/runtime/bounded-server.ts';
import { HTTP_LISTENERS, type HttpListener, type Opened } from './http-listeners.ts';

/** Long enough for a good client on a loaded machine. */
const LITTLE: Patience = { requestMs: 300, answerMs: 300, handshakeMs: 1_000, checkMs: 20 };
const DRIP_MS = 20;
const OTHER_ADDRESS = '127.0.0.2';
const THIRD_ADDRESS = '127.0.0.3';
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const TEST_TIMEOUT_MS = 60_000;

for (const [name, listener] of Object.entries(HTTP_LISTENERS)) {
  describe(`${name} hangs up on a client that`, { timeout: TEST_TIMEOUT_MS, concurrency: true }, () => {
    const meets = (what: string, attack: (socket: Socket) => Promise<void>): void => {
      it(what, async (t) => {
        const opened = await listener.open(t, LITTLE);
        const socket = await entered(t, opened);
        await attack(socket);
        await answersAGoodClient(opened, listener);
      });
    };

    meets('says nothing', (socket) => ended(socket));

    meets('stops in the middle of its headers', (socket) => {
      socket.write(`GET ${listener.path} HTTP/1.1\r\nx-slow: `);
      return ended(socket);
    });

    meets('drips its headers, a byte now and then', async (socket) => {
      socket.write(`GET ${listener.path} HTTP/1.1\r\nx-slow: `);
      const drip = setInterval(() => socket.write('x'), DRIP_MS);
      await ended(socket);
      clearInterval(drip);
    });

    meets('sends headers without end', async (socket) => {
      socket.write(`GET ${listener.path} HTTP/1.1\r\nx-large: `);
      assert.match(await floodedWith(socket, CHUNK), /^(HTTP\/1\.1 431 |$)/);
    });

    meets('sends one header after another', async (socket) => {
      socket.write(`GET ${listener.path} HTTP/1.1\r\n${'x-many: y\r\n'.repeat(3_000)}`);
      assert.match(await text(socket).catch(() => ''), /^(HTTP\/1\.1 431 |$)/);
    });

    meets('sends a body without end', async (socket) => {
      socket.write(`PUT ${listener.path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
      await floodedWith(
        socket,
        Buffer.concat([Buffer.from(`${CHUNK.length.toString(16)}\r\n`), CHUNK, Buffer.from('\r\n')]),
      );
    });

    meets('promises a body and never sends it', (socket) => {
      socket.write(`PUT ${listener.path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`);
      return ended(socket);
    });

    meets('asks on and on and takes no answer', async (socket) => {
      socket.pause();
      await poured(socket, Buffer.from(listener.goodRequest.repeat(100)));
    });

    meets('never asks again', (socket) => {
      socket.write(listener.goodRequest);
      return ended(socket);
    });

    meets('speaks another protocol', async (socket) => {
      socket.write('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n');
      assert.match(await text(socket).catch(() => ''), /^(HTTP\/1\.1 400 |$)/);
    });
  });

  describe(`${name} has room`, { timeout: TEST_TIMEOUT_MS }, () => {
    it(`for ${listener.connectionsMax} clients, and for the next one when one of them leaves`, async (t) => {
      const opened = await listener.open(t);
      const { connectionsMax, perAddressMax = connectionsMax } = listener;
      const many = await crowd(t, connectionsMax, (at) =>
        opened.connect(at < perAddressMax ? undefined : OTHER_ADDRESS),
      );
      await assertFull(opened, listener, many, THIRD_ADDRESS);
      many[0]?.destroy();
      await answersAGoodClient(opened, listener);
    });
  });
}

for (const [name, listener] of Object.entries(HTTP_LISTENERS)) {
  const { perAddressMax } = listener;
  if (perAddressMax !== undefined) {
    describe(`${name} keeps room`, { timeout: TEST_TIMEOUT_MS }, () => {
      it('for others, though one address holds every connection it can get', async (t) => {
        const opened = await listener.open(t);
        const many = await crowd(t, perAddressMax, () => opened.connect());
        await assertFull(opened, listener, many, undefined);
        await answersAGoodClient(opened, listener, OTHER_ADDRESS);
      });
    });
  }
}

describe('the agent’s TLS port hangs up on a client that', { timeout: TEST_TIMEOUT_MS }, () => {
  it('never shakes hands', async (t) => {
    const listener = HTTP_LISTENERS['the agent’s TLS port'];
    assert.ok(listener !== undefined);
    const opened = await listener.open(t, { ...LITTLE, handshakeMs: 300 });
    await ended(opened.connect());
  });
});

/** So many connections, all of which are up. */
async function crowd(
  t: TestContext,
  size: number,
  connect: (at: number) => Socket,
): Promise<readonly Socket[]> {
  const many = Array.from({ length: size }, (_, at) => connect(at));
  t.after(() => {
    for (const socket of many) {
      socket.destroy();
    }
  });
  await Promise.all(many.map((socket) => once(socket, 'connect')));
  return many;
}

/** The next one from that address gets no answer, and nobody loses a connection by it. */
async function assertFull(
  opened: Opened,
  { goodRequest }: HttpListener,
  many: readonly Socket[],
  from: string | undefined,
): Promise<void> {
  const next = opened.connect(from);
  next.write(goodRequest);
  assert.equal(await text(next).catch(() => ''), '');
  assert.ok(many.every((socket) => !socket.closed));
}

/** The next one may come before the listener has noticed that somebody left: it asks until it is answered. */
async function answersAGoodClient(
  opened: Opened,
  { goodRequest }: HttpListener,
  from?: string,
): Promise<void> {
  for (;;) {
    const socket = await opened.enter(from);
    socket.write(goodRequest);
    const answer = once(socket, 'data').catch(() => []);
    const [first] = await Promise.race([answer, closeOf(socket).then(() => [])]);
    socket.destroy();
    if (first instanceof Buffer) {
      assert.match(first.toString(), /^HTTP\/1\.1 200 /);
      return;
    }
  }
}

async function entered(t: TestContext, opened: Opened): Promise<Socket> {
  const socket = await opened.enter();
  t.after(() => {
    socket.destroy();
  });
  return socket;
}

/** Once the other side has ended the connection, whatever it said before. */
async function ended(socket: Socket): Promise<void> {
  socket.resume();
  await closeOf(socket);
}

/** However it comes about: a reset is an end, too. */
function closeOf(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  return socket.closed ? Promise.resolve() : promise;
}

/** Sends `piece` over and over until the other side ends the connection; what it has said. */
async function floodedWith(socket: Socket, piece: Buffer): Promise<string> {
  const said: Buffer[] = [];
  socket.on('data', (chunk) => said.push(chunk));
  await poured(socket, piece);
  return Buffer.concat(said).toString();
}

async function poured(socket: Socket, piece: Buffer): Promise<void> {
  const gone = closeOf(socket);
  while (!socket.closed && !socket.destroyed) {
    if (!socket.write(piece)) {
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), gone]);
    }
  }
  await gone;
}
