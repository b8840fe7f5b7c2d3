import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { decode, encode } from 'dns-packet';
import { withLength } from '../../src/dns/exchange.ts';
import { type DnsServer, startDnsServer } from '../../src/local/dns-server.ts';
import type { PodRecord } from '../../src/local/dns-zone.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';

const SERVICE = 'demo-peer.default.svc.cluster.local';

describe('c-ares, the resolver that comes with Node,', () => {
  it('finds addresses, services and names', async (t) => {
    const resolver = cAres(await aServer(t));
    assert.deepEqual(await resolver.resolve4(`demo-1.${SERVICE}`, { ttl: true }), [
      { address: '127.80.9.11', ttl: 5 },
    ]);
    assert.deepEqual(await resolver.reverse('127.80.9.10'), [`demo-0.${SERVICE}`]);
    const services = await resolver.resolveSrv(`_peer._tcp.${SERVICE}`);
    assert.deepEqual(services.map(({ name, port }) => `${name}:${port}`).toSorted(), [
      `demo-0.${SERVICE}:2380`,
      `demo-1.${SERVICE}:2380`,
    ]);
  });

  it('takes an answer too long for UDP over TCP', async (t) => {
    const pods = Array.from({ length: 120 }, (_, ordinal) => aPod(ordinal));
    const resolver = cAres(await aServer(t, () => pods));
    assert.equal((await resolver.resolve4(SERVICE)).length, 120);
  });

  it('tells absent names, absent data and failures apart', async (t) => {
    const server = await aServer(t);
    const resolver = cAres(server);
    await assert.rejects(resolver.resolve4(`demo-2.${SERVICE}`), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve6(`demo-1.${SERVICE}`), { code: 'ENODATA' });
    await assert.rejects(resolver.resolve4('example.com'), { code: 'EREFUSED' });
    server.setFault({ kind: 'servfail' });
    await assert.rejects(resolver.resolve4(`demo-1.${SERVICE}`), { code: 'ESERVFAIL' });
    server.setFault({ kind: 'truncate-all' });
    assert.deepEqual(await resolver.resolve4(`demo-1.${SERVICE}`), ['127.80.9.11']);
  });
});

describe('the server', () => {
  it('reads the records anew for every query', async (t) => {
    let pods = [aPod(0)];
    const resolver = cAres(await aServer(t, () => pods));
    assert.equal((await resolver.resolve4(SERVICE)).length, 1);
    pods = [aPod(0), aPod(1)];
    assert.equal((await resolver.resolve4(SERVICE)).length, 2);
    pods = [];
    await assert.rejects(resolver.resolve4(SERVICE), { code: 'ENOTFOUND' });
  });

  it('serves on the very port it was given, and frees it when it is closed', async (t) => {
    await using addresses = await claimLoopbackAddresses();
    const first = await start({ address: addresses.of(0), port: 15_353 });
    await assert.rejects(start({ address: addresses.of(0), port: 15_353 }), { code: 'EADDRINUSE' });
    await first.close();
    const second = await start({ address: addresses.of(0), port: 15_353 });
    t.after(() => second.close());
    assert.equal(second.port, 15_353);
  });

  it('gives the TCP port back when the UDP port is taken', async (t) => {
    await using addresses = await claimLoopbackAddresses();
    const options = { address: addresses.of(0), port: 15_353 };
    const taken = createSocket('udp4').bind(options);
    await once(taken, 'listening');
    await assert.rejects(start(options), { code: 'EADDRINUSE' });
    taken.close();
    const server = await start(options);
    t.after(() => server.close());
  });

  it('answers several queries over one connection, in whatever pieces they come', async (t) => {
    const socket = await connected(t, await aServer(t));
    const [first, second] = [1, 2].map((id) => withLength(aQuery(id)));
    assert.ok(first !== undefined && second !== undefined);
    socket.write(Buffer.concat([first, second.subarray(0, 1)]));
    const ids: unknown[] = [await nextId(socket)];
    socket.write(second.subarray(1));
    ids.push(await nextId(socket));
    assert.deepEqual(ids, [1, 2]);
  });

  it('answers every query of a client that reads only later', async (t) => {
    const pods = Array.from({ length: 120 }, (_, ordinal) => aPod(ordinal));
    const socket = await connected(t, await aServer(t, () => pods));
    const queries = Array.from({ length: 200 }, (_, id) => withLength(aQuery(id, SERVICE)));
    socket.write(Buffer.concat(queries));
    let received: Buffer = Buffer.alloc(0);
    const ids: unknown[] = [];
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        ids.push(received.readUInt16BE(2));
        received = received.subarray(end);
      }
      if (ids.length === queries.length) {
        break;
      }
    }
    assert.deepEqual(ids, [...queries.keys()]);
  });

  it('ends a connection over which no query comes', async (t) => {
    const server = await aServer(t);
    for (const garbage of [Buffer.alloc(2), Buffer.from([0xff, 0xff])]) {
      const socket = await connected(t, server);
      socket.resume().write(garbage);
      await once(socket, 'close');
    }
  });

  it('ends a connection that is idle', async (t) => {
    const server = await start({ idleTimeoutMs: 20 });
    t.after(() => server.close());
    const socket = await connected(t, server);
    await once(socket.resume(), 'close');
  });

  it('ends a connection over which a query comes a byte now and then', async (t) => {
    const server = await start({ idleTimeoutMs: 60 });
    t.after(() => server.close());
    const socket = await connected(t, server);
    const bytes = withLength(aQuery(1)).values();
    const drip = setInterval(() => socket.write(Buffer.of(bytes.next().value ?? 0)), 20);
    t.after(() => clearInterval(drip));
    assert.equal(await text(socket).catch(() => ''), '');
  });

  it('ends a connection whose client asks on and on and takes no answer', async (t) => {
    const pods = Array.from({ length: 120 }, (_, ordinal) => aPod(ordinal));
    const server = await start({ idleTimeoutMs: 200, records: () => pods });
    t.after(() => server.close());
    const socket = (await connected(t, server)).pause();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const queries = Buffer.concat(Array.from({ length: 100 }, (_, id) => withLength(aQuery(id, SERVICE))));
    while (!socket.destroyed) {
      const taken = socket.write(queries) || new Promise((resolve) => socket.once('drain', resolve));
      await Promise.race([taken, closed]);
    }
    await closed;
  });

  it('has room for 128 connections, and for the next one when one of them ends', async (t) => {
    const server = await aServer(t);
    const many = await Promise.all(Array.from({ length: 128 }, () => connected(t, server)));
    const refused = await connected(t, server);
    refused.write(withLength(aQuery(1)));
    assert.equal(await text(refused).catch(() => ''), '');
    many[0]?.destroy();
    const ask = async (): Promise<number | undefined> => {
      const socket = await connected(t, server);
      socket.write(withLength(aQuery(2)));
      // Until the server has noticed that there is room again.
      return (await nextId(socket)) ?? ask();
    };
    assert.equal(await ask(), 2);
  });

  it('survives garbage', async (t) => {
    const server = await aServer(t);
    const socket = createSocket('udp4');
    socket.connect(server.port, server.address);
    await once(socket, 'connect');
    t.after(() => {
      socket.close();
    });
    socket.send(Buffer.alloc(0));
    socket.send(Buffer.alloc(1400, 0xc0));
    socket.send(aQuery(7));
    const [response] = await once(socket, 'message');
    assert.equal(decode(response).id, 7);
  });

  it('ends open connections when it is closed', async (t) => {
    const server = await start({});
    const socket = await connected(t, server);
    socket.write(withLength(aQuery(1)));
    await nextId(socket);
    await Promise.all([once(socket.resume(), 'close'), server.close()]);
  });
});

type Overrides = Partial<Parameters<typeof startDnsServer>[0]>;

function start(overrides: Overrides): Promise<DnsServer> {
  return startDnsServer({
    records: () => [aPod(0), aPod(1)],
    domain: 'cluster.local',
    address: '127.0.0.1',
    port: 0,
    ports: [{ name: 'peer', port: 2380 }],
    ...overrides,
  });
}

async function aServer(t: TestContext, records?: () => readonly PodRecord[]): Promise<DnsServer> {
  const server = await start(records === undefined ? {} : { records });
  t.after(() => server.close());
  return server;
}

function aPod(ordinal: number): PodRecord {
  const address = `127.80.9.${10 + ordinal}`;
  return { name: `demo-${ordinal}`, address, service: 'demo-peer', namespace: 'default' };
}

function cAres(server: DnsServer): Resolver {
  const resolver = new Resolver({ timeout: 5000, tries: 2 });
  resolver.setServers([`${server.address}:${server.port}`]);
  return resolver;
}

function aQuery(id: number, name = `demo-0.${SERVICE}`): Buffer {
  return encode({ type: 'query', id, questions: [{ type: 'A', name }] });
}

async function connected(t: TestContext, server: DnsServer): Promise<Socket> {
  const socket = connect({ host: server.address, port: server.port });
  socket.on('error', () => socket.destroy());
  t.after(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

/** The id of the next response; the server writes each of them whole. Undefined once it has ended the connection. */
async function nextId(socket: Socket): Promise<number | undefined> {
  const bytes = await Promise.race([once(socket, 'data'), once(socket, 'close')]).then(([given]) => given);
  return Buffer.isBuffer(bytes) ? decode(bytes.subarray(2)).id : undefined;
}
