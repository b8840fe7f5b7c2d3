import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { KeyPair, LeafRequest } from '../../src/pki/certificate.ts';
import { certificatesIn, isKeyOf, isSignedBy, readCertificate } from '../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../src/pki/x509-issuer.ts';
import { aForeignAuthority } from './a-foreign-authority.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;
const REQUEST: LeafRequest = {
  commonName: 'demo',
  dnsNames: ['demo-0.demo-peer.shop.svc.cluster.local', 'demo-client.shop.svc'],
  ipAddresses: ['127.0.0.1', '::1'],
  usages: ['server', 'client'],
  lifeMs: 90 * DAY_MS,
};

describe('an authority', () => {
  let authority: KeyPair;
  let other: KeyPair;
  before(async () => {
    authority = await issueAuthority('etcd-ca-1', NOW_MS, 3650 * DAY_MS);
    other = await issueAuthority('etcd-ca-1', NOW_MS, 3650 * DAY_MS);
  });

  it('signs leaves and no other authority', () => {
    const certificate = new X509Certificate(authority.certificate);
    assert.equal(certificate.ca, true);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.match(certificate.toString(), /BEGIN CERTIFICATE/);
    assert.ok(isKeyOf(authority.certificate, authority.key));
  });

  it('gives a leaf every name, address and usage that is asked for', async () => {
    const leaf = await issueLeaf(authority, REQUEST, NOW_MS);
    const facts = readCertificate(leaf.certificate);
    assert.ok(facts !== undefined);
    assert.deepEqual(
      [facts.commonName, facts.dnsNames, facts.ipAddresses, facts.usages],
      ['demo', REQUEST.dnsNames, ['127.0.0.1', '0:0:0:0:0:0:0:1'], ['server', 'client']],
    );
    assert.equal(facts.notAfterMs, NOW_MS + REQUEST.lifeMs);
    assert.ok(isKeyOf(leaf.certificate, leaf.key));
  });

  it('gives a leaf that is good at once where a clock is five minutes behind', async () => {
    const leaf = await issueLeaf(authority, REQUEST, NOW_MS);
    assert.equal(readCertificate(leaf.certificate)?.notBeforeMs, NOW_MS - 5 * 60_000);
  });

  for (const kind of ['RSA', 'P-256', 'P-384', 'P-521', 'Ed25519'] as const) {
    it(`that others made with a key of kind ${kind} signs, too`, async () => {
      const foreign = await aForeignAuthority('foreign', kind, NOW_MS);
      const leaf = await issueLeaf(foreign, REQUEST, NOW_MS);
      assert.ok(isSignedBy(leaf.certificate, foreign.certificate));
      assert.ok(isKeyOf(leaf.certificate, leaf.key));
    });
  }

  it('is outlived by nothing that it signs', async () => {
    const leaf = await issueLeaf(authority, { ...REQUEST, lifeMs: 9_999 * DAY_MS }, NOW_MS);
    assert.equal(readCertificate(leaf.certificate)?.notAfterMs, NOW_MS + 3650 * DAY_MS);
  });

  it('never gives two certificates one serial number', async () => {
    const leaves = await Promise.all([1, 2, 3].map(() => issueLeaf(authority, REQUEST, NOW_MS)));
    const serials = leaves.map(({ certificate }) => new X509Certificate(certificate).serialNumber);
    assert.equal(new Set(serials).size, 3);
  });

  it('is told apart from another one of its name, also in a bundle of both', async () => {
    const leaf = await issueLeaf(authority, REQUEST, NOW_MS);
    assert.ok(isSignedBy(leaf.certificate, authority.certificate));
    assert.ok(!isSignedBy(leaf.certificate, other.certificate));
    assert.ok(isSignedBy(leaf.certificate, other.certificate + authority.certificate));
  });
});

describe('what is read of certificates', () => {
  it('is nothing where there is none', () => {
    assert.equal(readCertificate(''), undefined);
    assert.equal(
      readCertificate('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
      undefined,
    );
    assert.deepEqual(certificatesIn('ca.crt: none'), []);
  });

  it('is every certificate of a bundle, whatever stands between them', async () => {
    const [one, two] = [await issueAuthority('a', NOW_MS, DAY_MS), await issueAuthority('b', NOW_MS, DAY_MS)];
    const bundle = `# first\n${one.certificate}\n# second\n${two.certificate}`;
    assert.deepEqual(
      certificatesIn(bundle).map((pem) => readCertificate(pem)?.commonName),
      ['a', 'b'],
    );
  });

  it('knows a key that is not the certificate’s', async () => {
    const [one, two] = [await issueAuthority('a', NOW_MS, DAY_MS), await issueAuthority('b', NOW_MS, DAY_MS)];
    assert.ok(!isKeyOf(one.certificate, two.key));
    assert.ok(!isKeyOf(one.certificate, 'no key'));
  });
});
