/**
 * A client certificate without a name. With etcd's authentication its JSON gateway takes no other: it would drop the name
 * and be somebody else (`CommonName of client sending a request against gateway`, CVE-2018-16886; 3.5–3.7).
 */
import { issueLeaf } from '../../../src/pki/x509-issuer.ts';
import type { Space } from './ground.ts';
import { userSecretOf } from './security-mode.ts';
import { giveSecret } from './some-certificates.ts';

const DAY_MS = 86_400_000;

/**
 * The Secret of which a program takes its certificate: that of everybody, or, where etcd is to ask for a user, one that is
 * issued here with the key of the cluster's authority.
 */
export async function clientSecretFor(space: Space, cluster: string): Promise<string> {
  const { kubectl } = space;
  const user = await kubectl.run(['get', 'secret', userSecretOf(cluster)]);
  if (user.code !== 0) {
    return `${cluster}-client-tls`;
  }
  const authority = {
    certificate: await textOf(space, cluster, 'tls.crt'),
    key: await textOf(space, cluster, 'tls.key'),
  };
  const request = {
    commonName: '',
    dnsNames: [],
    ipAddresses: [],
    usages: ['client'],
    lifeMs: DAY_MS,
  } as const;
  const { certificate, key } = await issueLeaf(authority, request, Date.now());
  const name = `${cluster}-nameless-tls`;
  await giveSecret(space, name, { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': authority.certificate });
  return name;
}

async function textOf({ kubectl }: Space, cluster: string, key: string): Promise<string> {
  const path = `jsonpath={.data.${key.replace('.', '\\.')}}`;
  const text = await kubectl.must(['get', 'secret', `${cluster}-ca`, '-o', path]);
  return Buffer.from(text, 'base64').toString('utf8');
}
