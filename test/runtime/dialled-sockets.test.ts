import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { holdDialledSockets } from '../../src/runtime/dialled-sockets.ts';
import { fullListener } from '../support/full-listener.ts';
import { serveTcp } from '../support/http-origin.ts';

const HOST = '127.0.0.1';
/** No question waits as long for its answer. */
const LONG_MS = 60_000;

describe('a connection that this process dials', () => {
  it('is given up when nothing comes back for too long', async (t) => {
    const port = await fullListener(t, HOST);
    using _held = holdDialledSockets();
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const socket = connect({ host: HOST, port });
    const failed = assert.rejects(once(socket, 'connect'), /was given up before it was made/);
    t.mock.timers.tick(LONG_MS);
    await failed;
  });

  it('is left alone once it is made', async (t) => {
    const origin = await serveTcp(t, (accepted) => accepted.pipe(accepted));
    using _held = holdDialledSockets();
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const socket = connect({ host: HOST, port: Number(new URL(origin).port) });
    await once(socket, 'connect');
    t.mock.timers.tick(LONG_MS);
    socket.write('still here');
    assert.equal(String(await once(socket, 'data')), 'still here');
    socket.destroy();
  });

  it('ends with all others, whether it was made, is being made, or begins only then', async (t) => {
    using dialled = holdDialledSockets();
    const port = Number(new URL(await serveTcp(t)).port);
    const made = connect({ host: HOST, port });
    await once(made, 'connect');
    const hanging = connect({ host: HOST, port: await fullListener(t, HOST) });
    const failed = once(hanging, 'error');
    const closed = once(made, 'close');
    dialled.end();
    await Promise.all([failed, closed]);
    const late = connect({ host: HOST, port });
    await assert.rejects(once(late, 'connect'), /was given up before it was made/);
  });

  it('is nobody’s concern any more once the hold is disposed of', async (t) => {
    const dialled = holdDialledSockets();
    dialled.end();
    dialled[Symbol.dispose]();
    const socket = connect({ host: HOST, port: Number(new URL(await serveTcp(t)).port) });
    await once(socket, 'connect');
    socket.destroy();
  });
});
