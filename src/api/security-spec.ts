/** What an EtcdCluster says of its security; see etcd-cluster.ts for how these types are used. */
import type { LocalReference, SubdomainName } from './kubernetes.ts';
import type { TimeSpan } from './times.ts';

/** TLS, authentication, reachability. */
export interface SecuritySpec {
  /** Encryption. Absent: plain text, which a condition says aloud. */
  readonly tls?: TlsSpec;
  /** etcd's own authentication: whom it knows, and what each of them may do. */
  readonly auth?: AuthSpec;
  /**
   * Renders NetworkPolicies: peers only among members, agents only from members and operator.
   * @default false
   */
  readonly networkPolicy?: boolean;
}

/** Encryption between clients, peers, agents and operator. */
export interface TlsSpec {
  /**
   * Whether traffic is encrypted and both ends are authenticated.
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * Encrypts the client side.
   * @assumed what `enabled` says
   */
  readonly clientTLSEnabled?: boolean;
  /**
   * Encrypts the peer side.
   * @assumed what `enabled` says
   */
  readonly peerTLSEnabled?: boolean;
  /**
   * The operator issues and renews all certificates.
   * @assumed true unless `certificateSecret` or `issuerRef` is given
   */
  readonly autoTLS?: boolean;
  /**
   * A Secret with `tls.crt` and `tls.key` of the members, in place of `autoTLS`; `caSecret` belongs to it. The
   * certificate is for all members and both sides, with their names behind the headless Service. What is put there is
   * taken over within a minute, once members could use it.
   */
  readonly certificateSecret?: SubdomainName;
  /**
   * A Secret with `ca.crt`: beside `certificateSecret` or `issuerRef` the authorities that signed; alone, with
   * `tls.key`, an authority that the operator issues from.
   */
  readonly caSecret?: SubdomainName;
  /** A cert-manager issuer that signs the members' certificates, in place of `autoTLS`. */
  readonly issuerRef?: IssuerReference;
  /**
   * Renews certificates that the operator or an issuer made before they expire.
   * @default true
   */
  readonly autoRotate?: boolean;
  /**
   * How often certificates are renewed, such as `720h`.
   * @assumed two thirds of their life
   */
  readonly rotationPeriod?: TimeSpan;
}

/** Names a cert-manager issuer. */
export interface IssuerReference {
  /** Name of the issuer. */
  readonly name: SubdomainName;
  /**
   * Kind of the issuer.
   * @default "Issuer"
   */
  readonly kind?: 'Issuer' | 'ClusterIssuer';
}

/** etcd's own authentication. */
export interface AuthSpec {
  /**
   * Whether etcd asks clients who they are. From then on `users` and `roles` are all there are beside root: others,
   * whoever made them, are removed within a minute, and whatever was changed by hand is changed back. Users and roles
   * stay when it is turned off.
   * @default false
   */
  readonly enabled?: boolean;
  /** Secret with the key `password` for etcd's root user; when absent, one is made up and kept in Secret `NAME-root`. */
  readonly rootPasswordSecret?: LocalReference;
  /**
   * Users beside root.
   * @listMapKey name
   * @maxItems 64
   */
  readonly users?: readonly AuthUser[];
  /**
   * Roles that users have.
   * @listMapKey name
   * @maxItems 64
   */
  readonly roles?: readonly AuthRole[];
}

/** One user of etcd. */
export interface AuthUser {
  /**
   * Name, which is also the common name of the user's client certificate.
   * @minLength 1
   * @maxLength 64
   */
  readonly name: string;
  /**
   * Secret with the key `password`: up to 72 bytes, taken as they are. Without it the user has no password, and
   * authenticates by certificate alone: the operator issues it and keeps it in Secret `NAME-user-USER-tls`.
   */
  readonly passwordSecret?: LocalReference;
  /**
   * Roles the user has: those of `roles`, and etcd's own `root`.
   * @listSet
   * @maxItems 16
   */
  readonly roles?: readonly RoleName[];
}

/**
 * Name of a role of etcd.
 * @minLength 1
 * @maxLength 64
 */
export type RoleName = string;

/** One role of etcd. */
export interface AuthRole {
  /** Name of the role. */
  readonly name: RoleName;
  /**
   * What the role may do.
   * @maxItems 64
   */
  readonly permissions?: readonly AuthPermission[];
}

/** What a role may do with one range of keys. */
export interface AuthPermission {
  /** Read, write, or both. */
  readonly access: 'Read' | 'Write' | 'ReadWrite';
  /**
   * The key, or the prefix; empty only for a prefix, and then all keys are meant.
   * @maxLength 1024
   */
  readonly key: string;
  /**
   * Whether all keys with this prefix are meant.
   * @default false
   */
  readonly prefix?: boolean;
}
