import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../src/etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../../src/etcd/etcd3-member-api.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { type EtcdProcess, startEtcd } from '../support/etcd-process.ts';
import { type HoldingProxy, startHoldingProxy } from '../support/holding-proxy.ts';
import { claimLoopbackAddresses, type LoopbackAddresses } from '../support/loopback-address.ts';
import { until } from '../support/until-given.ts';
import { refusalOf } from './etcd-api-contract.ts';

const PEER_PORT = 2380;
/** etcd's `HealthInterval` is 5 s: a link that is older counts. */
const HEALTHY_MS = 6_000;
const MEMBERS = [0, 1, 2] as const;
/** The last one restarts; its peers know it by the address of a proxy. */
const RESTARTED = 2;
const PROXY = 7;

describe('a peer that restarts while its leader has a message for it under way (etcd-io/etcd#14523)', () => {
  for (const version of TESTED_ETCD_VERSIONS) {
    it(`of ${version}: the leader refuses additions from then on, and any other voter takes them`, async (t) => {
      const cluster = await startBehindProxy(t, version);
      const { members, urlOf, proxy } = cluster;
      const leader = await leadBy(t, cluster, 0);

      proxy.hold();
      const killed = leader.log().length;
      await cluster.kill(RESTARTED);
      await until(() => proxy.held().some(isPost));
      proxy.passOn();
      await cluster.start(RESTARTED);
      proxy.breakHeld('GET ');
      // Each one that comes up later would make the peer active again.
      await until(() => streamsUpIn(leader.log().slice(killed)) === STREAMS_OF_A_PEER);
      const before = leader.log().length;
      proxy.breakHeld('POST ');
      await until(() => /peer became inactive/.test(leader.log().slice(before)));

      await delay(HEALTHY_MS, undefined, { signal: t.signal });
      const newcomer = `http://${cluster.addresses.of(3)}:${PEER_PORT}`;
      const byLeader = await members.addLearner(urlOf(0), newcomer, t.signal);
      assert.equal(refusalOf(byLeader), 'unhealthy-cluster');
      const byAnother = await members.addLearner(urlOf(1), newcomer, t.signal);
      assert.deepEqual(byAnother, { kind: 'done' });
    });
  }
});

/** etcd dials its peer for two streams, and is dialled for two. */
const STREAMS_OF_A_PEER = 4;

function streamsUpIn(log: string): number {
  return log.split('established TCP streaming connection with remote peer').length - 1;
}

function isPost(request: string): boolean {
  return request.startsWith('POST /raft');
}

type Cluster = {
  readonly addresses: LoopbackAddresses;
  readonly proxy: HoldingProxy;
  readonly members: ReturnType<typeof createEtcd3MemberApi>;
  readonly maintenance: ReturnType<typeof createEtcd3MaintenanceApi>;
  readonly urlOf: (member: number) => string;
  readonly start: (member: number) => Promise<EtcdProcess>;
  readonly kill: (member: number) => Promise<void>;
  readonly processOf: (member: number) => EtcdProcess;
};

async function startBehindProxy(t: TestContext, version: string): Promise<Cluster> {
  const addresses = await claimLoopbackAddresses();
  const directory = await mkdtemp(join(tmpdir(), 'quorate-contract-'));
  const proxy = await startHoldingProxy(addresses.of(PROXY), addresses.of(RESTARTED), PEER_PORT);
  const processes = new Map<number, EtcdProcess>();
  const peerUrlOf = (member: number): string =>
    `http://${addresses.of(member === RESTARTED ? PROXY : member)}:${PEER_PORT}`;
  const processOf = (member: number): EtcdProcess => {
    const process = processes.get(member);
    assert.ok(process !== undefined);
    return process;
  };
  const start = async (member: number): Promise<EtcdProcess> => {
    const process = await startEtcd({
      version,
      address: addresses.of(member),
      dataDirectory: join(directory, `m${member}`),
      name: `m${member}`,
      until: 'spawned',
      signal: t.signal,
      extraConfig: {
        'initial-advertise-peer-urls': peerUrlOf(member),
        'initial-cluster': MEMBERS.map((each) => `m${each}=${peerUrlOf(each)}`).join(),
        'initial-cluster-token': `test-${addresses.prefix}`,
      },
    });
    processes.set(member, process);
    return process;
  };
  const clients = createEtcd3Clients();
  t.after(async () => {
    clients.close();
    await Promise.all([...processes.values()].map((process) => process.stop('SIGKILL')));
    await proxy[Symbol.asyncDispose]();
    await addresses[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });
  await Promise.all(MEMBERS.map(start));
  return {
    addresses,
    proxy,
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    urlOf: (member) => `http://${addresses.of(member)}:2379`,
    start,
    kill: async (member) => void (await processOf(member).stop('SIGKILL')),
    processOf,
  };
}

/** Has `member` lead, and returns its process. */
async function leadBy(t: TestContext, cluster: Cluster, member: number): Promise<EtcdProcess> {
  const { maintenance, members, urlOf } = cluster;
  await until(async () => {
    const wanted = await maintenance.status(urlOf(member), t.signal);
    if (wanted.kind !== 'answered' || wanted.value.leaderId === wanted.value.memberId) {
      return wanted.kind === 'answered';
    }
    for (const each of MEMBERS) {
      await members.moveLeader(urlOf(each), wanted.value.memberId, t.signal);
    }
    return false;
  });
  return cluster.processOf(member);
}
