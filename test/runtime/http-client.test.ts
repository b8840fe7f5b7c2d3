import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../../src/runtime/http-client.ts';
import { refusingOrigin, serveHttp, serveTcp } from '../support/http-origin.ts';

/** Long enough to be no part of the test that expects an answer. */
const TIMEOUT_MS = 20_000;
/** For what nobody will ever answer. */
const SOON_MS = 30;

function aClient(t: TestContext, options: HttpClientOptions = {}): HttpClient {
  const client = createHttpClient(options);
  t.after(() => client.close());
  return client;
}

describe('an HTTP request', () => {
  it('is answered with status, headers and body', async (t) => {
    const origin = await serveHttp(t, (request, response) => {
      text(request).then((body) => {
        response.writeHead(418, { 'X-Etcd-Cluster-ID': 'cf', 'set-cookie': ['a=1', 'b=2'] });
        response.end(`${request.method} ${request.url} ${request.headers['accept']} ${body}`);
      }, assert.fail);
    });
    const answer = await aClient(t).send(
      {
        method: 'PUT',
        url: `${origin}/some/path?with=query`,
        headers: { accept: 'application/json' },
        body: 'the body',
        timeoutMs: TIMEOUT_MS,
      },
      t.signal,
    );
    assert.ok(answer.kind === 'answered');
    assert.equal(answer.status, 418);
    assert.equal(answer.header('x-etcd-cluster-id'), 'cf');
    assert.equal(answer.header('Set-Cookie'), 'a=1');
    assert.equal(answer.header('nothing'), '');
    assert.equal(answer.body, 'PUT /some/path?with=query application/json the body');
  });

  it('is refused where nobody listens', async (t) => {
    const url = await refusingOrigin();
    assert.deepEqual(await aClient(t).send({ url, timeoutMs: TIMEOUT_MS }, t.signal), { kind: 'refused' });
  });

  it('is unresolved where the name has no address', async (t) => {
    const lookup: LookupFunction = (host, _options, callback) => {
      callback(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), '', 4);
    };
    const answer = await aClient(t, { lookup }).send(
      { url: 'http://demo-7.demo-peer:2380', timeoutMs: TIMEOUT_MS },
      t.signal,
    );
    assert.ok(answer.kind === 'unresolved');
    assert.match(answer.why, /demo-7\.demo-peer has no address/);
  });

  it('uses the lookup it was given for every name', async (t) => {
    const origin = await serveHttp(t, (_request, response) => response.end('here'));
    const lookup: LookupFunction = (_host, options, callback) => {
      if (options.all === true) {
        callback(null, [{ address: '127.0.0.1', family: 4 }]);
      } else {
        callback(null, '127.0.0.1', 4);
      }
    };
    const url = origin.replace('127.0.0.1', 'demo-0.demo-peer');
    const answer = await aClient(t, { lookup }).send({ url, timeoutMs: TIMEOUT_MS }, t.signal);
    assert.ok(answer.kind === 'answered' && answer.body === 'here');
  });

  it('is unknown where the server accepts and says nothing', async (t) => {
    const url = await serveTcp(t);
    const answer = await aClient(t).send({ url, timeoutMs: SOON_MS }, t.signal);
    assert.deepEqual(answer, { kind: 'unknown', why: 'no answer in time' });
  });

  it('is unknown where the body never ends', async (t) => {
    const url = await serveHttp(t, (_request, response) => response.write('the first half'));
    const answer = await aClient(t).send({ url, timeoutMs: SOON_MS }, t.signal);
    assert.deepEqual(answer, { kind: 'unknown', why: 'no answer in time' });
  });

  it('is unknown where the connection breaks half-way', async (t) => {
    const url = await serveTcp(t, (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
    });
    const answer = await aClient(t).send({ url, timeoutMs: TIMEOUT_MS }, t.signal);
    assert.equal(answer.kind, 'unknown');
  });

  it('is unknown where something that is no HTTP server answers', async (t) => {
    const url = await serveTcp(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    assert.equal((await aClient(t).send({ url, timeoutMs: TIMEOUT_MS }, t.signal)).kind, 'unknown');
  });

  it('is unknown where the body is larger than any we read, and stops reading it', async (t) => {
    const chunk = Buffer.alloc(64 * 1024);
    const url = await serveHttp(t, (_request, response) => {
      const fill = (): void => {
        while (response.write(chunk)) {
          // The client has not hung up yet.
        }
      };
      response.on('drain', fill);
      fill();
    });
    const answer = await aClient(t).send({ url, timeoutMs: TIMEOUT_MS }, t.signal);
    assert.ok(answer.kind === 'unknown');
    assert.match(answer.why, /larger than/);
  });

  it('is unknown when it is given up, before or while it waits', async (t) => {
    const url = await serveTcp(t);
    const client = aClient(t);
    const givenUp = new AbortController();
    const pending = client.send({ url, timeoutMs: TIMEOUT_MS }, givenUp.signal);
    givenUp.abort();
    assert.equal((await pending).kind, 'unknown');
    assert.equal((await client.send({ url, timeoutMs: TIMEOUT_MS }, AbortSignal.abort())).kind, 'unknown');
  });

  it('is unknown, and no crash, where the URL is none', async (t) => {
    for (const url of ['', 'http://', 'http://fd00::1:2382/status', '/status']) {
      const answer = await aClient(t).send({ url, timeoutMs: TIMEOUT_MS }, t.signal);
      assert.equal(answer.kind, 'unknown', url);
    }
  });

  it('does not wait for one slow server to ask another', async (t) => {
    const silent = await serveTcp(t);
    const origin = await serveHttp(t, (_request, response) => response.end('here'));
    const client = aClient(t);
    const givenUp = new AbortController();
    const stuck = Array.from({ length: 10 }, () =>
      client.send({ url: silent, timeoutMs: TIMEOUT_MS }, givenUp.signal),
    );
    assert.equal((await client.send({ url: origin, timeoutMs: TIMEOUT_MS }, t.signal)).kind, 'answered');
    givenUp.abort();
    assert.ok((await Promise.all(stuck)).every((answer) => answer.kind === 'unknown'));
  });

  it('keeps its connections: many requests open few', async (t) => {
    let connections = 0;
    const url = await serveTcp(t, (socket) => {
      connections += 1;
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere'));
    });
    const client = aClient(t);
    for (let request = 0; request < 20; request++) {
      assert.equal((await client.send({ url, timeoutMs: TIMEOUT_MS }, t.signal)).kind, 'answered');
    }
    assert.ok(connections <= 4, `${connections} connections`);
  });

  it('ends when the client is closed', async (t) => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await serveTcp(t, () => resolve());
    const client = createHttpClient();
    const pending = client.send({ url, timeoutMs: TIMEOUT_MS }, t.signal);
    await asked;
    await client.close();
    assert.equal((await pending).kind, 'unknown');
  });
});
