/** Names of the objects of one cluster, all in its namespace and all made of its name. */
import { createHash } from 'node:crypto';
import { ORDINAL_MAX } from '../model/naming.ts';

/** What the objects of one cluster are called. */
export type ObjectNames = {
  /** The EtcdCluster, its StatefulSet, its PodDisruptionBudget and its NetworkPolicy. */
  readonly cluster: string;
  /** ServiceAccount, Role and RoleBinding of the agents; never just `NAME`, which may be `default`. */
  readonly agent: string;
  /** ConfigMap with etcd's options. */
  readonly config: string;
  /** ConfigMap with the formation record; the agent derives the same name. */
  readonly formation: string;
  /** Headless Service behind which members find each other. */
  readonly peerService: string;
  /** The Service that clients use. */
  readonly clientService: string;
  /** Secret with the authority; no Pod gets it. */
  readonly caSecret: string;
  /** Secrets with the certificates of etcd towards clients, of etcd towards peers, and of the agents. */
  readonly serverSecret: string;
  readonly peerSecret: string;
  readonly agentSecret: string;
  /** Secret with a certificate for the people who use the cluster. */
  readonly clientSecret: string;
  /** Secret with the password of etcd's user root, where none is given. */
  readonly rootSecret: string;
};

/** Name of the volume that holds a member's data, and of the claim template it comes from. */
export const DATA_VOLUME = 'data';

/** The names for the cluster called `cluster`. */
export function objectNamesOf(cluster: string): ObjectNames {
  return {
    cluster,
    agent: `${cluster}-agent`,
    config: `${cluster}-config`,
    formation: `${cluster}-formation`,
    peerService: `${cluster}-peer`,
    clientService: `${cluster}-client`,
    caSecret: `${cluster}-ca`,
    serverSecret: `${cluster}-server-tls`,
    peerSecret: `${cluster}-peer-tls`,
    agentSecret: `${cluster}-agent-tls`,
    clientSecret: `${cluster}-client-tls`,
    rootSecret: `${cluster}-root`,
  };
}

/**
 * Secret with the certificate of the etcd user called `user`; names that no object can have are told apart by the
 * beginning of their SHA-256.
 */
export function userTlsSecretOf(cluster: string, user: string): string {
  const word = LABEL.test(user)
    ? user
    : createHash('sha256').update(user).digest('hex').slice(0, DIGEST_CHARS);
  return `${cluster}-user-${word}-tls`;
}

/** RFC 1123, as names of objects are checked (Kubernetes 1.34). */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** 64 users have the same one by chance once in 10¹⁵ clusters. */
const DIGEST_CHARS = 16;

/** Name of the Pod of `ordinal`. */
export function podNameOf(cluster: string, ordinal: number): string {
  return `${cluster}-${ordinal}`;
}

/** The DNS name under which members, agents and the operator reach the member in the Pod called `pod`. */
export function memberHostOf(
  { peerService }: ObjectNames,
  pod: string,
  namespace: string,
  clusterDomain: string,
): string {
  return `${pod}.${peerService}.${namespace}.svc.${clusterDomain}`;
}

/** Name of the claim of `ordinal`, as the StatefulSet controller makes it. */
export function claimNameOf(cluster: string, ordinal: number): string {
  return `${DATA_VOLUME}-${podNameOf(cluster, ordinal)}`;
}

/** The names of all Pods a cluster can ever have. */
export function everyPodNameOf(cluster: string): readonly string[] {
  return Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) => podNameOf(cluster, ordinal));
}
