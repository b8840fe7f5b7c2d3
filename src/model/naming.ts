/**
 * Names and URLs of members: pure functions of the StatefulSet's name and an ordinal, so that nobody
 * has to be asked what they are.
 */

import type { Member } from './member.ts';

/** The highest ordinal a cluster can have: the API allows up to nine members. */
export const ORDINAL_MAX = 8;

export const SCHEMES = ['http', 'https'] as const;

export type Scheme = (typeof SCHEMES)[number];

/** Everything the names of one cluster are made of. */
export type ClusterNames = {
  /** The StatefulSet's name; Pods are `NAME-0`, `NAME-1`, … */
  readonly cluster: string;
  readonly namespace: string;
  /** The headless Service's name. */
  readonly service: string;
  /** Such as `cluster.local`, without dots at its ends. */
  readonly clusterDomain: string;
  /**
   * Host part of the URLs a member advertises. `{ordinal}` and `{fqdn}` are replaced. On Kubernetes it
   * is `{fqdn}`; on one machine, where etcd's resolver cannot be pointed elsewhere, a loopback address
   * such as `127.80.0.1{ordinal}`.
   */
  readonly hostTemplate: string;
  /** How this member is to be reached; others may still be, or be already, under the other scheme. */
  readonly peerScheme: Scheme;
  readonly clientScheme: Scheme;
  readonly peerPort: number;
  readonly clientPort: number;
};

/** Name of the Pod, which is also the member's name. */
export function memberNameOf(names: ClusterNames, ordinal: number): string {
  return `${names.cluster}-${ordinal}`;
}

/** The Pod's DNS name behind the headless Service (Kubernetes DNS specification 1.1.0, §2.4.1). */
export function dnsNameOf(names: ClusterNames, ordinal: number): string {
  return `${memberNameOf(names, ordinal)}.${names.service}.${names.namespace}.svc.${names.clusterDomain}`;
}

/** The host the member of `ordinal` advertises. */
export function hostOf(names: ClusterNames, ordinal: number): string {
  return names.hostTemplate
    .replaceAll('{fqdn}', dnsNameOf(names, ordinal))
    .replaceAll('{ordinal}', String(ordinal));
}

/** The URL other members reach the member of `ordinal` under; its identity in the member list. */
export function peerUrlOf(names: ClusterNames, ordinal: number): string {
  return `${names.peerScheme}://${hostOf(names, ordinal)}:${names.peerPort}`;
}

/** The URL clients reach the member of `ordinal` under. */
export function clientUrlOf(names: ClusterNames, ordinal: number): string {
  return `${names.clientScheme}://${hostOf(names, ordinal)}:${names.clientPort}`;
}

/**
 * The ordinal whose peer URL is `peerUrl`, whatever its scheme: a cluster changes that member by member. Undefined
 * for a URL that is none of this cluster's.
 */
export function ordinalOfPeerUrl(names: ClusterNames, peerUrl: string): number | undefined {
  for (let ordinal = 0; ordinal <= ORDINAL_MAX; ordinal++) {
    if (withoutScheme(peerUrlOf(names, ordinal)) === withoutScheme(peerUrl)) {
      return ordinal;
    }
  }
  return undefined;
}

function withoutScheme(url: string): string {
  return url.replace(/^https?:/, '');
}

/** Whether `member` is listed under the host and port of `ordinal`, whatever the scheme. */
export function isListedAs(names: ClusterNames, ordinal: number, member: Pick<Member, 'peerUrls'>): boolean {
  return member.peerUrls.some((url) => ordinalOfPeerUrl(names, url) === ordinal);
}

/** The ordinal in a Pod name such as `demo-2`; undefined when `podName` is not one of the cluster's. */
export function ordinalOfPodName(cluster: string, podName: string): number | undefined {
  const digits = podName.startsWith(`${cluster}-`) ? podName.slice(cluster.length + 1) : '';
  const ordinal = /^(0|[1-9][0-9]?)$/.test(digits) ? Number(digits) : Number.NaN;
  return ordinal <= ORDINAL_MAX ? ordinal : undefined;
}

/**
 * The ordinal that a listed member is of: by its peer URL, else by the name it goes by. A member that was
 * adopted has its Pod's name as soon as it has started there, and its peer URL once that was corrected. A name
 * proves nothing, so nobody is removed by it.
 */
export function ordinalOfMember(
  names: ClusterNames,
  member: Pick<Member, 'name' | 'peerUrls'>,
): number | undefined {
  return ordinalOfPeerUrl(names, member.peerUrls[0] ?? '') ?? ordinalOfPodName(names.cluster, member.name);
}
