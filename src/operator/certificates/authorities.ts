/** The authorities of one cluster: its own, which the operator signs with, and those that are given. */
import type { Side } from '../../model/certificates.ts';
import type { CertificateFacts, KeyPair } from '../../pki/certificate.ts';
import { certificatesIn, isKeyOf, readCertificate } from '../../pki/read-certificate.ts';
import type { AuthorityFacts, StoredAuthorities } from './authority-plan.ts';

/** The authorities of a cluster with everything that is stored of them. */
export type Authorities = {
  readonly current: KeyPair;
  readonly next: KeyPair | undefined;
  /** Its certificate, with those that it leads to; the key is forgotten. */
  readonly previous: string | undefined;
  readonly sinceMs: number;
  readonly answered: string;
  /** What members trust where their certificates are given; undefined where these sign them, and alone. */
  readonly given: GivenTrust | undefined;
};

export type GivenTrust = {
  /** Those that are given, in PEM. */
  readonly authorities: string;
  /** Whether members trust the cluster's own towards each other beside them, on the way there and back. */
  readonly isWithOwn: boolean;
  /** When that was last changed. */
  readonly sinceMs: number;
};

/** What a plan looks at of the cluster's own. */
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

/** The authorities with the key of the one that is given, wherever it stands: it is not stored a second time. */
export function withKeyOf(authorities: Authorities, given: KeyPair): Authorities {
  const { current, next } = authorities;
  const fingerprint = readCertificate(given.certificate)?.fingerprint;
  const filled = (pair: KeyPair): KeyPair =>
    readCertificate(pair.certificate)?.fingerprint === fingerprint ? { ...pair, key: given.key } : pair;
  return { ...authorities, current: filled(current), next: next === undefined ? undefined : filled(next) };
}

/** The cluster's own authorities, in an order that does not depend on which of them signs. */
export function ownBundleOf({ current, next, previous }: Authorities): string {
  // Each with those that it leads to.
  return bundleOf(
    [current.certificate, next?.certificate, previous].flatMap((each) => certificatesIn(each ?? '')),
  );
}

/**
 * Whom the holder of a certificate is to trust. Clients' certificates are signed by the cluster's own authority
 * everywhere, so that agents are known to etcd also where the members' are given.
 */
export function trustBundleOf(authorities: Authorities, side: Side): string {
  const { given } = authorities;
  const own = certificatesIn(ownBundleOf(authorities));
  const others = certificatesIn(given?.authorities ?? '');
  switch (side) {
    case 'agent':
      return bundleOf(own);
    case 'client':
      return bundleOf([...own, ...others]);
    case 'peer':
      return bundleOf(given?.isWithOwn === false ? others : [...own, ...others]);
  }
}

function bundleOf(certificates: readonly string[]): string {
  return [...new Set(certificates)].toSorted().join('');
}

/** What a plan looks at of one authority. */
export function authorityFacts(pair: KeyPair): AuthorityFacts {
  const facts: CertificateFacts | undefined = readCertificate(pair.certificate);
  return {
    fingerprint: facts?.fingerprint ?? '',
    notBeforeMs: facts?.notBeforeMs ?? 0,
    notAfterMs: facts?.notAfterMs ?? 0,
    canSign: isKeyOf(pair.certificate, pair.key),
  };
}
