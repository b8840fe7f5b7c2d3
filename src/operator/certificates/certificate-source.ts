import type { IssuerReference, TlsSpec } from '../../api/security-spec.ts';

/** Who signs the certificates that members show. Those of agents and users are always signed by the operator. */
export type CertificateSource =
  /** The operator, with an authority that it makes. */
  | { readonly kind: 'own' }
  /** The operator, with an authority that somebody gives it. */
  | { readonly kind: 'authority'; readonly caSecret: string }
  /** Somebody, who puts them into a Secret. */
  | { readonly kind: 'secret'; readonly certificateSecret: string; readonly caSecret: string }
  /** cert-manager; `caSecret` has its authorities where the issuer does not tell them. */
  | { readonly kind: 'issuer'; readonly issuer: IssuerReference; readonly caSecret: string | undefined };

/** The source that a spec names. What its rules refuse is read as the safest that it could mean. */
export function sourceOf({ certificateSecret, caSecret, issuerRef }: TlsSpec): CertificateSource {
  if (certificateSecret !== undefined && caSecret !== undefined) {
    return { kind: 'secret', certificateSecret, caSecret };
  }
  if (issuerRef !== undefined) {
    return { kind: 'issuer', issuer: issuerRef, caSecret };
  }
  return caSecret === undefined ? { kind: 'own' } : { kind: 'authority', caSecret };
}
