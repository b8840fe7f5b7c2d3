import type { KeyPair, LeafRequest } from './certificate.ts';

/** Issues certificates, and loads what it takes with the first one: most operators never issue any. */
export const lazyIssuer = {
  authority: async (commonName: string, nowMs: number, lifeMs: number): Promise<KeyPair> => {
    const { issueAuthority } = await import('./x509-issuer.ts');
    return issueAuthority(commonName, nowMs, lifeMs);
  },
  leaf: async (authority: KeyPair, request: LeafRequest, nowMs: number): Promise<KeyPair> => {
    const { issueLeaf } = await import('./x509-issuer.ts');
    return issueLeaf(authority, request, nowMs);
  },
};
