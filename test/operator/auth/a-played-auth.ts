import fc from 'fast-check';
import type { AuthSpec } from '../../../src/api/security-spec.ts';
import { type Access, type Permission, ROOT } from '../../../src/model/etcd-auth.ts';
import { FakeAuthStore } from '../../support/fake-auth-store.ts';

const USERS = ['app', 'ops', 'mallory'];
const ROLES = ['reader', 'writer', 'old'];
const ACCESSES: readonly Access[] = ['Read', 'Write', 'ReadWrite'];
const PASSWORDS = ['one', 'two'];

const aPermission: fc.Arbitrary<Permission> = fc.record({
  key: fc.constantFrom('61', '6162', '00'),
  rangeEnd: fc.constantFrom('', '62', '00'),
  access: fc.constantFrom(...ACCESSES),
});

/** Whatever etcd can have of users and roles; authentication is on only where etcd would let it be. */
export const aStore: fc.Arbitrary<FakeAuthStore> = fc
  .record({
    roles: fc.dictionary(fc.constantFrom(...ROLES, ROOT), fc.array(aPermission, { maxLength: 6 })),
    users: fc.dictionary(
      fc.constantFrom(...USERS, ROOT),
      fc.record({
        roles: fc.uniqueArray(fc.constantFrom(...ROLES, ROOT)),
        password: fc.option(fc.constantFrom(...PASSWORDS), { nil: undefined }),
      }),
    ),
    enabled: fc.boolean(),
  })
  .map(({ roles, users, enabled }) => {
    const store = new FakeAuthStore();
    for (const [name, permissions] of Object.entries(roles)) {
      store.roles.set(
        name,
        permissions.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))),
      );
    }
    for (const [name, user] of Object.entries(users)) {
      const there = user.roles.filter((role) => role === ROOT || store.roles.has(role));
      store.users.set(name, { ...user, roles: there.toSorted() });
    }
    store.enabled = enabled && store.users.get(ROOT)?.roles.includes(ROOT) === true;
    return store;
  });

/** Any spec that keeps the rules: users have roles that are declared. */
export const anAuthSpec: fc.Arbitrary<AuthSpec> = fc
  .uniqueArray(fc.constantFrom(...ROLES), { maxLength: 2 })
  .chain((names) =>
    fc.record({
      roles: fc.tuple(...names.map((name) => aRoleSpec(name))),
      users: fc
        .uniqueArray(fc.constantFrom(...USERS), { maxLength: 2 })
        .chain((users) => fc.tuple(...users.map((name) => aUserSpec(name, [...names, ROOT])))),
    }),
  );

function aRoleSpec(name: string) {
  const permissions = fc.array(
    fc.record({
      access: fc.constantFrom(...ACCESSES),
      key: fc.constantFrom('a', 'ab'),
      prefix: fc.boolean(),
    }),
    { maxLength: 4 },
  );
  return permissions.map((each) => ({ name, permissions: each }));
}

function aUserSpec(name: string, roles: readonly string[]) {
  return fc.tuple(fc.uniqueArray(fc.constantFrom(...roles)), fc.boolean()).map(([granted, hasSecret]) => ({
    name,
    roles: granted,
    ...(hasSecret ? { passwordSecret: { name: `${name}-password` } } : {}),
  }));
}
