import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { CertificateFacts, Usage } from './certificate.ts';

/** RFC 5280, §4.2.1.12. */
const USAGES: ReadonlyMap<string, Usage> = new Map([
  ['1.3.6.1.5.5.7.3.1', 'server'],
  ['1.3.6.1.5.5.7.3.2', 'client'],
]);

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** A bundle holds an old and a new authority, a chain three or four certificates. */
const CERTIFICATES_MAX = 16;

/** The first certificate in `pem`; undefined when there is none that can be read. */
export function readCertificate(pem: string): CertificateFacts | undefined {
  const certificate = parse(pem);
  return certificate === undefined ? undefined : factsOf(certificate);
}

/** The certificates in `pem`, each a PEM of its own; those that cannot be read are left out. */
export function certificatesIn(pem: string): readonly string[] {
  const found = (pem.match(PEM_CERTIFICATE) ?? []).slice(0, CERTIFICATES_MAX);
  return found.filter((each) => parse(each) !== undefined).map((each) => `${each}\n`);
}

/** Whether `key` is the private key of the first certificate in `pem`. */
export function isKeyOf(pem: string, key: string): boolean {
  try {
    return parse(pem)?.checkPrivateKey(createPrivateKey(key)) ?? false;
  } catch {
    return false;
  }
}

/** Whether one of the authorities in `bundle` has signed the first certificate in `pem`. */
export function isSignedBy(pem: string, bundle: string): boolean {
  const certificate = parse(pem);
  return (
    certificate !== undefined &&
    certificatesIn(bundle).some((each) => {
      const authority = parse(each);
      return (
        authority?.ca === true &&
        certificate.checkIssued(authority) &&
        certificate.verify(authority.publicKey)
      );
    })
  );
}

/**
 * Whether the first certificate in `chain` leads, over the others and over `bundle`, to an authority in `bundle` that
 * has signed itself: what OpenSSL asks of a trusted one, while Go would take any (crypto/x509).
 */
export function leadsTo(chain: string, bundle: string): boolean {
  const [first = '', ...others] = certificatesIn(chain);
  const trusted = certificatesIn(bundle);
  const candidates = [...trusted, ...others];
  let certificate = first;
  for (let steps = 0; steps < candidates.length; steps++) {
    const issuer = candidates.find((each) => isSignedBy(certificate, each));
    if (issuer === undefined) {
      return false;
    }
    if (trusted.includes(issuer) && isSignedBy(issuer, issuer)) {
      return true;
    }
    certificate = issuer;
  }
  return false;
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = (certificate.subjectAltName ?? '').split(', ');
  const under = (prefix: string): readonly string[] =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return {
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '',
    dnsNames: under('DNS:'),
    ipAddresses: under('IP Address:'),
    usages: (certificate.keyUsage ?? []).flatMap((oid) => USAGES.get(oid) ?? []),
    isAuthority: certificate.ca,
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
