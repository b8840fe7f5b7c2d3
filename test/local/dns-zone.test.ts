import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aLocalZone, askZone, briefOf, POD, rcodeOf, SERVICE } from '../support/ask-zone.ts';

describe('A', () => {
  it('of a Pod is its address, for the TTL of CoreDNS', () => {
    const response = askZone({ type: 'A', name: POD });
    assert.deepEqual(briefOf(response), [`${POD} 5 A 127.80.9.10`]);
    assert.ok(response.flag_aa);
    assert.deepEqual(response.authorities, []);
  });

  it('of the Service is the address of every Pod', () => {
    assert.deepEqual(briefOf(askZone({ type: 'A', name: SERVICE })), [
      `${SERVICE} 5 A 127.80.9.10`,
      `${SERVICE} 5 A 127.80.9.11`,
    ]);
  });

  it('is found in any case, and named as it was asked for', () => {
    const name = POD.toUpperCase();
    assert.deepEqual(briefOf(askZone({ type: 'A', name })), [`${name} 5 A 127.80.9.10`]);
  });

  it('is not there for a Pod without an address', () => {
    const zone = aLocalZone({
      pods: [{ name: 'demo-0', address: '', service: 'demo-peer', namespace: 'default' }],
    });
    assert.equal(rcodeOf(askZone({ type: 'A', name: POD }, zone)), 'NXDOMAIN');
  });

  it('has two Pods apart that share an address', () => {
    const pods = ['demo-0', 'demo-1'].map((name) => ({
      name,
      address: '127.80.9.10',
      service: 'demo-peer',
      namespace: 'default',
    }));
    assert.deepEqual(briefOf(askZone({ type: 'A', name: SERVICE }, aLocalZone({ pods }))), [
      `${SERVICE} 5 A 127.80.9.10`,
    ]);
    assert.equal(
      askZone({ type: 'PTR', name: '10.9.80.127.in-addr.arpa' }, aLocalZone({ pods })).answers?.length,
      2,
    );
  });
});

describe('SRV', () => {
  it('of a named port is every Pod, with its address', () => {
    const name = `_peer._tcp.${SERVICE}`;
    const response = askZone({ type: 'SRV', name });
    assert.deepEqual(briefOf(response), [
      `${name} 5 SRV {"priority":0,"weight":50,"port":2380,"target":"${POD}"}`,
      `${name} 5 SRV {"priority":0,"weight":50,"port":2380,"target":"demo-1.${SERVICE}"}`,
    ]);
    assert.deepEqual(
      response.additionals?.map((record) => 'data' in record && `${record.name} ${record.data}`),
      [`${POD} 127.80.9.10`, `demo-1.${SERVICE} 127.80.9.11`],
    );
  });

  it('of the Service is every port of every Pod, and of a Pod every port of it', () => {
    const answersOf = (name: string) => askZone({ type: 'SRV', name }, aLocalZone(), {}, 'tcp').answers;
    assert.equal(answersOf(SERVICE)?.length, 4);
    assert.equal(answersOf(POD)?.length, 2);
  });

  it('does not know a port that the Service has not', () => {
    assert.equal(rcodeOf(askZone({ type: 'SRV', name: `_none._tcp.${SERVICE}` })), 'NXDOMAIN');
    assert.equal(rcodeOf(askZone({ type: 'SRV', name: `_peer._udp.${SERVICE}` })), 'NXDOMAIN');
  });
});

describe('PTR', () => {
  it('of an address is the name of its Pod', () => {
    const name = '10.9.80.127.in-addr.arpa';
    assert.deepEqual(briefOf(askZone({ type: 'PTR', name })), [`${name} 5 PTR ${POD}`]);
  });

  it('is not there for other addresses', () => {
    const response = askZone({ type: 'PTR', name: '99.9.80.127.in-addr.arpa' });
    assert.equal(rcodeOf(response), 'NXDOMAIN');
    assert.equal(response.authorities?.[0]?.name, 'in-addr.arpa');
  });
});

describe('a name that does not exist', () => {
  it('is NXDOMAIN, and the SOA says for how long', () => {
    for (const name of [`demo-2.${SERVICE}`, 'other.default.svc.cluster.local', 'foo.cluster.local']) {
      const response = askZone({ type: 'A', name });
      assert.equal(rcodeOf(response), 'NXDOMAIN');
      assert.deepEqual(briefOf(response), []);
      const [soa] = response.authorities ?? [];
      assert.ok(soa?.type === 'SOA' && soa.name === 'cluster.local');
      assert.equal(soa.ttl, 5);
      assert.equal(soa.data.minimum, 5);
      assert.equal(soa.data.mname, 'ns.dns.cluster.local');
      assert.equal(soa.data.rname, 'hostmaster.cluster.local');
    }
  });

  it('is that of a Service without Pods', () => {
    assert.equal(rcodeOf(askZone({ type: 'A', name: SERVICE }, aLocalZone({ pods: [] }))), 'NXDOMAIN');
  });
});

describe('a name that has other records, or names below it', () => {
  it('is NOERROR without an answer, and with the SOA', () => {
    const asked = [
      { type: 'AAAA', name: POD },
      { type: 'MX', name: SERVICE },
      { type: 'A', name: `_peer._tcp.${SERVICE}` },
      { type: 'A', name: `_tcp.${SERVICE}` },
      { type: 'A', name: 'default.svc.cluster.local' },
      { type: 'A', name: 'svc.cluster.local' },
      { type: 'A', name: 'cluster.local' },
      { type: 'A', name: '10.9.80.127.in-addr.arpa' },
      { type: 'PTR', name: 'in-addr.arpa' },
    ] as const;
    for (const question of asked) {
      const response = askZone(question);
      assert.equal(rcodeOf(response), 'NOERROR', question.name);
      assert.deepEqual(briefOf(response), []);
      assert.equal(response.authorities?.[0]?.type, 'SOA');
    }
  });
});

it('tells the version of the schema', () => {
  const [record] = askZone({ type: 'TXT', name: 'dns-version.cluster.local' }).answers ?? [];
  assert.equal(record?.type === 'TXT' && String(record.data), '1.1.0');
});

it('answers the SOA question for the domain itself', () => {
  assert.equal(askZone({ type: 'SOA', name: 'cluster.local' }).answers?.length, 1);
});
