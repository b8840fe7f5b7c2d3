/** Issues certificates. Loaded only where some are issued: the library costs 10 MB. */
import 'reflect-metadata';
import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair, LeafRequest, Usage } from './certificate.ts';

/** What etcd, Node and OpenSSL all take, and fast. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Clocks of nodes differ a little; a certificate is good at once everywhere. */
const BACKDATED_MS = 5 * 60_000;
/** RFC 5280 allows 20 octets, and calls for 64 random bits at least (CA/Browser Forum). */
const SERIAL_BYTES = 16;

const USAGES: Readonly<Record<Usage, ExtendedKeyUsage>> = {
  server: ExtendedKeyUsage.serverAuth,
  client: ExtendedKeyUsage.clientAuth,
};

/** An authority that signs its own certificate, and leaves but no other authorities. */
export async function issueAuthority(commonName: string, nowMs: number, lifeMs: number): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity(nowMs, lifeMs),
      serialNumber: newSerial(),
      name: [{ CN: [commonName] }],
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: pemOf(certificate), key: await pemOfKey(keys.privateKey) };
}

/** A leaf, signed by `authority`; it does not outlive it. @throws Error when the authority cannot be read */
export async function issueLeaf(authority: KeyPair, request: LeafRequest, nowMs: number): Promise<KeyPair> {
  const signer = new X509Certificate(authority.certificate);
  const { signingKey, signingAlgorithm } = await signerOf(authority.key);
  const keys = await newKeys();
  const { notBefore, notAfter } = validity(nowMs, request.lifeMs);
  const certificate = await X509CertificateGenerator.create(
    {
      notBefore,
      notAfter: notAfter < signer.notAfter ? notAfter : signer.notAfter,
      serialNumber: newSerial(),
      subject: [{ CN: [request.commonName] }],
      issuer: signer.subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm,
      extensions: await leafExtensions(signer, keys, request),
    },
    webcrypto,
  );
  return { certificate: pemOf(certificate), key: await pemOfKey(keys.privateKey) };
}

async function leafExtensions(
  signer: X509Certificate,
  keys: webcrypto.CryptoKeyPair,
  { dnsNames, ipAddresses, usages }: LeafRequest,
): Promise<Extension[]> {
  const names: JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(usages.map((usage) => USAGES[usage])),
    await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
    await AuthorityKeyIdentifierExtension.create(signer, false, webcrypto),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
  ];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

type Algorithm = { readonly name: string; readonly hash?: string; readonly namedCurve?: string };

/** NIST's names of the curves in the words of WebCrypto, each with the hash of its strength (RFC 5758, §3.2). */
const CURVES: Readonly<Record<string, Algorithm>> = {
  prime256v1: ALGORITHM,
  secp384r1: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
};

/** An authority that is given may have a key of another kind than ours. @throws Error for one that cannot sign */
async function signerOf(pem: string): Promise<{
  readonly signingKey: webcrypto.CryptoKey;
  readonly signingAlgorithm: Algorithm;
}> {
  const key = createPrivateKey(pem);
  const signingAlgorithm = algorithmOf(key);
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, signingAlgorithm, false, ['sign']);
  return { signingKey, signingAlgorithm };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm {
  const curve = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  switch (asymmetricKeyType) {
    case 'rsa':
      return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    case 'ed25519':
      return { name: 'Ed25519' };
    default:
      if (curve === undefined) {
        throw new Error(
          `an authority with a key of type ${asymmetricKeyType ?? 'unknown'} cannot sign here; take RSA, Ed25519, or ECDSA on P-256, P-384 or P-521`,
        );
      }
      return curve;
  }
}

/** Seconds are all a certificate can tell. */
function validity(nowMs: number, lifeMs: number): { notBefore: Date; notAfter: Date } {
  const wholeMs = Math.floor(nowMs / 1_000) * 1_000;
  return { notBefore: new Date(wholeMs - BACKDATED_MS), notAfter: new Date(wholeMs + lifeMs) };
}

function newSerial(): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(SERIAL_BYTES))).toString('hex');
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
