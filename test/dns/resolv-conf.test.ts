import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatServer, NAME_SERVERS_MAX, parseResolvConf, parseServers } from '../../src/dns/resolv-conf.ts';

describe('parseResolvConf', () => {
  it('reads what kubelet writes into a Pod', () => {
    const text =
      'search default.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';
    assert.deepEqual(parseResolvConf(text), [{ address: '10.96.0.10', port: 53 }]);
  });

  it('passes over comments and lines that name no address', () => {
    const text = [
      '# nameserver 1.1.1.1',
      '; nameserver 1.1.1.2',
      ' nameserver 1.1.1.3',
      'nameserver',
      'nameserver dns.example',
      'nameserver1.1.1.4',
      'nameserver\t10.0.0.1#first',
      'nameserver fd00::a ; second',
    ].join('\r\n');
    assert.deepEqual(parseResolvConf(text), [
      { address: '10.0.0.1', port: 53 },
      { address: 'fd00::a', port: 53 },
    ]);
  });

  it('reads no more servers than glibc would ask', () => {
    const text = [1, 2, 3, 4].map((last) => `nameserver 10.0.0.${last}`).join('\n');
    assert.equal(parseResolvConf(text).length, NAME_SERVERS_MAX);
  });

  it('finds none in an empty text', () => {
    assert.deepEqual(parseResolvConf(''), []);
  });
});

describe('parseServers', () => {
  it('reads addresses with and without a port', () => {
    assert.deepEqual(parseServers('127.0.0.1:5353, 10.0.0.10,[fd00::a]:54'), [
      { address: '127.0.0.1', port: 5353 },
      { address: '10.0.0.10', port: 53 },
      { address: 'fd00::a', port: 54 },
    ]);
    assert.deepEqual(parseServers('fd00::a'), [{ address: 'fd00::a', port: 53 }]);
    assert.deepEqual(parseServers('[fd00::a]'), [{ address: 'fd00::a', port: 53 }]);
  });

  it('says which item is wrong', () => {
    assert.deepEqual(parseServers('10.0.0.10,dns.example'), {
      invalid: "'dns.example' is not ADDRESS or ADDRESS:PORT",
    });
    const wrong = [
      '',
      ',',
      '1.2.3',
      '1.2.3.4:',
      '1.2.3.4:0',
      '1.2.3.4:65536',
      '[1.2.3.4]',
      '[fd00::a',
      'fd00::a]:53',
    ];
    for (const text of wrong) {
      assert.ok('invalid' in parseServers(text), text);
    }
  });

  it('refuses more servers than would be asked', () => {
    const { invalid } = { invalid: '', ...parseServers('10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4') };
    assert.equal(invalid, '4 name servers, and at most 3 are asked');
  });

  it('reads what formatServer writes, and never throws', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const port = fc.integer({ min: 1, max: 65_535 });
    const server = fc.record({ address, port }, { noNullPrototype: true });
    fc.assert(fc.property(server, (one) => assert.deepEqual(parseServers(formatServer(one)), [one])));
    fc.assert(fc.property(fc.string(), (text) => assert.ok(parseServers(text))));
  });
});
