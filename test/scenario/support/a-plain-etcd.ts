import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createEtcd3Clients } from '../../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../../src/etcd/etcd3-maintenance-api.ts';
import type { EtcdId } from '../../../src/model/member.ts';
import { startEtcd } from '../../support/etcd-process.ts';
import { claimLoopbackAddresses } from '../../support/loopback-address.ts';
import type { Scenario } from './a-cluster.ts';

/** What somebody's etcd left on a volume, who had never heard of an agent. */
export type PlainEtcd = {
  readonly clusterId: EtcdId;
  readonly memberId: EtcdId;
  readonly keys: ReadonlyMap<string, string>;
};

/** As etcd advertises itself unless it is told better (3.5–3.7, `DefaultInitialAdvertisePeerURLs`). */
const PEER_URL = 'http://localhost:2380';
const KEYS_TOTAL = 50;

/** Runs the official program alone, with its data at `place` on `volume`, until it has stored some keys. */
export async function aPlainEtcd(
  t: TestContext,
  version: string,
  volume: string,
  place: string,
): Promise<PlainEtcd> {
  mkdirSync(volume, { recursive: true });
  await using addresses = await claimLoopbackAddresses();
  await using etcd = await startEtcd({
    version,
    address: addresses.of(0),
    dataDirectory: join(volume, place),
    name: 'default',
    signal: t.signal,
    extraConfig: { 'initial-advertise-peer-urls': PEER_URL, 'initial-cluster': `default=${PEER_URL}` },
  });
  const clients = createEtcd3Clients();
  try {
    const keys = new Map(
      Array.from({ length: KEYS_TOTAL }, (_, number) => [`plain/${number}`, `is ${number}`]),
    );
    for (const [key, value] of keys) {
      await clients.of(etcd.clientUrl).put(key).value(value);
    }
    const status = await createEtcd3MaintenanceApi(clients).status(etcd.clientUrl, t.signal);
    assert.ok(status.kind === 'answered');
    const { clusterId, memberId } = status.value;
    await etcd.stop();
    return { clusterId, memberId, keys };
  } finally {
    clients.close();
  }
}

/** Reads every key of `plain` through the member of `ordinal`. */
export async function assertPlainKeys(scenario: Scenario, plain: PlainEtcd, ordinal: number): Promise<void> {
  const found = await scenario.clients.of(scenario.clientUrl(ordinal)).getAll().prefix('plain/').strings();
  assert.deepEqual(new Map(Object.entries(found)), new Map(plain.keys));
}
