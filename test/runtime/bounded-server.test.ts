/** What it is for is tried on every listener in test/listeners; here is what must not fall victim to it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { it, type TestContext } from 'node:test';
import { createBoundedServer } from '../../src/runtime/bounded-server.ts';

async function connected(t: TestContext, listener: RequestListener): Promise<() => Socket> {
  const patience = { requestMs: 1_000, answerMs: 50, handshakeMs: 1_000, checkMs: 20 };
  const server = createBoundedServer({ connections: 8 }, listener, patience).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return () => connect(port, '127.0.0.1');
}

async function ask(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

it('a client that waits for its answer is not hung up on, even over a connection that was used before', async (t) => {
  const released = Promise.withResolvers<void>();
  const open = await connected(t, async ({ url }, response) => {
    if (url === '/wait') {
      await released.promise;
    }
    response.end('ok');
  });
  const waits = open();
  assert.match(await ask(waits, '/'), /ok$/);
  const answer = ask(waits, '/wait');
  // Another one with nothing to wait for is hung up on meanwhile.
  const idle = open();
  await ask(idle, '/');
  await once(idle, 'close');
  released.resolve();
  assert.match(await answer, /ok$/);
  waits.destroy();
});
