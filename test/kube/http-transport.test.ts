import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ApiCredentials } from '../../src/kube/api-credentials.ts';
import type { ApiRequest, ApiTransport } from '../../src/kube/api-transport.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { refusingOrigin, serveTcp } from '../support/http-origin.ts';
import { aStatus, serveScriptedApi } from '../support/scripted-api-server.ts';

const GET: ApiRequest = { method: 'GET', path: '/x', timeoutMs: 5_000, bodyBytesMax: 1_000 };

function open(t: TestContext, server: string | ApiCredentials): ApiTransport {
  const plain = { namespace: undefined, read: async () => ({ headers: {}, tls: {} }) };
  const transport = createHttpTransport(typeof server === 'string' ? { server, ...plain } : server);
  t.after(() => transport.close());
  return transport;
}

/** Credentials that are new after each refusal. */
function renewable(server: string): ApiCredentials & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    server,
    namespace: undefined,
    asked,
    read: async (after) => {
      asked.push(after);
      const count = asked.filter((each) => each === 'refusal').length;
      return { headers: { authorization: `Bearer ${count}` }, tls: {} };
    },
  };
}

describe('the transport', () => {
  it('sends what it is given and hands back status, body and when to come back', async (t) => {
    const api = await serveScriptedApi(t);
    const transport = open(t, api.origin);
    const request = {
      ...GET,
      method: 'POST',
      path: '/a?b=c',
      body: '{"d":1}',
      contentType: 'application/json',
    };
    const asked = transport.exchange({ ...request, method: 'POST' }, t.signal);
    const visit = await api.next();
    assert.deepEqual(
      [visit.method, visit.path, visit.query.get('b'), visit.body, visit.headers['content-type']],
      ['POST', '/a', 'c', '{"d":1}', 'application/json'],
    );
    visit.answer(429, '{}', { 'retry-after': '3' });
    assert.deepEqual(await asked, { kind: 'answered', status: 429, retryAfterMs: 3_000, body: '{}' });
  });

  it('keeps the path of a server that is behind one', async (t) => {
    const api = await serveScriptedApi(t);
    const asked = open(t, `${api.origin}/clusters/c-1`).exchange(GET, t.signal);
    const visit = await api.next();
    assert.equal(visit.path, '/clusters/c-1/x');
    visit.answer(200, '');
    await asked;
  });

  it('keeps its connections', async (t) => {
    let sockets = 0;
    const origin = await serveTcp(t, (socket) => {
      sockets += 1;
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    });
    const transport = open(t, origin);
    for (let call = 0; call < 10; call++) {
      assert.equal((await transport.exchange(GET, t.signal)).kind, 'answered');
    }
    // One may be opened while the last answer of another is still being put away.
    assert.ok(sockets <= 2, `${sockets} connections`);
  });

  it('keeps calls going while watches are open', async (t) => {
    const api = await serveScriptedApi(t);
    const transport = open(t, api.origin);
    for (let watch = 0; watch < 20; watch++) {
      const opened = transport.stream(GET, t.signal);
      (await api.next()).beginWatch();
      assert.equal((await opened).kind, 'streaming');
    }
    const asked = transport.exchange(GET, t.signal);
    (await api.next()).answer(200, '{}');
    assert.equal((await asked).kind, 'answered');
  });

  it('shows new credentials when the old ones are refused, once', async (t) => {
    const api = await serveScriptedApi(t);
    const credentials = renewable(api.origin);
    const transport = open(t, credentials);
    const asked = transport.exchange({ ...GET, method: 'PUT', body: '{}' }, t.signal);
    const [first, second] = [await visitAnswering(401), await api.next()];
    second.answer(200, '{"ok":1}');
    assert.equal(first.headers.authorization, 'Bearer 0');
    assert.deepEqual([second.headers.authorization, second.body], ['Bearer 1', '{}']);
    assert.deepEqual(await asked, { kind: 'answered', status: 200, body: '{"ok":1}' });

    const again = transport.exchange(GET, t.signal);
    await visitAnswering(401);
    await visitAnswering(401);
    const answer = await again;
    assert.equal(answer.kind === 'answered' && answer.status, 401);

    async function visitAnswering(status: number) {
      const visit = await api.next();
      visit.answer(status, aStatus(status, 'Unauthorized'));
      return visit;
    }
  });

  it('opens new connections when the certificates change, and lets running ones end', async (t) => {
    const api = await serveScriptedApi(t);
    let ca = 'one';
    const credentials = {
      server: api.origin,
      namespace: undefined,
      read: async () => ({ headers: {}, tls: { ca } }),
    };
    const transport = open(t, credentials);
    const slow = transport.exchange(GET, t.signal);
    const slowVisit = await api.next();
    ca = 'two';
    const asked = transport.exchange(GET, t.signal);
    (await api.next()).answer(200, '{}');
    assert.equal((await asked).kind, 'answered');
    slowVisit.answer(200, '{"slow":1}');
    assert.deepEqual(await slow, { kind: 'answered', status: 200, body: '{"slow":1}' });
  });
});

describe('the transport in trouble', () => {
  it('says in one clause why there is no answer', async (t) => {
    const refused = await open(t, await refusingOrigin()).exchange(GET, t.signal);
    assert.match(refused.kind === 'unknown' ? refused.why : '', /ECONNREFUSED/);
    const reset = await serveTcp(t, (socket) => socket.resetAndDestroy());
    const broken = await open(t, reset).exchange(GET, t.signal);
    assert.match(broken.kind === 'unknown' ? broken.why : '', /\w/);
    const failing = {
      server: reset,
      namespace: undefined,
      read: () => Promise.reject(new Error('no token')),
    };
    assert.deepEqual(await open(t, failing).exchange(GET, t.signal), { kind: 'unknown', why: 'no token' });
  });

  it('tells nothing of the token it shows, whatever goes wrong', async (t) => {
    const token = 'the-token-of-an-operator';
    const servers = [
      await refusingOrigin(),
      await serveTcp(t, (socket) => socket.resetAndDestroy()),
      await serveTcp(t, (socket) => socket.end('no HTTP at all')),
      await serveTcp(t),
    ];
    for (const server of servers) {
      for (const authorization of [`Bearer ${token}`, `Bearer ${token}\n`, `Bearer ${token}\u{1F511}`]) {
        const read = async () => ({ headers: { authorization }, tls: {} });
        const transport = open(t, { server, namespace: undefined, read });
        const request = { ...GET, timeoutMs: 200 };
        const answers = [
          await transport.exchange(request, t.signal),
          await transport.stream(request, t.signal),
        ];
        for (const answer of answers) {
          assert.ok(answer.kind === 'unknown' && answer.why !== '');
          assert.ok(!answer.why.includes(token), answer.why);
        }
      }
    }
  });

  it('passes nothing on of its token that is quoted in a refusal', async (t) => {
    const api = await serveScriptedApi(t);
    const token = 'the-token-of-an-operator';
    const read = async () => ({ headers: { authorization: `Bearer ${token}` }, tls: {} });
    const transport = open(t, { server: api.origin, namespace: undefined, read });
    const quoted = { kind: 'Status', reason: 'Forbidden', message: `no: Bearer ${token}, "${token}"` };
    for (const ask of [transport.exchange, transport.stream]) {
      const asked = ask(GET, t.signal);
      (await api.next()).answer(403, quoted);
      const answer = await asked;
      assert.ok(answer.kind === 'answered' && answer.status === 403);
      assert.match(answer.body, /no: Bearer \(token\)/);
      assert.ok(!answer.body.includes(token), answer.body);
    }
  });

  it('bounds an answer in time', async (t) => {
    const silent = await serveTcp(t);
    const late = { kind: 'unknown', why: 'no answer in time' };
    assert.deepEqual(await open(t, silent).exchange({ ...GET, timeoutMs: 20 }, t.signal), late);
    assert.deepEqual(await open(t, silent).stream({ ...GET, timeoutMs: 20 }, t.signal), late);
    const trickling = await serveTcp(t, (socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
    );
    assert.deepEqual(await open(t, trickling).exchange({ ...GET, timeoutMs: 20 }, t.signal), late);
  });

  it('bounds an answer in size', async (t) => {
    const api = await serveScriptedApi(t);
    const asked = open(t, api.origin).exchange(GET, t.signal);
    (await api.next()).answer(200, 'x'.repeat(1_001));
    assert.deepEqual(await asked, { kind: 'unknown', why: 'the answer is larger than 1000 bytes' });
  });

  it('stops when it is told to', async (t) => {
    const api = await serveScriptedApi(t);
    const transport = open(t, api.origin);
    const stop = new AbortController();
    const asked = transport.exchange(GET, stop.signal);
    const visit = await api.next();
    stop.abort();
    assert.equal((await asked).kind, 'unknown');
    await visit.closed;
  });

  it('gives a stream for a 200, the answer for anything else, and ends the stream on a signal', async (t) => {
    const api = await serveScriptedApi(t);
    const transport = open(t, api.origin);
    const refused = transport.stream(GET, t.signal);
    (await api.next()).answer(410, aStatus(410, 'Expired'));
    const answer = await refused;
    assert.equal(answer.kind === 'answered' && answer.status, 410);

    const stop = new AbortController();
    const opened = transport.stream({ ...GET, timeoutMs: 1_000 }, stop.signal);
    const visit = await api.next();
    visit.beginWatch();
    const stream = await opened;
    assert.ok(stream.kind === 'streaming');
    const chunks = stream.chunks[Symbol.asyncIterator]();
    visit.write('abc');
    assert.equal(Buffer.from((await chunks.next()).value ?? []).toString(), 'abc');
    const more = chunks.next();
    stop.abort();
    await assert.rejects(more);
    await visit.closed;
  });

  it('breaks off what is under way when it is closed', async (t) => {
    const api = await serveScriptedApi(t);
    const transport = open(t, api.origin);
    const asked = transport.exchange(GET, t.signal);
    await api.next();
    await transport.close();
    assert.equal((await asked).kind, 'unknown');
    const closed = await transport.exchange(GET, t.signal);
    assert.deepEqual(closed, { kind: 'unknown', why: 'the client is closed' });
  });
});
