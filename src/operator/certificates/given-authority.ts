import type { KeyPair } from '../../pki/certificate.ts';
import { certificatesIn, isKeyOf, leadsTo, readCertificate } from '../../pki/read-certificate.ts';
import { isValidAt, validityText } from '../../pki/validity.ts';

/**
 * Why an authority that somebody gives cannot sign, as the end of a sentence that begins with its Secret, and what to
 * do; undefined where it can. `bundle` is what its Secret says of those above it.
 */
export function authorityProblem(pair: KeyPair, bundle: string, nowMs: number): string | undefined {
  const facts = readCertificate(pair.certificate);
  if (facts === undefined) {
    return 'has no certificate in ca.crt. Put the authority there, in PEM, and its key in tls.key.';
  }
  if (!isKeyOf(pair.certificate, pair.key)) {
    return 'has no key in tls.key that fits its authority, so that nothing can be signed. Put it there, or name certificateSecret beside caSecret.';
  }
  if (!facts.isAuthority) {
    return 'has a certificate that may sign no others (basic constraints). Put one of an authority there.';
  }
  if (!isValidAt(facts, nowMs)) {
    return `has an authority that is good ${validityText(facts)}, which is not now. Put a fresh one there.`;
  }
  return leadsTo(pair.certificate, [...certificatesIn(pair.certificate), ...certificatesIn(bundle)].join(''))
    ? undefined
    : 'has an authority that another one has signed, which is not there. Put all above it into ca.crt.';
}
