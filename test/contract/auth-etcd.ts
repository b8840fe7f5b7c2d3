import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { AuthApi } from '../../src/etcd/auth-api.ts';
import { createEtcd3AuthApi } from '../../src/etcd/etcd3-auth-api.ts';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../src/etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../../src/etcd/etcd3-member-api.ts';
import type { MaintenanceApi, MemberApi } from '../../src/etcd/member-api.ts';
import { ROOT } from '../../src/model/etcd-auth.ts';
import { clientUrlOf, memberNameOf, peerUrlOf } from '../../src/model/naming.ts';
import type { EtcdProcess } from '../support/etcd-process.ts';
import { type EtcdUnderContract, listOf } from './etcd-api-contract.ts';
import { aTlsCluster } from './tls-cluster.ts';

/** As many as etcd has without being told, 3.5 ever. */
const MAX_LEARNERS = 1;
const TOKEN = 'auth';

export type Apis = {
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly auth: AuthApi;
};

/** Real etcds over TLS, to which one shows certificates of any name. */
export type AuthEtcd = EtcdUnderContract & {
  readonly auth: AuthApi;
  /** Asks with a certificate of this name. */
  readonly as: (commonName: string) => Promise<Apis>;
  readonly process: EtcdProcess;
};

/** A new cluster of one member; `members`, `maintenance` and `auth` ask it as root. */
export async function startAuthEtcd(t: TestContext, version: string): Promise<AuthEtcd> {
  const cluster = await aTlsCluster(t, version);
  const { names } = cluster;
  const processes = new Map<number, EtcdProcess>();
  const first = await cluster.start(0, { kind: 'seed', token: TOKEN, maxLearners: MAX_LEARNERS });
  processes.set(0, first);
  const as: AuthEtcd['as'] = async (commonName) => {
    const shown = await cluster.client({ commonName, ipAddresses: [] });
    const clients = createEtcd3Clients(undefined, () => shown);
    t.after(() => clients.close());
    return {
      members: createEtcd3MemberApi(clients),
      maintenance: createEtcd3MaintenanceApi(clients),
      auth: createEtcd3AuthApi(clients),
    };
  };
  const tell = (ordinal: number, signal: NodeJS.Signals): void => {
    const pid = processes.get(ordinal)?.pid;
    assert.ok(pid !== undefined, `no etcd of ordinal ${ordinal} was started`);
    process.kill(pid, signal);
  };
  const etcd: AuthEtcd = {
    ...(await as(ROOT)),
    as,
    process: first,
    name: memberNameOf(names, 0),
    clientUrl: (ordinal) => clientUrlOf(names, ordinal),
    peerUrl: (ordinal) => peerUrlOf(names, ordinal),
    join: async (ordinal) => {
      const { members } = await listOf(t, etcd, 0);
      const initialCluster = members.map(({ name, peerUrls: [peerUrl = ''] }) => ({
        name: name === '' ? memberNameOf(names, ordinal) : name,
        peerUrl,
      }));
      const start = { kind: 'join', token: TOKEN, maxLearners: MAX_LEARNERS, initialCluster } as const;
      processes.set(ordinal, await cluster.start(ordinal, start, { until: 'live' }));
    },
    freeze: (ordinal) => tell(ordinal, 'SIGSTOP'),
    thaw: (ordinal) => tell(ordinal, 'SIGCONT'),
  };
  return etcd;
}

/** The same with authentication on. */
export async function startEnabledEtcd(t: TestContext, version: string): Promise<AuthEtcd> {
  const etcd = await startAuthEtcd(t, version);
  for (const [change, password] of [
    [{ kind: 'add-user', user: ROOT }, 'secret'],
    [{ kind: 'grant-role', user: ROOT, role: ROOT }, undefined],
    [{ kind: 'enable' }, undefined],
  ] as const) {
    const { kind } = await etcd.auth.change(etcd.clientUrl(0), change, password, t.signal);
    assert.equal(kind, 'answered', change.kind);
  }
  return etcd;
}
