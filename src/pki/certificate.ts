/** What a certificate says, as far as it matters here. */

/** A certificate and its private key, both PEM. The key is PKCS #8. */
export type KeyPair = { readonly certificate: string; readonly key: string };

export type Usage = 'server' | 'client';

/** What a certificate is to be good for. */
export type LeafRequest = {
  /** At most 64 characters (X.520). With etcd's authentication it is the name of a user. */
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usages: readonly Usage[];
  readonly lifeMs: number;
};

/** What is read out of a certificate and its key. */
export type CertificateFacts = {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usages: readonly Usage[];
  /** Whether it may sign others (basic constraints). */
  readonly isAuthority: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SHA-256 of the certificate's DER, as lower-case hex. */
  readonly fingerprint: string;
};
