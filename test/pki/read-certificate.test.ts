import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leadsTo } from '../../src/pki/read-certificate.ts';
import { isValidAt, validityText } from '../../src/pki/validity.ts';
import { issueLeaf } from '../../src/pki/x509-issuer.ts';
import { aForeignAuthority } from './a-foreign-authority.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;
const REQUEST = {
  commonName: 'members',
  dnsNames: [],
  ipAddresses: [],
  usages: ['server'],
  lifeMs: DAY_MS,
} as const;

describe('a certificate', () => {
  it('leads to the authority that signed itself, over those between that either side brings along', async () => {
    const root = await aForeignAuthority('root', 'P-256', NOW_MS);
    const between = await aForeignAuthority('between', 'P-256', NOW_MS, root);
    const { certificate } = await issueLeaf(between, REQUEST, NOW_MS);
    assert.ok(leadsTo(certificate + between.certificate, root.certificate), 'with the certificate');
    assert.ok(leadsTo(certificate, between.certificate + root.certificate), 'with the authorities');
    assert.ok(!leadsTo(certificate, root.certificate), 'nobody brings it');
    // Go would take it (crypto/x509), OpenSSL and with it Node would not.
    assert.ok(!leadsTo(certificate, between.certificate), 'what is trusted has not signed itself');
    const stranger = await aForeignAuthority('root', 'P-256', NOW_MS);
    assert.ok(!leadsTo(certificate + between.certificate, stranger.certificate), 'of the same name');
    assert.ok(!leadsTo('', root.certificate) && !leadsTo(certificate, ''));
  });

  it('is good on both ends of its time', () => {
    const validity = { notBeforeMs: NOW_MS, notAfterMs: NOW_MS + DAY_MS };
    assert.deepEqual(
      [NOW_MS - 1, NOW_MS, NOW_MS + DAY_MS, NOW_MS + DAY_MS + 1].map((ms) => isValidAt(validity, ms)),
      [false, true, true, false],
    );
    assert.equal(validityText(validity), 'from 2026-05-01T12:00:00Z to 2026-05-02T12:00:00Z');
  });
});
