import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Answer } from 'dns-packet';
import fc from 'fast-check';
import { dnsPacketResolver } from '../../src/dns/dns-packet-resolver.ts';
import { ANSWER_BYTES_MAX, withLength } from '../../src/dns/exchange.ts';
import type { NameServer } from '../../src/dns/resolv-conf.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { responseTo, type Script, scriptedNameServer } from '../support/scripted-name-server.ts';

const NAME = 'demo-0.demo-peer.default.svc.cluster.local';
const NEVER = new AbortController().signal;

/** Tries that are meant to end by an answer, on however slow a machine. */
const PATIENT = { tryTimeoutMs: 5000, triesMax: 3, totalTimeoutMs: 20_000 };

describe('forged and mistaken answers', () => {
  it('are passed over when the id or the question is another', async (t) => {
    const server = await scriptedNameServer(t, {
      udp: (query, send) => {
        const forged = responseTo(query, { answers: [aRecord('6.6.6.6')] });
        send(mutated(forged, (bytes) => bytes.writeUInt16BE(bytes.readUInt16BE(0) ^ 1, 0))); // id
        send(mutated(forged, (bytes) => bytes.write('x', 13))); // name
        send(mutated(forged, (bytes) => bytes.writeUInt16BE(28, 12 + NAME.length + 2))); // type
        send(mutated(forged, (bytes) => bytes.writeUInt16BE(3, 12 + NAME.length + 4))); // class
        send(mutated(forged, (bytes) => bytes.writeUInt16BE(0, 4))); // no question
        send(query);
        send(Buffer.alloc(0));
        send(responseTo(query, { answers: [aRecord('127.80.9.10')] }));
      },
    });
    assert.deepEqual(await addressesFrom(server), ['127.80.9.10']);
  });

  it('are passed over when they come from another address', async (t) => {
    const stranger = createSocket('udp4').bind({ address: '127.0.0.2', port: 0 });
    await once(stranger, 'listening');
    t.after(() => {
      stranger.close();
    });
    const server = await scriptedNameServer(t, {
      udp: (query, send, from) => {
        const forged = responseTo(query, { answers: [aRecord('6.6.6.6')] });
        stranger.send(forged, from.port, from.address, () =>
          send(responseTo(query, { answers: [aRecord('127.80.9.10')] })),
        );
      },
    });
    assert.deepEqual(await addressesFrom(server), ['127.80.9.10']);
  });

  it('lead to unknown, never to a throw, whatever comes over the wire', async (t) => {
    let garbage: Uint8Array = new Uint8Array();
    const server = await scriptedNameServer(t, {
      udp: (query, send) => {
        const records = Buffer.concat([responseTo(query, {}), garbage]);
        records.writeUInt16BE(1 + (garbage[0] ?? 0), 6);
        send(Buffer.from(garbage));
        send(records);
      },
    });
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 9 }), async (bytes) => {
      garbage = bytes; // too short for a record
      const answer = await aResolver([server], { ...PATIENT, triesMax: 1 }).addressesOf(NAME, NEVER);
      assert.equal(answer.kind, 'unknown');
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('an answer that does not fit a datagram', () => {
  const cut: Script['udp'] = (query, send) => {
    send(responseTo(query, { isTruncated: true, answers: [aRecord('6.6.6.6')] }).subarray(0, -3));
  };

  it('is asked for over TCP, in whatever pieces it comes', async (t) => {
    const server = await scriptedNameServer(t, {
      udp: cut,
      tcp: (socket) => {
        socket.once('data', (sent) => {
          const whole = withLength(responseTo(sent.subarray(2), { answers: [aRecord('127.80.9.10')] }));
          socket.write(whole.subarray(0, 1), () =>
            socket.write(whole.subarray(1, 20), () => socket.write(whole.subarray(20))),
          );
        });
      },
    });
    assert.deepEqual(await addressesFrom(server), ['127.80.9.10']);
  });

  it('is unknown when TCP is refused, closed early, cut again, too long or about something else', async (t) => {
    const onQuery = (answer: (query: Buffer) => Buffer): Script['tcp'] => {
      return (socket) => socket.once('data', (sent) => socket.end(answer(sent.subarray(2))));
    };
    const scripts: readonly (Script['tcp'] | undefined)[] = [
      undefined,
      (socket) => socket.end(),
      onQuery((query) => withLength(responseTo(query, {})).subarray(0, 20)),
      onQuery((query) => withLength(responseTo(query, { isTruncated: true }))),
      onQuery(() => withLength(Buffer.alloc(ANSWER_BYTES_MAX + 1))),
      onQuery((query) => withLength(mutated(responseTo(query, {}), (bytes) => bytes.write('x', 13)))),
      onQuery(() => Buffer.alloc(2)),
    ];
    for (const tcp of scripts) {
      const server = await scriptedNameServer(t, tcp === undefined ? { udp: cut } : { udp: cut, tcp });
      assert.equal((await aResolver([server]).addressesOf(NAME, NEVER)).kind, 'unknown');
    }
  });
});

function aResolver(servers: readonly NameServer[], limits = PATIENT): Resolver {
  return dnsPacketResolver({ servers, limits, nowMs: () => 0 });
}

async function addressesFrom(server: NameServer): Promise<readonly string[]> {
  const answer = await aResolver([server]).addressesOf(NAME, NEVER);
  assert.ok(answer.kind === 'found', JSON.stringify(answer));
  return answer.addresses;
}

function aRecord(address: string): Answer {
  return { type: 'A', name: NAME, ttl: 5, data: address };
}

function mutated(message: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(message);
  change(bytes);
  return bytes;
}
