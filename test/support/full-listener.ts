import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

/** Two connections wait to be accepted (Linux admits one more than it is told), and nobody accepts them. */
const QUEUE = 1;

/** Listens, then stands still: Node accepts connections whenever it can. */
const LISTENER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer();
  server.listen(workerData, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/**
 * Makes connections to `host` and the port that is returned hang until the test ends: the listener's queue is
 * full, so the system drops what comes, as the network does on the way to the address of a Pod that is gone.
 */
export async function fullListener(t: TestContext, host: string, port = 0): Promise<number> {
  const worker = new Worker(LISTENER, { eval: true, workerData: { host, port, backlog: QUEUE } });
  const waiting: Socket[] = [];
  t.after(async () => {
    for (const socket of waiting) {
      socket.destroy();
    }
    await worker.terminate();
  });
  const [listening]: number[] = await once(worker, 'message');
  if (listening === undefined) {
    throw new Error('the listener has no port');
  }
  while (waiting.length <= QUEUE) {
    const socket = connect({ host, port: listening });
    waiting.push(socket);
    await once(socket, 'connect');
  }
  return listening;
}
