import type { PasswordVerdict } from '../../src/etcd/auth-api.ts';
import { type AuthChange, type KeyRange, type Permission, ROOT } from '../../src/model/etcd-auth.ts';

export type FakeUser = {
  /** Sorted. */
  readonly roles: readonly string[];
  /** Undefined: it has none. */
  readonly password: string | undefined;
};

type ChangeOfRole = Extract<
  AuthChange,
  { kind: 'grant-permission' | 'revoke-permission' | 'add-role' | 'delete-role' }
>;
type ChangeOfUser = Extract<AuthChange, { readonly user: string }>;

/** bcrypt takes no more, and etcd says so. */
const PASSWORD_BYTES_MAX = 72;
/** What etcd says of the role, whatever is stored. */
const ROOT_PERMISSION: Permission = { key: '', rangeEnd: '00', access: 'ReadWrite' };

/** What etcd keeps of users and roles, and how it takes changes; see the contract in `auth-api-contract.ts`. */
export class FakeAuthStore {
  enabled = false;
  revision = 1n;
  readonly users = new Map<string, FakeUser>();
  /** By key; in which order those of one key are is nobody's promise. */
  readonly roles = new Map<string, readonly Permission[]>();

  permissionsOf(role: string): readonly Permission[] {
    return role === ROOT ? [ROOT_PERMISSION] : (this.roles.get(role) ?? []);
  }

  verdictOn(name: string, password: string): PasswordVerdict {
    const user = this.users.get(name);
    if (user !== undefined && user.password === undefined) {
      return 'no-password';
    }
    return user?.password === password ? 'right' : 'wrong';
  }

  /** Why it is refused, in etcd's words; undefined when it is done. */
  apply(change: AuthChange, password: string | undefined): string | undefined {
    switch (change.kind) {
      case 'enable':
        return this.#enable();
      case 'disable':
        this.revision += this.enabled ? 1n : 0n;
        this.enabled = false;
        return undefined;
      case 'add-role':
        return this.roles.has(change.role)
          ? 'etcdserver: role name already exists'
          : this.#put(this.roles, change.role, []);
      case 'add-user':
        return this.users.has(change.user)
          ? 'etcdserver: user name already exists'
          : (whyTooLong(password) ?? this.#put(this.users, change.user, { roles: [], password }));
      case 'delete-role':
      case 'grant-permission':
      case 'revoke-permission': {
        const permissions = this.roles.get(change.role);
        return permissions === undefined
          ? 'etcdserver: role name not found'
          : this.#changeRole(change, permissions);
      }
      default: {
        const user = this.users.get(change.user);
        return user === undefined
          ? 'etcdserver: user name not found'
          : this.#changeUser(change, user, password);
      }
    }
  }

  #changeRole(change: ChangeOfRole, permissions: readonly Permission[]): string | undefined {
    switch (change.kind) {
      case 'grant-permission':
        return this.#put(this.roles, change.role, granting(permissions, change.permission));
      case 'revoke-permission': {
        const rest = permissions.filter((each) => !isSameRange(each, change.range));
        return rest.length === permissions.length
          ? 'etcdserver: permission is not granted to the role'
          : this.#put(this.roles, change.role, rest);
      }
      default:
        return this.#deleteRole(change.role);
    }
  }

  #deleteRole(role: string): string | undefined {
    if (this.enabled && role === ROOT) {
      return 'etcdserver: invalid auth management';
    }
    this.roles.delete(role);
    for (const [name, user] of this.users) {
      this.users.set(name, { ...user, roles: user.roles.filter((each) => each !== role) });
    }
    this.revision += 1n;
    return undefined;
  }

  #changeUser(change: ChangeOfUser, user: FakeUser, password: string | undefined): string | undefined {
    switch (change.kind) {
      case 'grant-role':
        return this.#grantRole(change.user, user, change.role);
      case 'revoke-role':
        return this.#revokeRole(change.user, user, change.role);
      case 'change-password':
        // Who was made without one stays so, and nobody is told.
        return (
          whyTooLong(password) ??
          this.#put(this.users, change.user, user.password === undefined ? user : { ...user, password })
        );
      default:
        return this.enabled && change.user === ROOT
          ? 'etcdserver: invalid auth management'
          : this.#remove(change.user);
    }
  }

  #grantRole(name: string, user: FakeUser, role: string): string | undefined {
    if (role !== ROOT && !this.roles.has(role)) {
      return 'etcdserver: role name not found';
    }
    return user.roles.includes(role)
      ? undefined
      : this.#put(this.users, name, { ...user, roles: [...user.roles, role].toSorted() });
  }

  #revokeRole(name: string, user: FakeUser, role: string): string | undefined {
    if (this.enabled && name === ROOT && role === ROOT) {
      return 'etcdserver: invalid auth management';
    }
    const roles = user.roles.filter((each) => each !== role);
    return roles.length === user.roles.length
      ? 'etcdserver: role is not granted to the user'
      : this.#put(this.users, name, { ...user, roles });
  }

  #enable(): string | undefined {
    const root = this.users.get(ROOT);
    if (root === undefined) {
      return 'etcdserver: root user does not exist';
    }
    if (!root.roles.includes(ROOT)) {
      return 'etcdserver: root user does not have root role';
    }
    this.enabled = true;
    return undefined;
  }

  #remove(user: string): undefined {
    this.users.delete(user);
    this.revision += 1n;
  }

  #put<T>(map: Map<string, T>, name: string, value: T): undefined {
    map.set(name, value);
    this.revision += 1n;
  }
}

/** etcd finds the first permission of the key, and replaces the access only where that is of this very range. */
function granting(permissions: readonly Permission[], granted: Permission): readonly Permission[] {
  const at = permissions.findIndex(({ key }) => key >= granted.key);
  const found = permissions[at];
  return found !== undefined && isSameRange(found, granted)
    ? permissions.with(at, granted)
    : [...permissions, granted].toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
}

function isSameRange(one: KeyRange, other: KeyRange): boolean {
  return one.key === other.key && one.rangeEnd === other.rangeEnd;
}

function whyTooLong(password: string | undefined): string | undefined {
  return Buffer.byteLength(password ?? '') > PASSWORD_BYTES_MAX
    ? 'bcrypt: password length exceeds 72 bytes'
    : undefined;
}
