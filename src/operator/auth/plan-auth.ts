/**
 * The changes that make etcd's users and roles those that are declared. Where only the first of them are made,
 * planning anew from there comes to the same end.
 */
import { type AuthChange, type EtcdRole, type Permission, ROOT } from '../../model/etcd-auth.ts';
import { rangeName, type WantedAuth, type WantedUser } from './wanted-auth.ts';

/**
 * `other-kind`: has a password and shall have none, or the other way round, which etcd never changes. `unchecked`:
 * nobody can tell before authentication is on.
 */
export type CredentialsVerdict = 'as-wanted' | 'other-password' | 'other-kind' | 'unchecked';

export type ObservedUser = {
  /** Undefined of a user that is not declared. */
  readonly roles: readonly string[] | undefined;
  readonly credentials: CredentialsVerdict;
};

export type ObservedAuth = {
  readonly enabled: boolean;
  /** Permissions are undefined of a role that is not declared. */
  readonly roles: ReadonlyMap<string, readonly Permission[] | undefined>;
  readonly users: ReadonlyMap<string, ObservedUser>;
};

/**
 * In this order: who is not declared goes first, and so gains nothing of what roles are given; what users shall have
 * is there before they are; what they lose they lose last; and then authentication is enabled. The role `root` is
 * etcd's own: it may do everything, whatever is stored of it. The user root is never removed, not even to be made
 * anew, since nobody else may mend anything.
 */
export function planAuth({ roles, users }: WantedAuth, observed: ObservedAuth): readonly AuthChange[] {
  return [
    ...surplusOf(observed.users, users).map((user) => ({ kind: 'delete-user', user }) as const),
    ...roles.flatMap((role) => changesOfRole(role, observed)),
    ...users.flatMap((user) => changesOfUser(user, observed)),
    ...surplusOf(observed.roles, roles).map((role) => ({ kind: 'delete-role', role }) as const),
    ...(observed.enabled ? [] : [{ kind: 'enable' } as const]),
  ];
}

function surplusOf(
  observed: ReadonlyMap<string, unknown>,
  wanted: readonly { readonly name: string }[],
): readonly string[] {
  const names = new Set([ROOT, ...wanted.map(({ name }) => name)]);
  return [...observed.keys()].filter((name) => !names.has(name));
}

function changesOfRole({ name: role, permissions }: EtcdRole, observed: ObservedAuth): readonly AuthChange[] {
  const isThere = observed.roles.has(role);
  const had = observed.roles.get(role) ?? [];
  const wanted = new Set(permissions.map(rangeName));
  const surplus = new Map(
    had.filter((each) => !wanted.has(rangeName(each))).map((each) => [rangeName(each), each]),
  );
  return [
    ...(isThere ? [] : [{ kind: 'add-role', role } as const]),
    // First, while their keys are still the only ones: see `isReplaced`.
    ...permissions.filter((each) => isReplaced(each, had)).map((each) => granting(role, each)),
    ...permissions.filter((each) => !isReplaced(each, had)).flatMap((each) => grantedAnew(role, each, had)),
    ...[...surplus.values()].map((each) => revoking(role, each)),
  ];
}

/**
 * Whether granting gives the range another access in place. etcd looks at the first permission of that key alone, and
 * where that is of another range adds a second one of this range, which leaves the first in force (3.5–3.7).
 */
function isReplaced(wanted: Permission, had: readonly Permission[]): boolean {
  const [only, ...others] = had.filter(({ key }) => key === wanted.key);
  return (
    only !== undefined &&
    others.length === 0 &&
    rangeName(only) === rangeName(wanted) &&
    only.access !== wanted.access
  );
}

function grantedAnew(role: string, wanted: Permission, had: readonly Permission[]): readonly AuthChange[] {
  const same = had.filter((each) => rangeName(each) === rangeName(wanted));
  if (same.length === 1 && same[0]?.access === wanted.access) {
    return [];
  }
  return [...(same.length === 0 ? [] : [revoking(role, wanted)]), granting(role, wanted)];
}

function changesOfUser(
  { name: user, roles, credentials }: WantedUser,
  observed: ObservedAuth,
): readonly AuthChange[] {
  const known = observed.users.get(user);
  if (known === undefined && credentials === 'withheld' && user !== ROOT) {
    return [];
  }
  const isMadeAnew = known !== undefined && user !== ROOT && isToBeMadeAnew(known, credentials);
  const isAdded = known === undefined || isMadeAnew;
  const had = new Set(isAdded ? [] : known.roles);
  return [
    ...(isMadeAnew ? [{ kind: 'delete-user', user } as const] : []),
    ...(isAdded ? [{ kind: 'add-user', user } as const] : []),
    ...(!isAdded && isPasswordChanged(known, credentials)
      ? [{ kind: 'change-password', user } as const]
      : []),
    ...roles.filter((role) => !had.has(role)).map((role) => ({ kind: 'grant-role', user, role }) as const),
    ...[...had]
      .filter((role) => !roles.includes(role))
      .map((role) => ({ kind: 'revoke-role', user, role }) as const),
  ];
}

/** Nobody can check a password before authentication is on, and nobody shall have an old one from then on. */
function isToBeMadeAnew({ credentials }: ObservedUser, wanted: WantedUser['credentials']): boolean {
  return wanted !== 'withheld' && (credentials === 'other-kind' || credentials === 'unchecked');
}

/** Of a root that is not checked, too, since it is never made anew. */
function isPasswordChanged({ credentials }: ObservedUser, wanted: WantedUser['credentials']): boolean {
  return wanted === 'password' && (credentials === 'other-password' || credentials === 'unchecked');
}

function granting(role: string, permission: Permission): AuthChange {
  return { kind: 'grant-permission', role, permission };
}

function revoking(role: string, { key, rangeEnd }: Permission): AuthChange {
  return { kind: 'revoke-permission', role, range: { key, rangeEnd } };
}
