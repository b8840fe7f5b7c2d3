/** What one end of a TLS connection shows, and whom it trusts. PEM texts. */
export type TlsMaterial = {
  /** With intermediate certificates where there are any. */
  readonly certificate: string;
  readonly key: string;
  /** The authorities that are trusted. */
  readonly authorities: string;
};
