/** What lies in the Secrets of a cluster, read and written. */
import type { KubeObject, LiveObject } from '../../kube/kube-object.ts';
import type { LeafName, Side } from '../../model/certificates.ts';
import type { KeyPair } from '../../pki/certificate.ts';
import { certificatesIn, isKeyOf, isSignedBy, readCertificate } from '../../pki/read-certificate.ts';
import type { AppliedMetadata } from '../../resources/applied-object.ts';
import { type Authorities, ownBundleOf, signerOf, trustBundleOf } from './authorities.ts';
import type { StoredLeaf } from './leaf-plan.ts';

const SINCE_ANNOTATION = 'etcd.etcd.io/authority-since';
const ANSWERED_ANNOTATION = 'etcd.etcd.io/authority-answered';
const GIVEN_SINCE_ANNOTATION = 'etcd.etcd.io/given-since';
const GIVEN_WITH_OWN_ANNOTATION = 'etcd.etcd.io/given-with-own';

/** The authorities in the Secret; undefined when it holds no certificate of an authority. */
export function readAuthorities(secret: LiveObject): Authorities | undefined {
  const data = dataIn(secret);
  const current = pairIn(data, 'tls');
  if (current === undefined) {
    return undefined;
  }
  const { annotations = {} } = secret.metadata;
  const authorities = certificatesIn(data.get('given.crt') ?? '').join('');
  return {
    current,
    next: pairIn(data, 'next'),
    previous: certificatesIn(data.get('previous.crt') ?? '').join('') || undefined,
    sinceMs: timeIn(annotations[SINCE_ANNOTATION]),
    answered: annotations[ANSWERED_ANNOTATION] ?? '',
    given:
      authorities === ''
        ? undefined
        : {
            authorities,
            isWithOwn: annotations[GIVEN_WITH_OWN_ANNOTATION] === 'true',
            sinceMs: timeIn(annotations[GIVEN_SINCE_ANNOTATION]),
          },
  };
}

/**
 * The authorities as far as the certificates tell that are still there: somebody has removed the Secret with the keys,
 * and members go on trusting what they trust. Undefined where there is nothing of them.
 */
export function withoutKey(leaves: ReadonlyMap<LeafName, LiveObject>): Authorities | undefined {
  // Those of agents and users are always signed by the cluster's own.
  const own = [leaves.get('agent'), leaves.get('client')].filter((leaf) => leaf !== undefined);
  const trusted = trustedIn(own.slice(0, 1));
  const shown = own.flatMap((leaf) => pairIn(dataIn(leaf), 'tls')?.certificate ?? []);
  const signer = trusted.find((each) => shown.some((leaf) => isSignedBy(leaf, each))) ?? trusted[0];
  if (signer === undefined) {
    return undefined;
  }
  const peer = leaves.get('peer');
  const byPeers = peer === undefined ? [] : trustedIn([peer]);
  const others = byPeers.filter((each) => !trusted.includes(each));
  return {
    current: { certificate: signer, key: '' },
    next: undefined,
    previous: trusted.find((each) => each !== signer),
    sinceMs: 0,
    answered: '',
    given:
      others.length === 0
        ? undefined
        : { authorities: others.join(''), isWithOwn: byPeers.length > others.length, sinceMs: 0 },
  };
}

function trustedIn(leaves: readonly LiveObject[]): readonly string[] {
  return [...new Set(leaves.flatMap((leaf) => certificatesIn(dataIn(leaf).get('ca.crt') ?? '')))];
}

/** The Secret of the authorities, whole but for the key of `givenCertificate`, which somebody else keeps. */
export function authoritiesSecret(
  metadata: AppliedMetadata,
  authorities: Authorities,
  givenCertificate?: string,
): KubeObject {
  const keyOf = ({ certificate, key }: KeyPair): string => (certificate === givenCertificate ? '' : key);
  const { current, next, previous, sinceMs, answered, given } = authorities;
  return secretOf(
    {
      ...metadata,
      annotations: {
        ...metadata.annotations,
        [SINCE_ANNOTATION]: new Date(sinceMs).toISOString(),
        [ANSWERED_ANNOTATION]: answered,
        ...(given === undefined
          ? {}
          : {
              [GIVEN_SINCE_ANNOTATION]: new Date(given.sinceMs).toISOString(),
              [GIVEN_WITH_OWN_ANNOTATION]: String(given.isWithOwn),
            }),
      },
    },
    'Opaque',
    {
      'tls.crt': current.certificate,
      'tls.key': keyOf(current),
      ...(next === undefined ? {} : { 'next.crt': next.certificate, 'next.key': keyOf(next) }),
      ...(previous === undefined ? {} : { 'previous.crt': previous }),
      ...(given === undefined ? {} : { 'given.crt': given.authorities }),
      'ca.crt': ownBundleOf(authorities),
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
  side: Side,
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
    hasTrust: data.get('ca.crt') === trustBundleOf(authorities, side),
  };
  return { pair, stored };
}

function timeIn(text: string | undefined): number {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

/** A certificate that could be shown; undefined where there is none, or not with its key. */
export function pairOf(secret: LiveObject | undefined): KeyPair | undefined {
  const pair = secret === undefined ? undefined : pairIn(dataIn(secret), 'tls');
  return pair !== undefined && isKeyOf(pair.certificate, pair.key) ? pair : undefined;
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
