import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { EtcdClusterStatus } from '../../../src/api/cluster-status.ts';
import type { AgentStatusMember } from '../../../src/model/agent-status.ts';
import { ROOT } from '../../../src/model/etcd-auth.ts';
import { AuthKeeper, type AuthMember } from '../../../src/operator/auth/auth-keeper.ts';
import { OperatorIdentities } from '../../../src/operator/certificates/operator-identities.ts';
import type { EventNote } from '../../../src/operator/events/event-record.ts';
import type { ClusterSight } from '../../../src/operator/pass/cluster-sight.ts';
import { keepAuth } from '../../../src/operator/pass/keep-auth.ts';
import { clusterStatus } from '../../../src/operator/plan/cluster-status.ts';
import { findingsOf } from '../../../src/operator/plan/findings.ts';
import { readCertificate } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import {
  type AnObservedCluster,
  anObservedCluster,
  aRow,
  SETTINGS,
  version,
} from '../../support/an-observed-cluster.ts';
import { fakeAuthApi } from '../../support/fake-auth-api.ts';
import { fakeRecords } from '../election/fake-records.ts';

const KEY = 'default/demo';
const TLS = { client: 'tls', peer: 'tls' } as const;
const VERSION = version('3.6.16');

/** Three members that serve by TLS, of which ordinal 0 leads. */
const secure = [0, 1, 2].reduce(
  (cluster, ordinal) => cluster.pod(ordinal, { tls: TLS }),
  anObservedCluster(3)
    .set({ tls: TLS })
    .listing(...[0, 1, 2].map((ordinal) => secureRow(ordinal)))
    .wanting({ security: { tls: {} } }),
);
const wanting = secure.wanting({ security: { tls: {}, auth: { enabled: true, users: [{ name: 'app' }] } } });

/** An operator that writes status after each pass, over a fake etcd. */
async function anOperator(t: TestContext) {
  const etcd = fakeAuthApi();
  const records = fakeRecords();
  const told: string[] = [];
  let asked: readonly AuthMember[] = [];
  let shown = '';
  const nowMs = (): number => Date.now();
  const issuer = { authority: issueAuthority, leaf: issueLeaf };
  const identities = new OperatorIdentities({ secrets: records, issuer, nowMs });
  t.after(() => identities.forget(KEY));
  const current = await issueAuthority('etcd-ca-test', nowMs(), 86_400_000);
  const nothing = { next: undefined, previous: undefined, given: undefined };
  await identities.take(KEY, { ...nothing, current, sinceMs: 0, answered: '' });
  const keeper = new AuthKeeper({
    secrets: records,
    nowMs,
    open: async (members, { certificate }) => {
      asked = members;
      shown = readCertificate(certificate)?.commonName ?? '';
      return { api: etcd, close: () => {} };
    },
  });
  const deps = {
    keeper,
    encryption: { identities, clusterDomain: 'cluster.local', secretsAccess: undefined },
    events: {
      record: (_: unknown, { type, reason }: EventNote) => void told.push(`${type} ${reason}`),
      run: async () => {},
    },
  };
  const pass = async ({
    observed,
  }: AnObservedCluster): Promise<{
    readonly status: EtcdClusterStatus;
    readonly ready: string;
    readonly again: boolean;
  }> => {
    const sight: ClusterSight = {
      key: KEY,
      namespace: 'default',
      name: 'demo',
      uid: 'uid-1',
      observed,
      claimTemplates: undefined,
      olderClaims: [],
      markOf: () => undefined,
    };
    const { outlook, againAtMs } = await keepAuth(deps, sight, VERSION, t.signal);
    const plan = { ...anObservedCluster(3).plan, ...(outlook === undefined ? {} : { auth: outlook }) };
    const status = clusterStatus(observed, plan, findingsOf(observed, plan), SETTINGS);
    const said = status.conditions?.find(({ type }) => type === 'AuthReady');
    return { status, ready: `${said?.status} ${said?.reason}`, again: againAtMs !== undefined };
  };
  return { etcd, store: etcd.store, told, pass, members: () => asked, shown: () => shown };
}

describe('the part of a pass that is about authentication', () => {
  it('asks nobody where it is off and is to be, nor where nobody serves', async (t) => {
    const { pass, etcd } = await anOperator(t);
    assert.equal((await pass(anObservedCluster(3))).ready, 'False AuthDisabled');
    const off = secure.after(
      (await pass(secure.unwritten().set({ tls: { client: 'plain', peer: 'plain' } }))).status,
    );
    assert.equal((await pass(off)).ready, 'False AuthDisabled');
    assert.equal((await pass(wanting.starting(0, 1, 2))).ready, 'False AuthUnderWay');
    assert.deepEqual(etcd.calls, []);
  });

  it('says in status that it is under way before it turns it on, so that the next operator knows', async (t) => {
    const { pass, store, told, etcd } = await anOperator(t);
    const off = secure.after((await pass(anObservedCluster(3))).status).observed.cluster.status ?? {};
    const first = await pass(wanting.after(off));
    assert.deepEqual([first.ready, first.again], ['False AuthUnderWay', true]);
    assert.deepEqual(etcd.calls, [], 'nobody is asked before that');
    const second = await pass(wanting.after(first.status));
    assert.equal(second.ready, 'True AuthEnabled');
    assert.equal(store.enabled, true);
    assert.deepEqual(told, ['Normal AuthChanged', 'Normal AuthEnabled']);
    const third = await pass(wanting.after(second.status));
    assert.deepEqual([third.ready, told.length], ['True AuthEnabled', 2]);
  });

  it('turns it on only once every member serves clients by TLS alone', async (t) => {
    const { pass, store } = await anOperator(t);
    const announced = wanting.after((await pass(wanting)).status);
    for (const [why, cluster] of [
      ['on the way', announced.set({ tls: { client: 'both', peer: 'prepared' } })],
      ['an old Pod', announced.pod(2, { revision: 'r0' })],
      ['a member that does not serve', announced.starting(2)],
    ] as const) {
      assert.equal((await pass(cluster)).ready, 'False AuthUnderWay', why);
      assert.equal(store.enabled, false, why);
    }
    assert.equal((await pass(announced)).ready, 'True AuthEnabled');
  });

  it('turns it off where the spec asks for it no more, and then says so', async (t) => {
    const { pass, store, told } = await anOperator(t);
    let { status } = await pass(wanting);
    ({ status } = await pass(wanting.after(status)));
    assert.equal(store.enabled, true);
    told.length = 0;
    const off = await pass(secure.after(status));
    assert.deepEqual(
      [off.ready, store.enabled, told],
      ['False AuthDisabled', false, ['Warning AuthDisabled']],
    );
    assert.equal(store.users.has(ROOT), true);
  });

  it('asks members by address and name, healthy voters alone, the leader first, as root', async (t) => {
    const { pass, members, shown } = await anOperator(t);
    const led = wanting
      .word(0, { etcd: { leaderId: 'a2' } })
      .word(1, { etcd: { leaderId: 'a2' } })
      .word(2, { etcd: { leaderId: 'a2' } })
      .pod(0, { podIP: 'fd00::7' })
      .silent(1);
    await pass(led.after((await pass(led)).status));
    assert.deepEqual(members(), [
      {
        clientUrl: 'https://demo-2.demo-peer.default.svc.cluster.local:2379',
        dialUrl: 'https://10.0.0.2:2379',
      },
      {
        clientUrl: 'https://demo-0.demo-peer.default.svc.cluster.local:2379',
        dialUrl: 'https://[fd00::7]:2379',
      },
    ]);
    assert.equal(shown(), ROOT);
  });
});

function secureRow(ordinal: number): AgentStatusMember {
  const row = aRow(ordinal);
  return { ...row, peerUrl: row.peerUrl.replace('http:', 'https:') };
}
