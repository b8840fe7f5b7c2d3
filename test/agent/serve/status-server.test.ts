import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { createAgentMetrics } from '../../../src/agent/agent-metrics.ts';
import { StatusBoard } from '../../../src/agent/serve/status-board.ts';
import { createStatusServer, type StatusServerDeps } from '../../../src/agent/serve/status-server.ts';
import { parseAgentStatus } from '../../../src/model/agent-status.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { aMemberView, aSelf, dataVolume, running } from '../../support/a-member-view.ts';
import { captureLog } from '../../support/captured-log.ts';

type Served = { readonly port: number; readonly server: Server; readonly board: StatusBoard };

async function serve(t: TestContext, deps: Partial<StatusServerDeps> = {}): Promise<Served> {
  const board = new StatusBoard(aSelf(), aManualClock());
  const server = createStatusServer({
    board,
    registry: createAgentMetrics().registry,
    logger: captureLog().logger,
    isReady: async () => ({ ready: true, why: 'voter; a linearizable read works' }),
    canReach: async () => true,
    hasServed: () => true,
    leave: async () => ({ kind: 'stay', reason: 'StillWanted', message: 'A restart.' }),
    signal: t.signal,
    ...deps,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server, board };
}

type Reply = { readonly status: number; readonly body: string; readonly type: string };

/** Not fetch: it tidies a path before it asks for it. */
async function ask(served: Served, path: string, method = 'GET'): Promise<Reply> {
  const asked = request({ host: '127.0.0.1', port: served.port, path, method, agent: false });
  asked.end();
  const [response] = await once(asked, 'response');
  return {
    status: response.statusCode,
    body: await text(response),
    type: response.headers['content-type'] ?? '',
  };
}

function shown(board: StatusBoard): void {
  const view = aMemberView({ volume: dataVolume(), etcd: running() });
  board.show(view, { kind: 'settled', stage: 'serving', reason: 'Serving', message: 'Serving.' }, 0);
}

describe('the agent’s HTTP server', () => {
  it('is live without asking etcd', async (t) => {
    const served = await serve(t, { isReady: () => assert.fail('it asked etcd') });
    assert.deepEqual(await ask(served, '/livez'), {
      status: 200,
      body: 'ok\n',
      type: 'text/plain; charset=utf-8',
    });
  });

  it('is ready or not, and says why', async (t) => {
    const ready = await ask(await serve(t), '/readyz');
    assert.deepEqual([ready.status, ready.body], [200, 'voter; a linearizable read works\n']);
    const isReady = async () => ({ ready: false, why: 'CatchingUp: 7 behind' });
    const notReady = await ask(await serve(t, { isReady }), '/readyz');
    assert.deepEqual([notReady.status, notReady.body], [503, 'CatchingUp: 7 behind\n']);
  });

  it('tells its status as JSON that other agents can read', async (t) => {
    const served = await serve(t);
    shown(served.board);
    const { status, body, type } = await ask(served, '/status');
    assert.deepEqual([status, type], [200, 'application/json']);
    assert.deepEqual(parseAgentStatus(JSON.parse(body)), served.board.status);
  });

  it('holds a long-poll until the status changes', async (t) => {
    const served = await serve(t);
    const waiting = ask(served, '/status?since=0&wait=60s');
    await ask(served, '/livez');
    shown(served.board);
    assert.equal(JSON.parse((await waiting).body).decision.kind, 'settled');
  });

  it('answers a long-poll for an old status, or without a time to wait, at once', async (t) => {
    const served = await serve(t);
    for (const query of ['since=other&wait=60s', 'since=0', 'since=0&wait=0', 'wait=60s']) {
      assert.equal((await ask(served, `/status?${query}`)).status, 200, query);
    }
  });

  it('forgets a long-poll whose asker hung up', async (t) => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const served = await serve(t, {
      isReady: async (signal) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        await gone;
        return { ready: false, why: 'nobody listens' };
      },
    });
    const asked = request({ host: '127.0.0.1', port: served.port, path: '/readyz', agent: false });
    asked.on('error', () => {});
    asked.end();
    await ask(served, '/livez');
    asked.destroy();
    await gone;
  });

  it('asks for the reach of one ordinal', async (t) => {
    const asked: number[] = [];
    const served = await serve(t, {
      canReach: async (ordinal) => {
        asked.push(ordinal);
        return ordinal === 2;
      },
    });
    assert.equal((await ask(served, '/reach?ordinal=2')).body, '{"reachable":true}\n');
    assert.equal((await ask(served, '/reach?ordinal=0')).body, '{"reachable":false}\n');
    assert.deepEqual(asked, [2, 0]);
  });

  it('runs the preStop hook by GET and by POST', async (t) => {
    const served = await serve(t);
    for (const method of ['GET', 'POST']) {
      const reply = await ask(served, '/leave', method);
      assert.deepEqual(JSON.parse(reply.body), {
        verdict: 'stay',
        reason: 'StillWanted',
        message: 'A restart.',
      });
    }
  });

  it('shows its metrics', async (t) => {
    const { status, body, type } = await ask(await serve(t), '/metrics');
    assert.equal(status, 200);
    assert.match(type, /^text\/plain; version=0\.0\.4/);
    assert.match(body, /# TYPE quorate_agent_stage gauge/);
  });

  it('refuses bad input with the value and what it must be', async (t) => {
    const served = await serve(t);
    const refusals: Readonly<Record<string, readonly [status: number, body: RegExp]>> = {
      '/': [404, /no such page: \//],
      '/status/': [404, /no such page/],
      '//': [400, /names no page/],
      '/status?since=0&wait=soon': [400, /wait is "soon"; write seconds such as 30s/],
      '/status?wait=-1s': [400, /wait is "-1s"/],
      '/status?wait=99999s': [400, /wait is "99999s"/],
      '/reach': [400, /ordinal is ""; it must be 0 to 8/],
      '/reach?ordinal=': [400, /ordinal is ""/],
      '/reach?ordinal=9': [400, /ordinal is "9"/],
      '/reach?ordinal=1e0': [400, /ordinal is "1e0"/],
      '/reach?ordinal=-1': [400, /ordinal is "-1"/],
    };
    for (const [path, [status, body]] of Object.entries(refusals)) {
      const reply = await ask(served, path);
      assert.equal(reply.status, status, path);
      assert.match(reply.body, body);
    }
  });

  it('takes no other method', async (t) => {
    const served = await serve(t);
    for (const [method, path] of [
      ['POST', '/status'],
      ['PUT', '/leave'],
      ['DELETE', '/status'],
    ] as const) {
      assert.equal((await ask(served, path, method)).status, 405);
    }
  });

  it('hangs up on a request whose answer fails, and serves the next', async (t) => {
    const { logger, lines } = captureLog();
    const served = await serve(t, { logger, isReady: () => Promise.reject(new Error('out of order')) });
    await assert.rejects(ask(served, '/readyz'), { code: 'ECONNRESET' });
    assert.equal(lines[0]?.['msg'], 'request failed: out of order');
    assert.equal((await ask(served, '/livez')).status, 200);
  });

  it('reads no headers larger than any it needs', async (t) => {
    const served = await serve(t);
    assert.equal((await ask(served, `/status?since=${'x'.repeat(9_000)}`)).status, 431);
  });

  it('hangs up on a client that never finishes its request, and serves others meanwhile', async (t) => {
    const served = await serve(t);
    // Its own time is 10 s; what is tried here is that somebody looks for slow clients at all.
    served.server.headersTimeout = 1;
    served.server.requestTimeout = 1;
    const slow = connect(served.port, '127.0.0.1');
    slow.on('error', () => {});
    slow.write('GET /status HTTP/1.1\r\nhost: agent\r\nx-slow: ');
    assert.equal((await ask(served, '/livez')).status, 200);
    assert.match(await text(slow), /^HTTP\/1\.1 408 /);
  });

  it('bounds how many may talk to it at once', async (t) => {
    const { server } = await serve(t);
    assert.equal(server.maxConnections, 128);
    assert.ok(server.requestTimeout <= 10_000 && server.headersTimeout <= 10_000);
  });
});
