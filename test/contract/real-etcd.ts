import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../src/etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../../src/etcd/etcd3-member-api.ts';
import { type EtcdOptions, type EtcdProcess, startEtcd } from '../support/etcd-process.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';
import { type EtcdUnderContract, listOf } from './etcd-api-contract.ts';

export type RealEtcd = EtcdUnderContract & {
  readonly address: (ordinal: number) => string;
  readonly process: (ordinal: number) => EtcdProcess;
};

/** A new cluster of one real etcd of `version`, to which more can be joined; it ends with the test. */
export async function startRealEtcd(
  t: TestContext,
  version: string,
  extraConfig: EtcdOptions['extraConfig'] = {},
): Promise<RealEtcd> {
  const directory = await mkdtemp(join(tmpdir(), 'quorate-contract-'));
  const addresses = await claimLoopbackAddresses();
  const clients = createEtcd3Clients();
  const processes = new Map<number, EtcdProcess>();
  t.after(async () => {
    clients.close();
    await Promise.all([...processes.values()].map((each) => each.stop('SIGKILL')));
    await addresses[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });
  const start = async (ordinal: number, more: Partial<EtcdOptions>): Promise<void> => {
    const dataDirectory = join(directory, `m${ordinal}`);
    const address = addresses.of(ordinal);
    const name = `m${ordinal}`;
    const started = await startEtcd({ version, address, dataDirectory, name, signal: t.signal, ...more });
    processes.set(ordinal, started);
  };
  const processOf = (ordinal: number): EtcdProcess => {
    const found = processes.get(ordinal);
    if (found === undefined) {
      throw new Error(`no etcd of ordinal ${ordinal} was started`);
    }
    return found;
  };
  const etcd: RealEtcd = {
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    name: 'm0',
    address: addresses.of,
    clientUrl: (ordinal) => `http://${addresses.of(ordinal)}:2379`,
    peerUrl: (ordinal) => `http://${addresses.of(ordinal)}:2380`,
    process: processOf,
    join: async (ordinal) => {
      const { members } = await listOf(t, etcd, 0);
      const initialCluster = members.map((member) => {
        const name = member.name === '' ? `m${ordinal}` : member.name;
        return `${name}=${member.peerUrls[0]}`;
      });
      const joining = { 'initial-cluster': initialCluster.join(','), 'initial-cluster-state': 'existing' };
      await start(ordinal, { until: 'live', extraConfig: { ...extraConfig, ...joining } });
    },
    freeze: (ordinal) => void process.kill(processOf(ordinal).pid, 'SIGSTOP'),
    thaw: (ordinal) => void process.kill(processOf(ordinal).pid, 'SIGCONT'),
  };
  await start(0, { extraConfig });
  return etcd;
}
