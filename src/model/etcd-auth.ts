/** etcd's own users, roles and permissions, and the changes that are made to them. */

/** The user and the role that may do everything; etcd has both of itself once authentication is on (3.5–3.7). */
export const ROOT = 'root';

/** Keys, by both ends in lower-case hexadecimal: they are bytes, and not always text. */
export type KeyRange = {
  readonly key: string;
  /** The first key that is not meant; empty for `key` alone, `00` for all keys from `key` on. */
  readonly rangeEnd: string;
};

export type Access = 'Read' | 'Write' | 'ReadWrite';

/** What a role may do with a range of keys. */
export type Permission = KeyRange & { readonly access: Access };

export type EtcdRole = { readonly name: string; readonly permissions: readonly Permission[] };

/** One change, as etcd knows it. Passwords are told beside it, so that a change may be logged. */
export type AuthChange =
  | { readonly kind: 'add-role' | 'delete-role'; readonly role: string }
  /** Replaces the access to that very range, where the role has no other of the same first key; see `planAuth`. */
  | { readonly kind: 'grant-permission'; readonly role: string; readonly permission: Permission }
  /** Of all permissions for that very range. */
  | { readonly kind: 'revoke-permission'; readonly role: string; readonly range: KeyRange }
  | { readonly kind: 'add-user' | 'change-password' | 'delete-user'; readonly user: string }
  | { readonly kind: 'grant-role' | 'revoke-role'; readonly user: string; readonly role: string }
  | { readonly kind: 'enable' | 'disable' };
