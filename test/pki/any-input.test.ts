/** Whatever lies in the folder of a Secret is read, or refused by name; it is never taken for another key. */
import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { KeyPair } from '../../src/pki/certificate.ts';
import { certificatesIn, isKeyOf, isSignedBy, readCertificate } from '../../src/pki/read-certificate.ts';
import { readTlsFolder } from '../../src/pki/tls-folder.ts';
import { issueAuthority, issueLeaf } from '../../src/pki/x509-issuer.ts';
import { aMountedSecret, tlsFilesOf } from '../support/mounted-secret.ts';

const DAY_MS = 86_400_000;
/** Each run of them writes three files. */
const FOLDER_RUNS = 150;

let authority: KeyPair;
let leaf: KeyPair;
before(async () => {
  authority = await issueAuthority('ca', Date.now(), DAY_MS);
  const wanted = {
    commonName: 'root',
    dnsNames: ['demo-0'],
    ipAddresses: [],
    usages: ['server', 'client'],
    lifeMs: DAY_MS,
  } as const;
  leaf = await issueLeaf(authority, wanted, Date.now());
});

/** What a PEM may be mistaken for: its own frame around anything, much of it, or nothing of it. */
const anyPem = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.base64String().map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`),
  fc.base64String().map((body) => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`),
  fc.nat({ max: 5_000 }).map((count) => '-----BEGIN CERTIFICATE-----'.repeat(count)),
  fc.nat({ max: 5_000 }).map((count) => `-----BEGIN CERTIFICATE-----${'A'.repeat(count)}`),
);

type Damage = { readonly at: number; readonly drop: number; readonly put: string };

const aDamage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat({ max: 800 }),
  drop: fc.nat({ max: 60 }),
  put: fc.oneof(fc.constant(''), fc.string({ maxLength: 60 }), fc.base64String({ maxLength: 60 })),
});

function damaged(text: string, { at, drop, put }: Damage): string {
  const from = at % text.length;
  return text.slice(0, from) + put + text.slice(from + drop);
}

describe('a PEM', () => {
  it('of whatever bytes is no certificate, has no key and is signed by nobody', () => {
    fc.assert(
      fc.property(anyPem, anyPem, (text, other) => {
        assert.equal(readCertificate(text), undefined);
        assert.deepEqual(certificatesIn(text), []);
        assert.equal(isKeyOf(text, other), false);
        assert.equal(isKeyOf(leaf.certificate, other), false);
        assert.equal(isSignedBy(text, authority.certificate), false);
        assert.equal(isSignedBy(leaf.certificate, text), false);
      }),
      { numRuns: 300 },
    );
  });

  it('of a certificate that was tampered with is not signed by its authority any more', () => {
    fc.assert(
      fc.property(aDamage, (damage) => {
        const text = damaged(leaf.certificate, damage);
        if (isSignedBy(text, authority.certificate)) {
          assert.deepEqual(readCertificate(text), readCertificate(leaf.certificate));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the folder of a Secret', () => {
  it('with a file that is damaged is refused in words that hold nothing of the key, or is as it was', async (t) => {
    const secret = await aMountedSecret(t);
    const whole = tlsFilesOf(leaf, authority.certificate);
    const ownKey = publicKeyOf(leaf.certificate);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(whole)),
        fc.oneof(aDamage, anyPem),
        async (file, harm) => {
          const text = typeof harm === 'string' ? harm : damaged(whole[file] ?? '', harm);
          await secret.put({ ...whole, [file]: text });
          const reading = await readTlsFolder(secret.folder, t.signal);
          if (reading.kind === 'unreadable') {
            assert.ok(!secretsOf(leaf.key).some((line) => reading.why.includes(line)));
            return;
          }
          const { certificate, key, authorities } = reading.material;
          assert.equal(publicKeyOf(certificate), ownKey);
          assert.equal(createPublicKey(key).export({ type: 'spki', format: 'pem' }), ownKey);
          assert.ok(certificatesIn(authorities).length > 0);
        },
      ),
      { numRuns: FOLDER_RUNS },
    );
  });

  it('without one of its files is refused with the name of the file', async (t) => {
    const whole = tlsFilesOf(leaf, authority.certificate);
    for (const file of Object.keys(whole)) {
      const secret = await aMountedSecret(t);
      const { [file]: _missing, ...rest } = whole;
      await secret.put(rest);
      const reading = await readTlsFolder(secret.folder, t.signal);
      assert.ok(reading.kind === 'unreadable' && reading.why.includes(file));
    }
  });
});

function publicKeyOf(certificate: string): string {
  return String(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }));
}

/** The lines of a key that are worth hiding. */
function secretsOf(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line.length > 8 && !line.startsWith('-----'));
}
