/** How clusters of a run are secured where a test does not say it itself. */
import type { RunFacts } from '../../../scripts/e2e/run-facts.ts';
import type { EtcdClusterSpec } from '../../../src/api/etcd-cluster.ts';
import type { SecuritySpec } from '../../../src/api/security-spec.ts';

/** The user that the tests' own programs are: by its password and, in its certificate, by its name. */
export const ETCD_USER = 'etcd-client';

/** The Secret with that user's password. */
export function userSecretOf(cluster: string): string {
  return `${cluster}-user`;
}

/** TLS with certificates of the operator. */
export const TLS: SecuritySpec = { tls: { enabled: true, autoTLS: true } };

/** TLS, and etcd asks who you are. */
export function withAuth(cluster: string): SecuritySpec {
  const passwordSecret = { name: userSecretOf(cluster) };
  return { ...TLS, auth: { enabled: true, users: [{ name: ETCD_USER, passwordSecret, roles: ['root'] }] } };
}

/** The spec with the security of the run, unless it speaks of security. */
export function secured(spec: EtcdClusterSpec, cluster: string, mode: RunFacts['security']): EtcdClusterSpec {
  if (spec.security !== undefined || mode === 'plain') {
    return spec;
  }
  return { ...spec, security: mode === 'tls' ? TLS : withAuth(cluster) };
}
