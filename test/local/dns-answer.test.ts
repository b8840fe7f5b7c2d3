import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AUTHORITATIVE_ANSWER, decode, type OptAnswer, RECURSION_DESIRED } from 'dns-packet';
import fc from 'fast-check';
import { answerQuery, type DnsFault, QUERY_BYTES_MAX } from '../../src/local/dns-answer.ts';
import {
  aLocalZone,
  aQuery,
  askZone,
  briefOf,
  NO_FAULT,
  POD,
  rcodeOf,
  SERVICE,
} from '../support/ask-zone.ts';

it('refuses names outside its zones, and other classes than IN', () => {
  for (const name of ['example.com', 'local', '.', 'notcluster.local', 'xin-addr.arpa']) {
    const response = askZone({ type: 'A', name });
    assert.equal(rcodeOf(response), 'REFUSED', name);
    assert.ok(!response.flag_aa);
  }
  assert.equal(rcodeOf(askZone({ type: 'A', name: POD, class: 'CH' })), 'REFUSED');
});

it('hands back id, question and the wish for recursion', () => {
  const response = askZone({ type: 'A', name: POD });
  assert.equal(response.id, 4711);
  assert.deepEqual(response.questions, [{ type: 'A', name: POD, class: 'IN' }]);
  assert.equal(response.flags, AUTHORITATIVE_ANSWER | RECURSION_DESIRED);
});

describe('EDNS', () => {
  it('is answered with EDNS, and only then', () => {
    assert.equal(
      askZone({ type: 'A', name: POD }, aLocalZone(), { additionals: [opt()] }).additionals?.[0]?.type,
      'OPT',
    );
    assert.deepEqual(askZone({ type: 'A', name: POD }).additionals, []);
  });

  it('of an unknown version is BADVERS', () => {
    const response = askZone({ type: 'A', name: POD }, aLocalZone(), {
      additionals: [{ ...opt(), ednsVersion: 1 }],
    });
    const [options] = response.additionals ?? [];
    assert.equal(options?.type === 'OPT' && options.extendedRcode, 1);
    assert.deepEqual(briefOf(response), []);
  });
});

describe('an answer too long for UDP', () => {
  const many = aLocalZone({
    pods: Array.from({ length: 10 }, (_, ordinal) => ({
      name: `demo-${ordinal}`,
      address: `127.80.9.${10 + ordinal}`,
      service: 'demo-peer',
      namespace: 'default',
    })),
  });

  it('is truncated beyond 512 bytes, and whole over TCP', () => {
    const cut = askZone({ type: 'A', name: SERVICE }, many);
    assert.ok(cut.flag_tc);
    assert.deepEqual(briefOf(cut), []);
    const whole = askZone({ type: 'A', name: SERVICE }, many, {}, 'tcp');
    assert.ok(!whole.flag_tc);
    assert.equal(whole.answers?.length, 10);
  });

  it('is whole when the client has room for it, up to 1232 bytes', () => {
    const roomy = { additionals: [opt(4096)] };
    assert.equal(askZone({ type: 'A', name: SERVICE }, many, roomy).answers?.length, 10);
    assert.ok(askZone({ type: 'A', name: SERVICE }, many, { additionals: [opt(100)] }).flag_tc);
    assert.ok(askZone({ type: 'SRV', name: SERVICE }, many, roomy).flag_tc);
  });
});

describe('faults', () => {
  const query = aQuery({ type: 'A', name: POD });

  it('silence every query', () => {
    for (const transport of ['udp', 'tcp'] as const) {
      assert.equal(answerQuery(query, aLocalZone(), transport, { kind: 'silent' }), undefined);
    }
  });

  it('fail every query', () => {
    const response = answerQuery(query, aLocalZone(), 'udp', { kind: 'servfail' });
    assert.equal(rcodeOf(decode(response ?? Buffer.alloc(0))), 'SERVFAIL');
  });

  it('truncate every answer over UDP, and none over TCP', () => {
    const fault: DnsFault = { kind: 'truncate-all' };
    assert.ok(askZone({ type: 'A', name: POD }, aLocalZone(), {}, 'udp', fault).flag_tc);
    assert.equal(askZone({ type: 'A', name: POD }, aLocalZone(), {}, 'tcp', fault).answers?.length, 1);
  });
});

describe('what is no proper query', () => {
  const query = aQuery({ type: 'A', name: POD });
  const answerTo = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(query);
    change(bytes);
    const response = answerQuery(bytes, aLocalZone(), 'udp', NO_FAULT);
    return response === undefined ? 'nothing' : rcodeOf(decode(response));
  };

  it('is not answered when it is a response, or shorter than a header', () => {
    assert.equal(
      answerTo((bytes) => bytes.writeUInt8(0x80, 2)),
      'nothing',
    );
    assert.equal(answerQuery(query.subarray(0, 11), aLocalZone(), 'udp', NO_FAULT), undefined);
  });

  it('is NOTIMP when it is another operation', () => {
    assert.equal(
      answerTo((bytes) => bytes.writeUInt8(5 << 3, 2)),
      'NOTIMP',
    );
  });

  it('is FORMERR without exactly one question that can be read, and handed back as it is', () => {
    assert.equal(
      answerTo((bytes) => bytes.writeUInt16BE(0, 4)),
      'FORMERR',
    );
    assert.equal(
      answerTo((bytes) => bytes.writeUInt16BE(2, 4)),
      'FORMERR',
    );
    assert.equal(
      answerTo((bytes) => bytes.writeUInt8(0xc0, 12)),
      'FORMERR',
    );
    assert.equal(
      answerTo((bytes) => bytes.write('.', 14)),
      'FORMERR',
    );
    assert.equal(
      answerTo((bytes) => bytes.writeUInt8(0xff, 14)),
      'FORMERR',
    );
    const long = Buffer.concat([query, Buffer.alloc(QUERY_BYTES_MAX)]);
    assert.equal(rcodeOf(decode(answerQuery(long, aLocalZone(), 'tcp', NO_FAULT) ?? long)), 'FORMERR');
  });

  it('never throws, whatever it is', () => {
    const header = Buffer.from([0x12, 0x67, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 80 }).map((tail) => Buffer.concat([header, tail])),
      fc.tuple(fc.nat(query.length - 1), fc.nat(255)).map(([at, value]) => {
        const bytes = Buffer.from(query);
        bytes.writeUInt8(value, at);
        return bytes;
      }),
    );
    const property = fc.property(garbage, (bytes) => {
      const response = answerQuery(Buffer.from(bytes), aLocalZone(), 'udp', NO_FAULT);
      assert.ok(response === undefined || decode(response).flag_qr);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

function opt(udpPayloadSize = 1232): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}
