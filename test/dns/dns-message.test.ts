import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { describe, it } from 'node:test';
import { type Answer, decode, RECURSION_DESIRED } from 'dns-packet';
import fc from 'fast-check';
import {
  encodeQuery,
  isReplyTo,
  isTruncated,
  readAddresses,
  readNames,
  readServices,
  UDP_ANSWER_BYTES,
} from '../../src/dns/dns-message.ts';
import { type Contents, responseTo } from '../support/scripted-name-server.ts';

const NAME = 'demo-0.demo-peer.default.svc.cluster.local';
const SOA: Answer = {
  type: 'SOA',
  name: 'cluster.local',
  data: { mname: 'ns.dns.cluster.local', rname: 'hostmaster.cluster.local' },
};

describe('a query', () => {
  it('asks one question, recursively, and offers room for the answer', () => {
    const query = decode(encodeQuery(4711, { type: 'SRV', name: NAME }));
    assert.equal(query.id, 4711);
    assert.equal(query.flags, RECURSION_DESIRED);
    assert.deepEqual(query.questions, [{ type: 'SRV', name: NAME, class: 'IN' }]);
    const [options] = query.additionals ?? [];
    assert.equal(options?.type === 'OPT' && options.udpPayloadSize, UDP_ANSWER_BYTES);
  });

  it('is answered by the same id and question, in whatever case', () => {
    const question = { type: 'A', name: NAME } as const;
    const query = encodeQuery(1, question);
    const shouted = encodeQuery(1, { type: 'A', name: NAME.toUpperCase() });
    assert.ok(isReplyTo(query, question, responseTo(shouted, {})));
    assert.ok(!isReplyTo(query, question, query));
    assert.ok(!isReplyTo(query, question, responseTo(encodeQuery(2, question), {})));
    assert.ok(!isReplyTo(query, question, responseTo(encodeQuery(1, { type: 'SRV', name: NAME }), {})));
    assert.ok(!isReplyTo(query, question, responseTo(encodeQuery(1, { type: 'A', name: `x${NAME}` }), {})));
  });
});

describe('the answer to an A question', () => {
  const says = (contents: Contents) => readAddresses(NAME, replyTo('A', contents));

  it('has every address once, and the smallest TTL', () => {
    const answers = [a(NAME, '10.0.0.1', 9), a(NAME, '10.0.0.2', 4), a(NAME, '10.0.0.1', 9)];
    assert.deepEqual(says({ answers }), {
      kind: 'found',
      addresses: ['10.0.0.1', '10.0.0.2'],
      ttlSeconds: 4,
    });
  });

  it('is heard only for the name and the class that were asked for', () => {
    const why = 'its answer is about something else';
    const chaos: Answer = { type: 'A', name: NAME, class: 'CH', data: '6.6.6.6' };
    for (const other of [a('other.cluster.local', '6.6.6.6'), chaos]) {
      assert.deepEqual(says({ answers: [other] }), { kind: 'unknown', why });
    }
  });

  it('may come by way of aliases', () => {
    const answers = [
      a('c.local', '10.0.0.1', 60),
      cname('B.local', 'C.local', 3),
      cname(NAME, 'b.LOCAL', 60),
    ];
    assert.deepEqual(says({ answers }), { kind: 'found', addresses: ['10.0.0.1'], ttlSeconds: 3 });
  });

  it('is unknown when aliases go in a circle or on for too long', () => {
    const circle = [cname(NAME, 'b.local'), cname('b.local', NAME)];
    const chain = Array.from({ length: 9 }, (_, at) =>
      cname(at === 0 ? NAME : `n${at}.local`, `n${at + 1}.local`),
    );
    assert.equal(says({ answers: circle }).kind, 'unknown');
    assert.equal(says({ answers: [...chain, a('n9.local', '10.0.0.1')] }).kind, 'unknown');
    assert.equal(says({ answers: [...chain.slice(0, 8), a('n8.local', '10.0.0.1')] }).kind, 'found');
  });

  it('is no-data when the name has only AAAA, with or without SOA', () => {
    assert.deepEqual(says({ authorities: [SOA] }), { kind: 'no-data' });
    assert.deepEqual(says({}), { kind: 'no-data' });
    assert.deepEqual(says({ answers: [cname(NAME, 'b.local')], authorities: [SOA] }), { kind: 'no-data' });
  });

  it('is unknown when it only refers elsewhere', () => {
    assert.equal(says({ authorities: [{ type: 'NS', name: 'local', data: 'ns.local' }] }).kind, 'unknown');
    assert.equal(says({ answers: [cname(NAME, 'elsewhere.example')] }).kind, 'unknown');
  });

  it('is no-such-name for NXDOMAIN alone, and unknown for every other error', () => {
    assert.deepEqual(says({ rcode: 3, authorities: [SOA] }), { kind: 'no-such-name' });
    for (const rcode of [1, 2, 4, 5, 6, 7, 8, 9, 10, 15]) {
      assert.equal(says({ rcode, answers: [a(NAME, '10.0.0.1')] }).kind, 'unknown', `rcode ${rcode}`);
    }
    assert.deepEqual(says({ rcode: 2 }), { kind: 'unknown', why: 'it says SERVFAIL' });
  });

  it('is unknown for errors that only EDNS can tell, such as BADVERS and BADCOOKIE', () => {
    assert.deepEqual(says({ additionals: [opt(1)] }), { kind: 'unknown', why: 'it says error 16' });
    assert.deepEqual(says({ rcode: 3, additionals: [opt(1)] }), { kind: 'unknown', why: 'it says error 19' });
  });

  it('counts a TTL beyond 31 bits as zero', () => {
    assert.deepEqual(says({ answers: [a(NAME, '10.0.0.1', 2 ** 31)] }), {
      kind: 'found',
      addresses: ['10.0.0.1'],
      ttlSeconds: 0,
    });
  });

  it('is unknown when it is cut anywhere', () => {
    const whole = replyTo('A', { answers: [a(NAME, '10.0.0.1'), a(NAME, '10.0.0.2')] });
    const question = { type: 'A', name: NAME } as const;
    const query = encodeQuery(1, question);
    for (let length = 0; length < whole.length; length++) {
      const part = whole.subarray(0, length);
      const isUnknown = !isReplyTo(query, question, part) || readAddresses(NAME, part).kind === 'unknown';
      assert.ok(isUnknown, `${length} bytes`);
    }
  });
});

describe('the answer to an SRV question', () => {
  const name = '_peer._tcp.demo-peer.default.svc.cluster.local';
  const says = (contents: Contents) => readServices(name, replyTo('SRV', contents, name));

  it('has targets with the addresses that came along', () => {
    const answers = [srv(name, 'Demo-0.peer.', 2380, 5), srv(name, 'demo-1.peer', 2381, 7)];
    const additionals = [a('DEMO-0.peer', '10.0.0.1'), a('demo-9.peer', '6.6.6.6'), opt(0)];
    assert.deepEqual(says({ answers, additionals }), {
      kind: 'found',
      ttlSeconds: 5,
      targets: [
        { target: 'demo-0.peer', port: 2380, addresses: ['10.0.0.1'] },
        { target: 'demo-1.peer', port: 2381, addresses: [] },
      ],
    });
  });

  it('is no-data when the service is decidedly not available', () => {
    assert.deepEqual(says({ answers: [srv(name, '.', 0)] }), { kind: 'no-data' });
  });

  it('is unknown when a target is no name', () => {
    assert.equal(says({ answers: [srv(name, 'a b.peer', 1), srv(name, 'demo-0.peer', 1)] }).kind, 'unknown');
  });
});

describe('the answer to a PTR question', () => {
  const name = '10.9.80.127.in-addr.arpa';
  const says = (contents: Contents) => readNames(name, replyTo('PTR', contents, name));

  it('has every name once, in lower case', () => {
    const answers = [ptr(name, 'Demo-0.peer.'), ptr(name, 'demo-0.peer'), ptr(name, 'demo-0.client')];
    assert.deepEqual(says({ answers }), {
      kind: 'found',
      names: ['demo-0.peer', 'demo-0.client'],
      ttlSeconds: 5,
    });
  });

  it('is unknown when it is no name', () => {
    assert.equal(says({ answers: [ptr(name, 'a b')] }).kind, 'unknown');
  });
});

describe('whatever bytes are read', () => {
  const reads = [readAddresses, readServices, readNames];

  it('give a value, and never addresses that are none', () => {
    const bytes = fc.uint8Array({ minLength: 12, maxLength: 600 });
    fc.assert(
      fc.property(bytes, (garbage) => reads.every((read) => isSound(read(NAME, Buffer.from(garbage))))),
    );
  });

  it('give a value when a true answer was damaged', () => {
    const whole = replyTo('A', {
      answers: [
        cname(NAME, 'b.local'),
        a('b.local', '10.0.0.1'),
        srv(NAME, 'b.local', 1),
        ptr(NAME, 'b.local'),
      ],
      authorities: [SOA],
      additionals: [a('b.local', '10.0.0.2'), opt(0)],
    });
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    const property = fc.property(damage, fc.nat(whole.length - 12), (changes, cut) => {
      const bytes = Buffer.from(whole.subarray(0, whole.length - cut));
      for (const [at, value] of changes) {
        bytes[at] = value; // beyond the cut it has no effect
      }
      return reads.every((read) => isSound(read(NAME, bytes)));
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('give a value at once when more records are claimed than there is room for', () => {
    const bytes = replyTo('A', {});
    bytes.writeUInt16BE(65_535, 6);
    assert.deepEqual(readAddresses(NAME, bytes), { kind: 'unknown', why: 'its answer is malformed' });
  });

  it('tell by the header whether it was truncated', () => {
    const bytes = replyTo('A', {});
    assert.ok(!isTruncated(bytes));
    bytes.writeUInt8(bytes.readUInt8(2) | 0b10, 2);
    assert.ok(isTruncated(bytes));
  });
});

function replyTo(type: 'A' | 'SRV' | 'PTR', contents: Contents, name = NAME): Buffer {
  return responseTo(encodeQuery(1, { type, name }), contents);
}

function isSound(answer: ReturnType<typeof readAddresses | typeof readServices | typeof readNames>): boolean {
  if (answer.kind !== 'found') {
    return true;
  }
  if ('targets' in answer) {
    return answer.targets.every(({ addresses, target }) => target !== '' && addresses.every(isIPv4));
  }
  return 'names' in answer
    ? answer.names.length > 0
    : answer.addresses.length > 0 && answer.addresses.every(isIPv4);
}

function a(name: string, data: string, ttl = 5): Answer {
  return { type: 'A', name, ttl, data };
}

function cname(name: string, data: string, ttl = 5): Answer {
  return { type: 'CNAME', name, ttl, data };
}

function srv(name: string, target: string, port: number, ttl = 5): Answer {
  return { type: 'SRV', name, ttl, data: { target, port } };
}

function ptr(name: string, data: string): Answer {
  return { type: 'PTR', name, ttl: 5, data };
}

function opt(extendedRcode: number): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1232,
    extendedRcode,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}
