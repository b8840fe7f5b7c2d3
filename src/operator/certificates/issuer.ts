import type { KeyPair, LeafRequest } from '../../pki/certificate.ts';

/** Signs; an adapter, since its library is large. */
export type Issuer = {
  authority(commonName: string, nowMs: number, lifeMs: number): Promise<KeyPair>;
  leaf(authority: KeyPair, request: LeafRequest, nowMs: number): Promise<KeyPair>;
};
