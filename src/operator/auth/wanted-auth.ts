/** What a spec declares of users and roles, in etcd's own terms. */
import type { AuthPermission, AuthSpec } from '../../api/security-spec.ts';
import { type EtcdRole, type KeyRange, type Permission, ROOT } from '../../model/etcd-auth.ts';

export type WantedUser = {
  readonly name: string;
  readonly roles: readonly string[];
  /** How the user proves who it is; `withheld`: by a password that nobody can tell now. */
  readonly credentials: 'password' | 'certificate' | 'withheld';
};

/** All users and roles there shall be; `users` has root. */
export type WantedAuth = { readonly roles: readonly EtcdRole[]; readonly users: readonly WantedUser[] };

/** etcd's own way to say all keys (`WithPrefix` of an empty key in its client, 3.5–3.7). */
const ALL_KEYS: KeyRange = { key: '00', rangeEnd: '00' };

/** What `auth` declares; `withheld` are users whose passwords are not to be had. */
export function wantedAuth({ users = [], roles = [] }: AuthSpec, withheld: ReadonlySet<string>): WantedAuth {
  const byPassword = (name: string): WantedUser['credentials'] =>
    withheld.has(name) ? 'withheld' : 'password';
  return {
    roles: roles.map(({ name, permissions = [] }) => ({ name, permissions: merged(permissions) })),
    users: [
      { name: ROOT, roles: [ROOT], credentials: byPassword(ROOT) },
      ...users.map((user) => ({
        name: user.name,
        roles: user.roles ?? [],
        credentials: user.passwordSecret === undefined ? 'certificate' : byPassword(user.name),
      })),
    ],
  };
}

/** One permission for each range: to read and to write is to do both. */
function merged(permissions: readonly AuthPermission[]): readonly Permission[] {
  const byRange = new Map<string, Permission>();
  for (const each of permissions) {
    const range = rangeOf(each);
    const name = rangeName(range);
    const known = byRange.get(name)?.access ?? each.access;
    byRange.set(name, { ...range, access: known === each.access ? known : 'ReadWrite' });
  }
  return [...byRange.values()];
}

/** The same for equal ranges, and for no others. */
export function rangeName({ key, rangeEnd }: KeyRange): string {
  return `${key} ${rangeEnd}`;
}

function rangeOf({ key, prefix = false }: AuthPermission): KeyRange {
  const bytes = Buffer.from(key);
  if (!prefix) {
    return { key: bytes.toString('hex'), rangeEnd: '' };
  }
  const last = bytes.at(-1);
  // No byte of UTF-8 is 255, so that the last one can always be one more.
  return last === undefined
    ? ALL_KEYS
    : { key: bytes.toString('hex'), rangeEnd: Buffer.of(...bytes.subarray(0, -1), last + 1).toString('hex') };
}
