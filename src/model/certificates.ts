/** What an agent finds of the certificates its Pod was given. */

/** Whose certificate it is: etcd's towards clients, etcd's towards peers, the agent's own. */
export const SIDES = ['client', 'peer', 'agent'] as const;

export type Side = (typeof SIDES)[number];

/** Whose certificate it is that a cluster has: its members' towards clients or peers, agents', everybody's, a user's of etcd. */
export type LeafName = 'server' | 'peer' | 'agent' | 'client' | `user/${string}`;

/** The sides that etcd reads its authorities for, once, at its start (3.5–3.7, etcd-io/etcd#11555). */
export type EtcdSide = Exclude<Side, 'agent'>;

/** Whether etcd can be started with what is there. */
export type CertificatesFinding =
  /** Nothing is to be encrypted. */
  | { readonly kind: 'unused' }
  | { readonly kind: 'usable' }
  | { readonly kind: 'unusable'; readonly why: string };

/** One certificate as it lies in the Pod. Digests are SHA-256 of the files, as hex. */
export type CertificateOnDisk = {
  readonly side: Side;
  readonly certificateDigest: string;
  readonly authoritiesDigest: string;
  readonly notAfterMs: number;
};
