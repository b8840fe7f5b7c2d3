import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { TlsSpec } from '../../../src/api/security-spec.ts';
import type { KubeObject } from '../../../src/kube/kube-object.ts';
import type { ObjectWriter } from '../../../src/kube/object-api.ts';
import { CLIENTS_MS } from '../../../src/operator/certificates/authority-plan.ts';
import type { Keeping, Kept } from '../../../src/operator/certificates/certificate-keeper.ts';
import type { KeyPair, LeafRequest } from '../../../src/pki/certificate.ts';
import { certificatesIn, isSignedBy } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { aCertifiedCluster, DAY_MS, HOSTS, START_MS } from './a-certified-cluster.ts';

const GIVEN: TlsSpec = { certificateSecret: 'own-tls', caSecret: 'own-ca' };
const REQUEST: LeafRequest = {
  commonName: 'members',
  dnsNames: HOSTS,
  ipAddresses: [],
  usages: ['server', 'client'],
  lifeMs: 30 * DAY_MS,
};

let authority: KeyPair;
let another: KeyPair;
let leaf: KeyPair;

before(async () => {
  authority = await issueAuthority('given', START_MS, 3650 * DAY_MS);
  another = await issueAuthority('another', START_MS, 3650 * DAY_MS);
  leaf = await issueLeaf(authority, REQUEST, START_MS);
});

type Cluster = ReturnType<typeof aCertifiedCluster>;

function giveLeaf(cluster: Cluster, pair: KeyPair, by: KeyPair): void {
  cluster.give('own-tls', { 'tls.crt': pair.certificate, 'tls.key': pair.key });
  cluster.give('own-ca', { 'ca.crt': by.certificate });
}

function reasonOf(keeping: Keeping): string | undefined {
  return keeping.kind === 'source'
    ? keeping.reason
    : keeping.kind === 'kept'
      ? keeping.obstacle?.reason
      : keeping.kind;
}

/** Three members that run with what is there. */
async function aRunningCluster(t: TestContext, tls: TlsSpec): Promise<Cluster> {
  const cluster = aCertifiedCluster(t, tls);
  giveLeaf(cluster, leaf, authority);
  const kept = await cluster.keep();
  assert.equal(kept.kind, 'kept', JSON.stringify(kept));
  for (const _ of HOSTS) {
    cluster.join();
  }
  return cluster;
}

/** Passes and members' restarts, one by one and in turn, until nothing is under way; nobody is ever cut off. */
async function settle(cluster: Cluster): Promise<void> {
  let quietPasses = 0;
  for (let pass = 0; quietPasses < QUIET_PASSES; pass++) {
    assert.ok(pass < PASSES_MAX, 'it is never over');
    const kept = await cluster.keep();
    assert.ok(kept.kind === 'kept', JSON.stringify(kept));
    cluster.later(CLIENTS_MS);
    const member = cluster.members[pass % 3];
    assert.ok(member !== undefined);
    if (pass % 2 === 0) {
      cluster.takeUp(member);
    } else {
      cluster.restart(member);
    }
    assert.ok(cluster.isAtPeace(), `pass ${pass}`);
    quietPasses = isAtRest(kept) ? quietPasses + 1 : 0;
  }
}

/** Every member takes up files and restarts within so many. */
const QUIET_PASSES = 6;
const PASSES_MAX = 60;

function isAtRest({ step, trustStep }: Kept): boolean {
  return [step, trustStep].every((each) => each.kind === 'rest' && each.waitingFor === undefined);
}

describe('certificates that are given in a Secret', () => {
  it('are what members show, while agents and users have the operator’s', async (t) => {
    const cluster = await aRunningCluster(t, GIVEN);
    for (const name of ['demo-server-tls', 'demo-peer-tls']) {
      assert.equal(cluster.textOf(name, 'tls.crt'), leaf.certificate);
    }
    assert.equal(cluster.textOf('demo-peer-tls', 'ca.crt'), authority.certificate, 'peers trust those alone');
    const own = cluster.textOf('demo-ca', 'tls.crt');
    for (const name of ['demo-agent-tls', 'demo-client-tls']) {
      assert.ok(isSignedBy(cluster.textOf(name, 'tls.crt'), own), name);
    }
    assert.ok(cluster.isAtPeace());
  });

  it('are waited for by a cluster that has none, by the name of the Secret', async (t) => {
    const cluster = aCertifiedCluster(t, GIVEN);
    const keeping = await cluster.keep();
    assert.ok(keeping.kind === 'source' && keeping.message.includes('own-tls'), JSON.stringify(keeping));
    assert.equal(reasonOf(keeping), 'SecretMissing');
    assert.equal(cluster.records.get('demo-ca'), undefined, 'nothing is made in their place');
    cluster.give('own-tls', { 'tls.crt': leaf.certificate, 'tls.key': leaf.key });
    const next = await cluster.keep();
    assert.ok(next.kind === 'source' && next.message.includes('own-ca'));
  });

  const spoilt: Readonly<Record<string, () => Promise<readonly [KeyPair, KeyPair]>>> = {
    'of another authority': async () => [leaf, another],
    'for other names': async () => [
      await issueLeaf(authority, { ...REQUEST, dnsNames: [HOSTS[0] ?? '', 'demo-1'] }, START_MS),
      authority,
    ],
    'that have expired': async () => [
      await issueLeaf(authority, { ...REQUEST, lifeMs: DAY_MS }, START_MS - 3 * DAY_MS),
      authority,
    ],
    'with the key of another': async () => [{ ...leaf, key: another.key }, authority],
    'for servers alone': async () => [
      await issueLeaf(authority, { ...REQUEST, usages: ['server'] }, START_MS),
      authority,
    ],
    'that are none': async () => [{ certificate: 'nonsense', key: leaf.key }, authority],
  };
  for (const [what, make] of Object.entries(spoilt)) {
    it(`${what} are named, and harm no member that runs`, async (t) => {
      const cluster = await aRunningCluster(t, GIVEN);
      giveLeaf(cluster, ...(await make()));
      cluster.later(60_000);
      assert.equal(reasonOf(await cluster.keep()), 'CertificateUnusable');
      assert.equal(cluster.textOf('demo-peer-tls', 'tls.crt'), leaf.certificate);
      assert.equal(cluster.textOf('demo-peer-tls', 'ca.crt'), authority.certificate);
      const renewed = await issueLeaf(authority, REQUEST, START_MS);
      giveLeaf(cluster, renewed, authority);
      assert.equal(reasonOf(await cluster.keep()), undefined, 'the next look may be at once');
      assert.equal(cluster.textOf('demo-peer-tls', 'tls.crt'), renewed.certificate);
    });
  }

  it('are still taken over when their names have a star for the first label', async (t) => {
    const cluster = aCertifiedCluster(t, GIVEN);
    const dnsNames = ['*.demo-peer.shop.svc.cluster.local'];
    giveLeaf(cluster, await issueLeaf(authority, { ...REQUEST, dnsNames }, START_MS), authority);
    assert.equal((await cluster.keep()).kind, 'kept');
  });

  it('that are renewed by the same authority are shown at once, though a member is not heard (F79)', async (t) => {
    const cluster = await aRunningCluster(t, GIVEN);
    const renewed = await issueLeaf(authority, REQUEST, START_MS + DAY_MS);
    giveLeaf(cluster, renewed, authority);
    cluster.later(DAY_MS);
    await cluster.keep([undefined]);
    assert.equal(cluster.textOf('demo-peer-tls', 'tls.crt'), renewed.certificate);
  });

  it('of a new authority take three phases, and nobody is cut off (F80)', async (t) => {
    const cluster = await aRunningCluster(t, GIVEN);
    giveLeaf(cluster, await issueLeaf(another, REQUEST, START_MS), another);
    cluster.later(60_000);
    await settle(cluster);
    assert.equal(cluster.textOf('demo-peer-tls', 'ca.crt'), another.certificate);
    assert.ok(isSignedBy(cluster.textOf('demo-server-tls', 'tls.crt'), another.certificate));
  });

  it('of a new authority are not shown while a member has not shown that it trusts it', async (t) => {
    const cluster = await aRunningCluster(t, GIVEN);
    giveLeaf(cluster, await issueLeaf(another, REQUEST, START_MS), another);
    cluster.later(60_000);
    await cluster.keep();
    cluster.later(DAY_MS);
    await cluster.keep();
    assert.equal(cluster.textOf('demo-peer-tls', 'tls.crt'), leaf.certificate);
    assert.equal(certificatesIn(cluster.textOf('demo-peer-tls', 'ca.crt')).length, 2);
  });
});

describe('a cluster that runs', () => {
  it('goes over to certificates that are given and back, and nobody is cut off', async (t) => {
    const cluster = await aRunningCluster(t, {});
    const own = cluster.textOf('demo-ca', 'tls.crt');
    assert.ok(isSignedBy(cluster.textOf('demo-peer-tls', 'tls.crt'), own));
    cluster.want(GIVEN);
    await settle(cluster);
    assert.equal(cluster.textOf('demo-peer-tls', 'tls.crt'), leaf.certificate);
    assert.equal(cluster.textOf('demo-peer-tls', 'ca.crt'), authority.certificate);
    cluster.want({});
    await settle(cluster);
    assert.ok(isSignedBy(cluster.textOf('demo-peer-tls', 'tls.crt'), own));
    assert.equal(cluster.textOf('demo-peer-tls', 'ca.crt'), own);
    assert.equal(cluster.textOf('demo-ca', 'given.crt'), '');
  });

  it('replaces its own authority while its members’ certificates are given', async (t) => {
    const cluster = await aRunningCluster(t, GIVEN);
    const before = cluster.textOf('demo-ca', 'tls.crt');
    cluster.ask('may');
    await settle(cluster);
    assert.notEqual(cluster.textOf('demo-ca', 'tls.crt'), before);
    assert.equal(cluster.textOf('demo-peer-tls', 'tls.crt'), leaf.certificate);
  });

  it('keeps what members trust though the Secret of its authority was removed while certificates are given', async (t) => {
    const cluster = await aRunningCluster(t, GIVEN);
    cluster.records.put('demo-ca', undefined);
    cluster.later(60_000);
    await settle(cluster);
    assert.equal(cluster.textOf('demo-peer-tls', 'ca.crt'), authority.certificate);
  });
});

describe('an authority that is given', () => {
  const tls: TlsSpec = { caSecret: 'own-ca' };
  const give = (cluster: Cluster, pair: KeyPair): void => {
    cluster.give('own-ca', { 'ca.crt': pair.certificate, 'tls.key': pair.key });
  };

  it('signs everything, and its key is kept in no other Secret', async (t) => {
    const cluster = aCertifiedCluster(t, tls);
    give(cluster, authority);
    assert.equal((await cluster.keep()).kind, 'kept');
    for (const name of ['server', 'peer', 'agent', 'client']) {
      assert.ok(isSignedBy(cluster.textOf(`demo-${name}-tls`, 'tls.crt'), authority.certificate), name);
    }
    assert.equal(cluster.textOf('demo-ca', 'tls.key'), '');
    assert.equal(reasonOf(await cluster.keep()), undefined);
  });

  it('is exchanged for another, and for the operator’s own, in three phases each', async (t) => {
    const cluster = aCertifiedCluster(t, tls);
    give(cluster, authority);
    await cluster.keep();
    for (const _ of HOSTS) {
      cluster.join();
    }
    give(cluster, another);
    cluster.later(60_000);
    await settle(cluster);
    assert.equal(cluster.textOf('demo-peer-tls', 'ca.crt'), another.certificate);
    cluster.want({});
    await settle(cluster);
    const own = cluster.textOf('demo-peer-tls', 'ca.crt');
    assert.ok(!own.includes(another.certificate) && certificatesIn(own).length === 1);
    assert.notEqual(cluster.textOf('demo-ca', 'tls.key'), '');
  });

  const spoilt: Readonly<Record<string, () => Promise<Readonly<Record<string, string>>>>> = {
    'without its key': async () => ({ 'ca.crt': authority.certificate }),
    'with the key of another': async () => ({ 'ca.crt': authority.certificate, 'tls.key': another.key }),
    'that may sign nothing': async () => ({ 'ca.crt': leaf.certificate, 'tls.key': leaf.key }),
    'that has expired': async () => {
      const old = await issueAuthority('old', START_MS - 9 * DAY_MS, DAY_MS);
      return { 'ca.crt': old.certificate, 'tls.key': old.key };
    },
  };
  for (const [what, make] of Object.entries(spoilt)) {
    it(`${what} is named, and nothing is made in its place`, async (t) => {
      const cluster = aCertifiedCluster(t, tls);
      cluster.give('own-ca', await make());
      assert.equal(reasonOf(await cluster.keep()), 'CertificateUnusable');
      assert.equal(cluster.records.get('demo-server-tls'), undefined);
    });
  }
});

describe('cert-manager', () => {
  const tls: TlsSpec = { issuerRef: { name: 'house', kind: 'ClusterIssuer' } };

  /** As an API server with its CRDs; who issues is the test. */
  function aCertManager() {
    const asked = new Map<string, KubeObject>();
    const writer: Pick<ObjectWriter, 'apply'> = {
      apply: async (_, object) => {
        asked.set(object.metadata.name, object);
        const metadata = { ...object.metadata, uid: 'u', resourceVersion: '1' };
        const conditions = [{ type: 'Ready', status: 'False', message: 'Issuer house is not there' }];
        return { kind: 'done', value: { ...object, metadata, status: { conditions } } };
      },
    };
    return { asked, writer };
  }

  it('that is not there is named', async (t) => {
    assert.equal(reasonOf(await aCertifiedCluster(t, tls).keep()), 'IssuerUnavailable');
  });

  it('is asked for the names that the operator would issue for, and quoted while it has not issued', async (t) => {
    const { asked, writer } = aCertManager();
    const cluster = aCertifiedCluster(t, tls, writer);
    const keeping = await cluster.keep();
    assert.equal(reasonOf(keeping), 'IssuerPending');
    assert.ok(keeping.kind === 'source' && keeping.message.includes('Issuer house is not there'));
    const spec = asked.get('demo-server-issued')?.['spec'];
    assert.deepEqual((spec as { issuerRef: unknown }).issuerRef, {
      name: 'house',
      kind: 'ClusterIssuer',
      group: 'cert-manager.io',
    });
    assert.ok((spec as { dnsNames: string[] }).dnsNames.includes(HOSTS[2] ?? ''));
  });

  it('has what it issued taken over once members can use it', async (t) => {
    const { asked, writer } = aCertManager();
    const cluster = aCertifiedCluster(t, tls, writer);
    await cluster.keep();
    const issue = (name: string, pair: KeyPair) =>
      cluster.give(name, {
        'tls.crt': pair.certificate,
        'tls.key': pair.key,
        'ca.crt': authority.certificate,
      });
    issue('demo-server-issued', leaf);
    assert.equal(reasonOf(await cluster.keep()), 'IssuerPending');
    issue('demo-peer-issued', leaf);
    assert.equal(reasonOf(await cluster.keep()), undefined);
    assert.equal(cluster.textOf('demo-peer-tls', 'tls.crt'), leaf.certificate);
    assert.deepEqual([...asked.keys()], ['demo-server-issued', 'demo-peer-issued']);
  });

  it('whose certificates lack their authority is told to take it from caSecret', async (t) => {
    const { writer } = aCertManager();
    const cluster = aCertifiedCluster(t, { ...tls, caSecret: 'own-ca' }, writer);
    for (const name of ['demo-server-issued', 'demo-peer-issued']) {
      cluster.give(name, { 'tls.crt': leaf.certificate, 'tls.key': leaf.key });
    }
    assert.equal(reasonOf(await cluster.keep()), 'SecretMissing');
    cluster.give('own-ca', { 'ca.crt': authority.certificate });
    assert.equal(reasonOf(await cluster.keep()), undefined);
  });
});
