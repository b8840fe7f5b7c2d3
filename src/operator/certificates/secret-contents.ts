/** What lies in the Secrets of a cluster, read and written. */
import type { KubeObject, LiveObject } from '../../kube/kube-object.ts';
import type { CertificateFacts, KeyPair } from '../../pki/certificate.ts';
import { certificatesIn, isKeyOf, isSignedBy, readCertificate } from '../../pki/read-certificate.ts';
import type { AppliedMetadata } from '../../resources/applied-object.ts';
import type { AuthorityFacts, StoredAuthorities } from './authority-plan.ts';
import type { StoredLeaf } from './leaf-plan.ts';

/** The authorities of a cluster with everything that is stored of them. */
export type Authorities = {
  readonly current: KeyPair;
  readonly next: KeyPair | undefined;
  /** Its certificate; the key is forgotten. */
  readonly previous: string | undefined;
  readonly sinceMs: number;
  readonly answered: string;
};

const SINCE_ANNOTATION = 'etcd.etcd.io/authority-since';
const ANSWERED_ANNOTATION = 'etcd.etcd.io/authority-answered';

/** The authorities in the Secret; undefined when it holds no certificate of an authority. */
export function readAuthorities(secret: LiveObject): Authorities | undefined {
  const data = dataIn(secret);
  const current = pairIn(data, 'tls');
  if (current === undefined) {
    return undefined;
  }
  const { annotations = {} } = secret.metadata;
  const sinceMs = Date.parse(annotations[SINCE_ANNOTATION] ?? '');
  return {
    current,
    next: pairIn(data, 'next'),
    previous: certificatesIn(data.get('previous.crt') ?? '')[0],
    sinceMs: Number.isNaN(sinceMs) ? 0 : sinceMs,
    answered: annotations[ANSWERED_ANNOTATION] ?? '',
  };
}

/**
 * The authorities as far as the certificates tell that are still there: somebody has removed the Secret with the keys,
 * and members go on trusting what they trust. Undefined where there is nothing of them.
 */
export function withoutKey(leaves: readonly LiveObject[]): Authorities | undefined {
  const trusted = [...new Set(leaves.flatMap((leaf) => certificatesIn(dataIn(leaf).get('ca.crt') ?? '')))];
  const shown = leaves.flatMap((leaf) => pairIn(dataIn(leaf), 'tls')?.certificate ?? []);
  const signer = trusted.find((each) => shown.some((leaf) => isSignedBy(leaf, each))) ?? trusted[0];
  if (signer === undefined) {
    return undefined;
  }
  return {
    current: { certificate: signer, key: '' },
    next: undefined,
    previous: trusted.find((each) => each !== signer),
    sinceMs: 0,
    answered: '',
  };
}

/** What a plan looks at. */
export function factsOf({ current, next, previous, sinceMs, answered }: Authorities): StoredAuthorities {
  return {
    current: authorityFacts(current),
    next: next === undefined ? undefined : authorityFacts(next),
    previous: previous === undefined ? undefined : authorityFacts({ certificate: previous, key: '' }),
    sinceMs,
    answered,
  };
}

/** Who signs what is missing: the next one where the key of the current one is lost. */
export function signerOf({ current, next }: Authorities): KeyPair {
  return next !== undefined && !authorityFacts(current).canSign ? next : current;
}

/** All authorities that are trusted, in an order that does not depend on which of them signs. */
export function trustBundleOf({ current, next, previous }: Authorities): string {
  return [current.certificate, next?.certificate, previous]
    .filter((each) => each !== undefined)
    .map((each) => certificatesIn(each)[0] ?? '')
    .toSorted()
    .join('');
}

/** The Secret of the authorities, whole. */
export function authoritiesSecret(metadata: AppliedMetadata, authorities: Authorities): KubeObject {
  const { current, next, previous, sinceMs, answered } = authorities;
  return secretOf(
    {
      ...metadata,
      annotations: {
        ...metadata.annotations,
        [SINCE_ANNOTATION]: new Date(sinceMs).toISOString(),
        [ANSWERED_ANNOTATION]: answered,
      },
    },
    'Opaque',
    {
      'tls.crt': current.certificate,
      'tls.key': current.key,
      ...(next === undefined ? {} : { 'next.crt': next.certificate, 'next.key': next.key }),
      ...(previous === undefined ? {} : { 'previous.crt': previous }),
      'ca.crt': trustBundleOf(authorities),
    },
  );
}

/** A certificate with its key and those whom its holder is to trust, in the shape of kubernetes.io/tls. */
export function leafSecret(metadata: AppliedMetadata, leaf: KeyPair, trust: string): KubeObject {
  return secretOf(metadata, 'kubernetes.io/tls', {
    'tls.crt': leaf.certificate,
    'tls.key': leaf.key,
    'ca.crt': trust,
  });
}

/** A certificate as it is stored, with what a plan looks at. */
export function readLeaf(
  secret: LiveObject,
  authorities: Authorities,
): { readonly pair: KeyPair; readonly stored: StoredLeaf } | undefined {
  const data = dataIn(secret);
  const pair = pairIn(data, 'tls');
  const facts = pair === undefined ? undefined : readCertificate(pair.certificate);
  if (pair === undefined || facts === undefined) {
    return undefined;
  }
  const stored: StoredLeaf = {
    facts,
    hasItsKey: isKeyOf(pair.certificate, pair.key),
    isCurrent: [authorities.current, signerOf(authorities)].some(({ certificate }) =>
      isSignedBy(pair.certificate, certificate),
    ),
    hasTrust: data.get('ca.crt') === trustBundleOf(authorities),
  };
  return { pair, stored };
}

/** The texts in a Secret's data, by key. */
export function dataIn(secret: LiveObject): ReadonlyMap<string, string> {
  const { data } = secret;
  const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  return new Map(
    entries.flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, Buffer.from(value, 'base64').toString('utf8')]] : [],
    ),
  );
}

function pairIn(data: ReadonlyMap<string, string>, name: 'tls' | 'next'): KeyPair | undefined {
  const certificate = certificatesIn(data.get(`${name}.crt`) ?? '').join('');
  return certificate === '' ? undefined : { certificate, key: data.get(`${name}.key`) ?? '' };
}

function authorityFacts(pair: KeyPair): AuthorityFacts {
  const facts: CertificateFacts | undefined = readCertificate(pair.certificate);
  return {
    fingerprint: facts?.fingerprint ?? '',
    notBeforeMs: facts?.notBeforeMs ?? 0,
    notAfterMs: facts?.notAfterMs ?? 0,
    canSign: isKeyOf(pair.certificate, pair.key),
  };
}

function secretOf(
  metadata: AppliedMetadata,
  type: string,
  texts: Readonly<Record<string, string>>,
): KubeObject {
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata, type, data };
}
