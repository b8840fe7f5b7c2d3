import type { CertificateFacts, LeafRequest } from '../../pki/certificate.ts';

/** A stored certificate, as far as a plan looks at it. */
export type StoredLeaf = {
  readonly facts: CertificateFacts;
  /** Whether the key beside it is its own. */
  readonly hasItsKey: boolean;
  /** Whether the current authority has signed it. */
  readonly isCurrent: boolean;
  /** Whether the authorities stored beside it are those that are trusted. */
  readonly hasTrust: boolean;
};

export type LeafView = {
  readonly nowMs: number;
  /** Null: there is none. `unreadable`: something is stored that is no certificate with its key. */
  readonly stored: StoredLeaf | 'unreadable' | null;
  readonly request: LeafRequest;
  readonly isRotated: boolean;
  /** How long a certificate is used; undefined for two thirds of its life. */
  readonly periodMs: number | undefined;
};

export type LeafStep =
  | {
      readonly kind: 'issue';
      readonly why: 'Missing' | 'Unreadable' | 'NamesChanged' | 'NewAuthority' | 'Expiring' | 'Expired';
    }
  /** The certificate stays; what it is stored with changes. */
  | { readonly kind: 'store-trust' }
  /** `againAtMs`: when there is something to do if nothing changes. */
  | { readonly kind: 'rest'; readonly againAtMs: number };

const LIFE_SHARE = 2 / 3;

/** What becomes of one certificate that is issued here. */
export function planLeaf({ nowMs, stored, request, isRotated, periodMs }: LeafView): LeafStep {
  if (stored === null) {
    return { kind: 'issue', why: 'Missing' };
  }
  if (stored === 'unreadable' || !stored.hasItsKey) {
    return { kind: 'issue', why: 'Unreadable' };
  }
  const { facts } = stored;
  if (!stored.isCurrent) {
    return { kind: 'issue', why: 'NewAuthority' };
  }
  if (!isFor(facts, request)) {
    return { kind: 'issue', why: 'NamesChanged' };
  }
  if (nowMs >= facts.notAfterMs) {
    // Also where rotation is off: nobody can want a certificate that nobody takes.
    return { kind: 'issue', why: 'Expired' };
  }
  const renewAtMs = isRotated ? renewalOf(facts, periodMs) : facts.notAfterMs;
  if (nowMs >= renewAtMs) {
    return { kind: 'issue', why: 'Expiring' };
  }
  return stored.hasTrust ? { kind: 'rest', againAtMs: renewAtMs } : { kind: 'store-trust' };
}

function renewalOf({ notBeforeMs, notAfterMs }: CertificateFacts, periodMs: number | undefined): number {
  const atTwoThirds = notBeforeMs + (notAfterMs - notBeforeMs) * LIFE_SHARE;
  return periodMs === undefined ? atTwoThirds : Math.min(notBeforeMs + periodMs, atTwoThirds);
}

function isFor(facts: CertificateFacts, request: LeafRequest): boolean {
  return (
    facts.commonName === request.commonName &&
    isSame(facts.dnsNames, request.dnsNames) &&
    // Written in more than one way, and never changed alone.
    facts.ipAddresses.length === request.ipAddresses.length &&
    isSame(facts.usages, request.usages)
  );
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  const seen = new Set(some);
  return seen.size === new Set(others).size && others.every((other) => seen.has(other));
}
