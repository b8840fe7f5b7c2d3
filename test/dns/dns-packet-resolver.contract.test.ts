import { dnsPacketResolver } from '../../src/dns/dns-packet-resolver.ts';
import { startDnsServer } from '../../src/local/dns-server.ts';
import { PUBLISHED, resolverContract } from '../contract/resolver-contract.ts';

/** On a loaded machine an answer may take its time. */
const PATIENT = { tryTimeoutMs: 5000, triesMax: 2, totalTimeoutMs: 10_000 };
const IMPATIENT = { tryTimeoutMs: 30, triesMax: 2, totalTimeoutMs: 1000 };

resolverContract('dnsPacketResolver, asking the local DNS server,', async (t) => {
  const server = await startDnsServer({
    records: () => PUBLISHED.map((pod) => ({ ...pod, service: 'demo-peer', namespace: 'default' })),
    domain: 'cluster.local',
    address: '127.0.0.1',
    port: 0,
    ports: [
      { name: 'peer', port: 2380 },
      { name: 'client', port: 2379 },
    ],
  });
  t.after(() => server.close());
  const deps = { servers: [server], nowMs: () => performance.now() };
  return {
    resolver: dnsPacketResolver({ ...deps, limits: PATIENT }),
    impatient: dnsPacketResolver({ ...deps, limits: IMPATIENT }),
    failServers: () => server.setFault({ kind: 'servfail' }),
    silenceServers: () => server.setFault({ kind: 'silent' }),
  };
});
