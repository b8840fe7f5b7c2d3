import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createEtcd3Clients, type Etcd3Clients, type Whereabouts } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MemberApi } from '../../src/etcd/etcd3-member-api.ts';

/** A name that no resolver of this machine knows (RFC 2606). */
const CLIENT_URL = 'http://demo-1.demo-peer.invalid:2379';

function someClients(t: TestContext, find: Whereabouts): Etcd3Clients {
  const clients = createEtcd3Clients(find);
  t.after(() => clients.close());
  return clients;
}

describe('the clients of etcd', () => {
  it('dial a member where it is found, and never ask the system for its name', async (t) => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const place = server.address();
    assert.ok(typeof place === 'object' && place !== null);
    const asked: string[] = [];
    const clients = someClients(t, async (clientUrl) => {
      asked.push(clientUrl);
      return `http://127.0.0.1:${place.port}`;
    });
    const dialled = once(server, 'connection', { signal: t.signal });
    const answer = await createEtcd3MemberApi(clients).listMembers(CLIENT_URL, false, t.signal);
    await dialled;
    assert.equal(answer.kind, 'unknown');
    assert.deepEqual(asked, [CLIENT_URL]);
  });

  it('say why when a member cannot be found', async (t) => {
    const clients = someClients(t, () => Promise.reject(new Error('demo-1 has no address')));
    const answer = await createEtcd3MemberApi(clients).listMembers(CLIENT_URL, false, t.signal);
    assert.deepEqual(answer, { kind: 'unknown', why: 'demo-1 has no address' });
  });

  it('make no call for somebody who gave up while the member was looked for', async (t) => {
    const found = Promise.withResolvers<string>();
    const clients = someClients(t, () => found.promise);
    const givenUp = new AbortController();
    const client = clients.reach(CLIENT_URL, givenUp.signal);
    givenUp.abort();
    found.resolve('http://127.0.0.1:1');
    await assert.rejects(client, { name: 'AbortError' });
  });
});
