import type { LeafName } from '../../model/certificates.ts';
import { timestampOf } from './conditions.ts';

/** Until when a certificate is good. */
export type Expiry = {
  readonly certificate: 'authority' | LeafName;
  readonly secret: string;
  readonly notAfterMs: number;
};

export type ExpiryFinding = {
  readonly status: 'True' | 'False';
  readonly reason: 'CertificateExpired' | 'CertificateExpiring';
  readonly message: string;
};

const DAY_MS = 86_400_000;
/** Told once each; what is renewed in time never comes so far. */
const DAYS_TOLD = [1, 7, 30] as const;

/** What is to be said of the certificate that expires first; undefined while that is far. */
export function expiryFinding(expiries: readonly Expiry[], nowMs: number): ExpiryFinding | undefined {
  const first = expiries.toSorted((a, b) => a.notAfterMs - b.notAfterMs)[0];
  if (first === undefined) {
    return undefined;
  }
  const leftMs = first.notAfterMs - nowMs;
  const what = `The ${first.certificate} certificate in Secret ${first.secret}`;
  const until = timestampOf(first.notAfterMs);
  if (leftMs < 0) {
    const message = `${what} expired on ${until}: nobody takes it any more. ${REMEDY}`;
    return { status: 'False', reason: 'CertificateExpired', message };
  }
  const days = DAYS_TOLD.find((each) => leftMs < each * DAY_MS);
  return days === undefined
    ? undefined
    : {
        status: 'True',
        reason: 'CertificateExpiring',
        message: `${what} expires on ${until}, in less than ${days === 1 ? 'a day' : `${days} days`}. ${REMEDY}`,
      };
}

const REMEDY =
  'Put a fresh one where spec.security.tls says it comes from; one that the operator issues is renewed once autoRotate is true.';
