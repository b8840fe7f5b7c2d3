/** Certificates as people give them to a cluster: issued elsewhere, put into Secrets by hand. */
import type { SecuritySpec } from '../../../src/api/security-spec.ts';
import type { KeyPair, LeafRequest } from '../../../src/pki/certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import type { Space } from './ground.ts';

const DAY_MS = 86_400_000;
export const LEAF_SECRET = 'own-tls';
export const AUTHORITY_SECRET = 'own-ca';

/** What a spec says of the two Secrets. */
export const GIVEN: SecuritySpec = {
  tls: { enabled: true, certificateSecret: LEAF_SECRET, caSecret: AUTHORITY_SECRET },
};

export function newAuthority(name: string): Promise<KeyPair> {
  return issueAuthority(name, Date.now(), 365 * DAY_MS);
}

/** A certificate for all members of the cluster `demo` in `space`, and its Services. */
export function membersLeaf(
  { namespace }: Space,
  authority: KeyPair,
  fields: Partial<LeafRequest> = {},
): Promise<KeyPair> {
  const request: LeafRequest = {
    commonName: 'members',
    dnsNames: [
      ...[0, 1, 2, 3, 4].map((ordinal) => `demo-${ordinal}.demo-peer.${namespace}.svc.cluster.local`),
      `*.demo-peer.${namespace}.svc`,
      `demo-client.${namespace}`,
      `demo-client.${namespace}.svc`,
    ],
    ipAddresses: ['127.0.0.1'],
    usages: ['server', 'client'],
    lifeMs: 60 * DAY_MS,
    ...fields,
  };
  return issueLeaf(authority, request, Date.now());
}

/** Puts a certificate and its authority where `GIVEN` says. */
export async function giveCertificates(space: Space, pair: KeyPair, authority: string): Promise<void> {
  await giveSecret(space, LEAF_SECRET, { 'tls.crt': pair.certificate, 'tls.key': pair.key });
  await giveSecret(space, AUTHORITY_SECRET, { 'ca.crt': authority });
}

/** Makes a Secret, or gives it another content. */
export async function giveSecret(
  { kubectl }: Space,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
  await kubectl.must(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: JSON.stringify(secret),
  });
}
