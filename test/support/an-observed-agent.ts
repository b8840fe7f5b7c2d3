import { createAddressBook } from '../../src/agent/look/address-book.ts';
import { LocalEtcdProbe } from '../../src/agent/look/local-etcd-probe.ts';
import { Observer, type ObserverDeps } from '../../src/agent/look/observer.ts';
import { clientUrlOf, dnsNameOf, memberNameOf, peerUrlOf } from '../../src/model/naming.ts';
import type { HttpClient } from '../../src/runtime/http-client.ts';
import { aManualClock } from './a-clock.ts';
import { aSelf, NAMES } from './a-member-view.ts';
import { aFakeClusterApi } from './fake-cluster-api.ts';
import { aFakeEtcd } from './fake-etcd.ts';
import { aFakeGate } from './fake-gate.ts';
import { aFakeResolver } from './fake-resolver.ts';
import { aFakeVolume } from './fake-volume-store.ts';
import { noCertificates } from './no-certificates.ts';

const NOBODY_LISTENS: HttpClient = {
  send: async () => ({ kind: 'refused' }),
  close: async () => undefined,
};

/** The agent of `ordinal` and everything it looks at: fakes that obey the contracts of the real things. */
export function anObservedAgent(ordinal: number, voters: number, fields: Partial<ObserverDeps> = {}) {
  const clock = aManualClock();
  const gate = aFakeGate();
  const volume = aFakeVolume();
  const cluster = aFakeClusterApi();
  const askedNames: string[] = [];
  const etcd = aFakeEtcd(voters, {
    memberName: (each) => memberNameOf(NAMES, each),
    clientUrl: (each) => clientUrlOf(NAMES, each),
    peerUrl: (each) => peerUrlOf(NAMES, each),
  });
  const published = Object.fromEntries(
    [0, 1, 2, 3, 4].map((each) => [dnsNameOf(NAMES, each), [`127.80.0.1${each}`]]),
  );
  const resolver = aFakeResolver(published, askedNames);
  const probe = new LocalEtcdProbe({
    gate,
    clock,
    maintenance: etcd.maintenance,
    boot: { read: async () => ({ kind: 'silent' }) },
    clientUrl: clientUrlOf(NAMES, ordinal),
    takenPort: async () => undefined,
  });
  cluster.putPod(`demo-${ordinal}`, `pod-${ordinal}`, `127.80.0.1${ordinal}`);
  const observer = new Observer({
    clock,
    self: aSelf({ ordinal, podUid: `pod-${ordinal}` }),
    config: { clusterUid: undefined },
    names: NAMES,
    ordinal,
    agentPort: 2382,
    channel: 'plain',
    agentTlsPort: 2383,
    podAddress: `127.80.0.1${ordinal}`,
    volume: volume.store,
    certificates: noCertificates(),
    etcd: probe,
    api: cluster.api,
    members: etcd.members,
    maintenance: etcd.maintenance,
    peers: etcd.peers,
    addresses: createAddressBook(resolver, { host: '', address: '' }, new AbortController().signal),
    resolver,
    http: NOBODY_LISTENS,
    ...fields,
  });
  return { clock, gate, volume, cluster, etcd, probe, observer, askedNames };
}
