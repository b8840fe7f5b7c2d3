/** Authorities as other people make them: with keys of other kinds, or signed by one above them. */
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair } from '../../src/pki/certificate.ts';

export type KeyKind = 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519';

export type ForeignAuthority = KeyPair & { readonly keys: webcrypto.CryptoKeyPair; readonly kind: KeyKind };

const ALGORITHMS = {
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  Ed25519: { name: 'Ed25519' },
} as const;

/** One that signs itself, or, where `above` is given, is signed by that. */
export async function aForeignAuthority(
  name: string,
  kind: KeyKind,
  nowMs: number,
  above?: ForeignAuthority,
): Promise<ForeignAuthority> {
  const keys = await newKeys(kind);
  const signer = above ?? { keys, kind, certificate: undefined };
  const certificate = await X509CertificateGenerator.create(
    {
      subject: [{ CN: [name] }],
      issuer:
        signer.certificate === undefined
          ? [{ CN: [name] }]
          : new X509Certificate(signer.certificate).subjectName,
      notBefore: new Date(nowMs - 60_000),
      notAfter: new Date(nowMs + 86_400_000_000),
      publicKey: keys.publicKey,
      signingKey: signer.keys.privateKey,
      signingAlgorithm: ALGORITHMS[signer.kind],
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: `${certificate.toString('pem')}\n`, key: `${key}\n`, keys, kind };
}

async function newKeys(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHMS[kind], true, ['sign', 'verify']);
  if (!('privateKey' in keys)) {
    throw new Error(`no pair of keys of kind ${kind}`);
  }
  return keys;
}
