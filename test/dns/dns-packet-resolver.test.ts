import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import type { Answer } from 'dns-packet';
import {
  dnsPacketResolver,
  RESOLVER_LIMITS,
  type ResolverLimits,
} from '../../src/dns/dns-packet-resolver.ts';
import type { NameServer } from '../../src/dns/resolv-conf.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { responseTo, scriptedNameServer } from '../support/scripted-name-server.ts';

const NAME = 'demo-0.demo-peer.default.svc.cluster.local';
const NEVER = new AbortController().signal;

/** Tries that are meant to end by an answer, on however slow a machine. */
const PATIENT: ResolverLimits = { tryTimeoutMs: 5000, triesMax: 3, totalTimeoutMs: 20_000 };

describe('asking in turn', () => {
  it('hears the second server when the first is silent', async (t) => {
    const silent = await scriptedNameServer(t, { udp: () => {} });
    const limits = { tryTimeoutMs: 100, triesMax: 6, totalTimeoutMs: 60_000 };
    const resolver = aResolver([silent, await answering(t)], limits);
    assert.equal((await resolver.addressesOf(NAME, NEVER)).kind, 'found');
  });

  it('hears the second server when the first fails, and asks it first from then on', async (t) => {
    let failures = 0;
    const failing = await scriptedNameServer(t, {
      udp: (query, send) => {
        failures++;
        send(responseTo(query, { rcode: 2 }));
      },
    });
    const resolver = aResolver([failing, await answering(t)]);
    assert.equal((await resolver.addressesOf(NAME, NEVER)).kind, 'found');
    assert.equal((await resolver.addressesOf(`other.${NAME}`, NEVER)).kind, 'found');
    assert.equal(failures, 1);
  });

  it('hears the second server when the port of the first is closed', async (t) => {
    const resolver = aResolver([await closedPort(), await answering(t)]);
    assert.equal((await resolver.addressesOf(NAME, NEVER)).kind, 'found');
  });

  it('takes the first definite word, and asks nobody else', async (t) => {
    const absent = await scriptedNameServer(t, {
      udp: (query, send) => send(responseTo(query, { rcode: 3 })),
    });
    const second = await scriptedNameServer(t, { udp: () => assert.fail('the second server was asked') });
    assert.deepEqual(await aResolver([absent, second]).addressesOf(NAME, NEVER), { kind: 'no-such-name' });
  });

  it('says of each server why it does not know', async (t) => {
    const silent = await scriptedNameServer(t, { udp: () => {} });
    const refusing = await scriptedNameServer(t, {
      udp: (query, send) => send(responseTo(query, { rcode: 5 })),
    });
    const limits = { tryTimeoutMs: 500, triesMax: 2, totalTimeoutMs: 60_000 };
    assert.deepEqual(await aResolver([silent, refusing], limits).addressesOf(NAME, NEVER), {
      kind: 'unknown',
      why: `127.0.0.1:${silent.port}: no answer within 500 ms; 127.0.0.1:${refusing.port}: it says REFUSED`,
    });
  });

  it('asks no more often than it may', async (t) => {
    let questions = 0;
    const failing = await scriptedNameServer(t, {
      udp: (query, send) => {
        questions++;
        send(responseTo(query, { rcode: 2 }));
      },
    });
    await aResolver([failing]).addressesOf(NAME, NEVER);
    assert.equal(questions, PATIENT.triesMax);
  });

  it('ends at the total time limit though tries are left', async (t) => {
    const silent = await scriptedNameServer(t, { udp: () => {} });
    const resolver = aResolver([silent], { tryTimeoutMs: 600_000, triesMax: 3, totalTimeoutMs: 30 });
    assert.equal((await resolver.addressesOf(NAME, NEVER)).kind, 'unknown');
  });

  it('does not know anything without a server', async () => {
    assert.deepEqual(await aResolver([]).addressesOf(NAME, NEVER), {
      kind: 'unknown',
      why: 'no name server is configured',
    });
  });

  it('has limits that leave a try for each of three servers', () => {
    const { tryTimeoutMs, triesMax, totalTimeoutMs } = RESOLVER_LIMITS;
    assert.ok(triesMax >= 3 && totalTimeoutMs >= tryTimeoutMs * (2 ** triesMax - 1));
  });
});

/** Without the time-out, a socket left open would let these tests wait for ever. */
describe('an abort', { timeout: 20_000 }, () => {
  it('ends the question and closes the UDP socket', async (t) => {
    const controller = new AbortController();
    const asked = Promise.withResolvers<number>();
    const server = await scriptedNameServer(t, { udp: (_query, _send, from) => asked.resolve(from.port) });
    const pending = aResolver([server]).addressesOf(NAME, controller.signal);
    const clientPort = await asked.promise;
    controller.abort();
    assert.deepEqual(await pending, { kind: 'unknown', why: 'the question was given up' });
    await bindTo(clientPort);
  });

  it('ends the question and closes the TCP connection', async (t) => {
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    const server = await scriptedNameServer(t, {
      udp: (query, send) => send(responseTo(query, { isTruncated: true })),
      tcp: (socket) => {
        socket.on('close', () => closed.resolve());
        socket.once('data', () => controller.abort());
      },
    });
    const answer = await aResolver([server]).addressesOf(NAME, controller.signal);
    assert.deepEqual(answer, { kind: 'unknown', why: 'the question was given up' });
    await closed.promise;
  });
});

describe('the cache', () => {
  it('answers again for a second at most, and then asks again', async (t) => {
    const clock = { nowMs: 1000 };
    const counted = await counting(t, { answers: [aRecord('127.80.9.10')] });
    const resolver = dnsPacketResolver({
      servers: [counted.server],
      nowMs: () => clock.nowMs,
      limits: PATIENT,
    });
    await resolver.addressesOf(NAME, NEVER);
    clock.nowMs += 999;
    assert.equal((await resolver.addressesOf(NAME.toUpperCase(), NEVER)).kind, 'found');
    assert.equal(counted.questions(), 1);
    clock.nowMs += 1;
    await resolver.addressesOf(NAME, NEVER);
    assert.equal(counted.questions(), 2);
  });

  it('keeps no absence and no failure', async (t) => {
    for (const contents of [{ rcode: 3 }, {}, { rcode: 2 }]) {
      const counted = await counting(t, contents);
      const resolver = aResolver([counted.server], { ...PATIENT, triesMax: 1 });
      await resolver.addressesOf(NAME, NEVER);
      await resolver.addressesOf(NAME, NEVER);
      assert.equal(counted.questions(), 2);
    }
  });
});

function aResolver(servers: readonly NameServer[], limits: ResolverLimits = PATIENT): Resolver {
  return dnsPacketResolver({ servers, limits, nowMs: () => 0 });
}

function answering(t: TestContext): Promise<NameServer> {
  return scriptedNameServer(t, {
    udp: (query, send) => {
      const name = query.toString('latin1', 13).includes('other') ? `other.${NAME}` : NAME;
      send(responseTo(query, { answers: [aRecord('127.80.9.10', name)] }));
    },
  });
}

async function counting(
  t: TestContext,
  contents: Parameters<typeof responseTo>[1],
): Promise<{ readonly server: NameServer; readonly questions: () => number }> {
  let questions = 0;
  const server = await scriptedNameServer(t, {
    udp: (query, send) => {
      questions++;
      send(responseTo(query, contents));
    },
  });
  return { server, questions: () => questions };
}

function aRecord(address: string, name = NAME): Answer {
  return { type: 'A', name, ttl: 5, data: address };
}

async function closedPort(): Promise<NameServer> {
  const socket = createSocket('udp4').bind({ address: '127.0.0.1', port: 0 });
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return { address: '127.0.0.1', port };
}

/** Rejects while somebody else holds the port. */
async function bindTo(port: number): Promise<void> {
  const socket = createSocket('udp4').bind({ address: '127.0.0.1', port, exclusive: true });
  await once(socket, 'listening');
  socket.close();
}
