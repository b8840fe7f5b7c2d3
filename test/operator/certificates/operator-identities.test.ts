import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Authorities } from '../../../src/operator/certificates/authorities.ts';
import { OperatorIdentities } from '../../../src/operator/certificates/operator-identities.ts';
import { ObstacleError } from '../../../src/operator/certificates/secret-shelf.ts';
import { certificatesIn, isSignedBy, readCertificate } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { fakeRecords } from '../election/fake-records.ts';

const START_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;
const KEY = 'shop/demo';

async function someAuthorities(): Promise<Authorities> {
  const current = await issueAuthority('etcd-ca-test', START_MS, 365 * DAY_MS);
  return { current, next: undefined, previous: undefined, sinceMs: START_MS, answered: '', given: undefined };
}

function anOperator(t: TestContext) {
  const issued: string[] = [];
  let nowMs = START_MS;
  const identities = new OperatorIdentities({
    secrets: fakeRecords(),
    issuer: {
      authority: issueAuthority,
      leaf: (authority, request, now) => {
        issued.push(request.commonName);
        return issueLeaf(authority, request, now);
      },
    },
    nowMs: () => nowMs,
  });
  t.after(() => identities.forget(KEY));
  return {
    identities,
    issued,
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('who the operator is to etcd', () => {
  it('is root, by the cluster’s own authority; for clusters that nobody asks, no such certificate is made', async (t) => {
    const { identities, issued } = anOperator(t);
    const authorities = await someAuthorities();
    await identities.take(KEY, authorities);
    assert.deepEqual(issued, ['quorate-operator']);
    const { certificate, authorities: trusted } = await identities.asRoot(KEY);
    assert.equal(readCertificate(certificate)?.commonName, 'root');
    assert.deepEqual(readCertificate(certificate)?.usages, ['client']);
    assert.ok(isSignedBy(certificate, authorities.current.certificate));
    assert.equal(trusted, authorities.current.certificate);
  });

  it('keeps its certificate until it is old or the authority is another one', async (t) => {
    const { identities, issued, later } = anOperator(t);
    await identities.take(KEY, await someAuthorities());
    await identities.asRoot(KEY);
    issued.length = 0;
    later(4 * DAY_MS);
    await identities.asRoot(KEY);
    assert.deepEqual(issued, []);
    later(DAY_MS);
    await identities.asRoot(KEY);
    assert.deepEqual(issued, ['root']);
    await identities.take(KEY, await someAuthorities());
    await identities.asRoot(KEY);
    assert.deepEqual(issued, ['root', 'quorate-operator', 'root']);
  });

  it('trusts the authorities of etcd’s own certificates, too, where they are given', async (t) => {
    const { identities } = anOperator(t);
    const { certificate } = await issueAuthority('given', START_MS, DAY_MS);
    const given = { authorities: certificate, isWithOwn: false, sinceMs: START_MS };
    await identities.take(KEY, { ...(await someAuthorities()), given });
    const { authorities } = await identities.asRoot(KEY);
    assert.equal(certificatesIn(authorities).length, 2);
    assert.ok(authorities.includes(certificate));
  });

  it('is nobody while the authorities are not known', async (t) => {
    const { identities } = anOperator(t);
    await assert.rejects(identities.asRoot(KEY), ObstacleError);
  });
});
