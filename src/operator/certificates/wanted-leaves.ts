/** For whom certificates are issued, and for which names. */
import type { SecuritySpec, TlsSpec } from '../../api/security-spec.ts';
import { timeSpanMs } from '../../api/time-span.ts';
import type { LeafName } from '../../model/certificates.ts';
import type { LeafRequest } from '../../pki/certificate.ts';
import { everyPodNameOf, memberHostOf, type ObjectNames, userTlsSecretOf } from '../../resources/names.ts';
import { PEER_NAME } from '../../resources/tls.ts';

export type LeafWish = { readonly name: LeafName; readonly secret: string; readonly request: LeafRequest };

/**
 * With etcd's authentication the common name of a certificate is a user's; `root` may do everything (3.5–3.7,
 * `AuthInfoFromTLS`), which is what agents need once anonymous clients may not even list members.
 */
const AGENT_COMMON_NAME = 'root';

const DAY_MS = 86_400_000;
/** Long enough that an operator that is away for a month harms nobody. */
const LEAF_LIFE_MS = 90 * DAY_MS;
/** A certificate lives half as long again as it is used. */
export const LIFE_PER_PERIOD = 1.5;

/** The wishes of a cluster, whose `users` prove by certificate who they are: exact names of all members there can ever be, so that scaling needs no new certificate. */
export function wantedLeaves(
  names: ObjectNames,
  namespace: string,
  clusterDomain: string,
  tls: Pick<TlsSpec, 'rotationPeriod'>,
  users: readonly string[] = [],
): readonly LeafWish[] {
  const members = everyPodNameOf(names.cluster).map((pod) =>
    memberHostOf(names, pod, namespace, clusterDomain),
  );
  const services = [names.clientService, names.peerService].flatMap((service) =>
    formsOf(service, namespace, clusterDomain),
  );
  const both = ['server', 'client'] as const;
  const periodMs = rotationPeriodOf(tls) ?? 0;
  const lifeMs = Math.max(LEAF_LIFE_MS, periodMs * LIFE_PER_PERIOD);
  const leaf = (name: LeafName, secret: string, request: Omit<LeafRequest, 'lifeMs'>): LeafWish => ({
    name,
    secret,
    request: { ...request, lifeMs },
  });
  return [
    // etcd's own gateway shows it to etcd, so it is a client's, too.
    leaf('server', names.serverSecret, {
      commonName: 'etcd-server',
      dnsNames: [...members, ...services, 'localhost'],
      ipAddresses: ['127.0.0.1', '::1'],
      usages: both,
    }),
    leaf('peer', names.peerSecret, {
      commonName: PEER_NAME,
      dnsNames: members,
      ipAddresses: [],
      usages: both,
    }),
    leaf('agent', names.agentSecret, {
      commonName: AGENT_COMMON_NAME,
      dnsNames: members,
      ipAddresses: [],
      usages: both,
    }),
    leaf('client', names.clientSecret, {
      commonName: 'etcd-client',
      ...NOWHERE,
      usages: ['client'],
    }),
    ...users.map((user) =>
      leaf(`user/${user}`, userTlsSecretOf(names.cluster, user), {
        commonName: user,
        ...NOWHERE,
        usages: ['client'],
      }),
    ),
  ];
}

/** Who only dials is dialled by no name. */
const NOWHERE = { dnsNames: [], ipAddresses: [] } as const;

/** The users who prove by certificate who they are. */
export function certifiedUsers({ auth }: SecuritySpec): readonly string[] {
  return auth?.enabled === true
    ? (auth.users ?? []).flatMap(({ name, passwordSecret }) => (passwordSecret === undefined ? [name] : []))
    : [];
}

/** How long a certificate is used; undefined for two thirds of its life. */
export function rotationPeriodOf({ rotationPeriod }: Pick<TlsSpec, 'rotationPeriod'>): number | undefined {
  return rotationPeriod === undefined ? undefined : timeSpanMs(rotationPeriod);
}

function formsOf(service: string, namespace: string, clusterDomain: string): readonly string[] {
  return [
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.${clusterDomain}`,
  ];
}
