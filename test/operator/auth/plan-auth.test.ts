import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AuthSpec } from '../../../src/api/security-spec.ts';
import { type AuthChange, ROOT } from '../../../src/model/etcd-auth.ts';
import {
  type CredentialsVerdict,
  type ObservedAuth,
  planAuth,
} from '../../../src/operator/auth/plan-auth.ts';
import {
  rangeName,
  type WantedAuth,
  type WantedUser,
  wantedAuth,
} from '../../../src/operator/auth/wanted-auth.ts';
import { textOf } from '../../support/fake-auth-api.ts';
import { FakeAuthStore, type FakeUser } from '../../support/fake-auth-store.ts';
import { anAuthSpec, aStore } from './a-played-auth.ts';

const PASSWORD = 'declared';
const NOBODY: ReadonlySet<string> = new Set();

/** The operator over etcd: what it remembers to have set, and what it makes up for a root it cannot ask about. */
class PlayedOperator {
  readonly store: FakeAuthStore;
  readonly wanted: WantedAuth;
  readonly #known = new Set<string>();

  constructor(store: FakeAuthStore, wanted: WantedAuth) {
    this.store = store;
    this.wanted = wanted;
  }

  plan(): readonly AuthChange[] {
    return planAuth(this.wanted, this.#observed());
  }

  /** etcd must never refuse. */
  make(changes: readonly AuthChange[]): void {
    for (const change of changes) {
      assert.equal(this.store.apply(change, this.#passwordFor(change)), undefined, textOf(change));
      if (change.kind === 'add-user') {
        this.#known.add(change.user);
      }
    }
  }

  #passwordFor(change: AuthChange): string | undefined {
    const user = this.wanted.users.find(({ name }) => 'user' in change && name === change.user);
    return user?.credentials === 'certificate' ? undefined : PASSWORD;
  }

  #observed(): ObservedAuth {
    const { store, wanted } = this;
    const byName = new Map(wanted.users.map((user) => [user.name, user]));
    return {
      enabled: store.enabled,
      roles: new Map([...store.roles.keys()].map((role) => [role, store.permissionsOf(role)])),
      users: new Map(
        [...store.users].map(([name, user]) => {
          const declared = byName.get(name);
          return [name, { roles: user.roles, credentials: this.#verdictOn(name, user, declared) }];
        }),
      ),
    };
  }

  #verdictOn(name: string, user: FakeUser, declared: WantedUser | undefined): CredentialsVerdict {
    if (this.#known.has(name) || declared === undefined || declared.credentials === 'withheld') {
      return 'as-wanted';
    }
    if (!this.store.enabled) {
      return 'unchecked';
    }
    const hasPassword = user.password !== undefined;
    if (hasPassword !== (declared.credentials === 'password')) {
      return 'other-kind';
    }
    return !hasPassword || user.password === PASSWORD ? 'as-wanted' : 'other-password';
  }
}

/** Whether etcd has exactly what is declared, as far as etcd lets it be changed. */
function assertAsDeclared({ store, wanted }: PlayedOperator, before: FakeAuthStore): void {
  assert.equal(store.enabled, true);
  const withheld = wanted.users
    .filter(({ credentials }) => credentials === 'withheld')
    .map(({ name }) => name);
  const users = wanted.users.filter(
    ({ name }) => name === ROOT || !withheld.includes(name) || before.users.has(name),
  );
  assert.deepEqual([...store.users.keys()].toSorted(), users.map(({ name }) => name).toSorted());
  for (const { name, roles, credentials } of users) {
    const user = store.users.get(name);
    assert.deepEqual(user?.roles, roles.toSorted(), name);
    const rootHadNone =
      name === ROOT && before.users.has(ROOT) && before.users.get(ROOT)?.password === undefined;
    if (credentials !== 'withheld' && !rootHadNone) {
      assert.equal(user?.password, credentials === 'password' ? PASSWORD : undefined, name);
    }
  }
  const roles = [...store.roles.keys()].filter((role) => role !== ROOT);
  assert.deepEqual(roles.toSorted(), wanted.roles.map(({ name }) => name).toSorted());
  for (const { name, permissions } of wanted.roles) {
    const told = (each: (typeof permissions)[number]): string => `${rangeName(each)} ${each.access}`;
    assert.deepEqual(store.roles.get(name)?.map(told).toSorted(), permissions.map(told).toSorted());
  }
}

/** A store like `store`, which changes apart from it. */
function copyOf(store: FakeAuthStore): FakeAuthStore {
  const copy = new FakeAuthStore();
  Object.assign(copy, { enabled: store.enabled, revision: store.revision });
  for (const [name, user] of store.users) {
    copy.users.set(name, user);
  }
  for (const [name, permissions] of store.roles) {
    copy.roles.set(name, permissions);
  }
  return copy;
}

const aWithheldSet = fc.uniqueArray(fc.constantFrom('app', 'ops', ROOT)).map((names) => new Set(names));

describe('the plan for users and roles', () => {
  it('comes from any state to what is declared, at once, and then rests', () => {
    fc.assert(
      fc.property(aStore, anAuthSpec, aWithheldSet, (store, spec, withheld) => {
        const operator = new PlayedOperator(copyOf(store), wantedAuth(spec, withheld));
        operator.make(operator.plan());
        // A password that nobody could check before is checked once authentication is on.
        operator.make(operator.plan().filter(({ kind }) => kind === 'change-password'));
        assertAsDeclared(operator, store);
        assert.deepEqual(operator.plan().filter(isNotOfRootsPassword), []);
      }),
    );
  });

  it('comes there from wherever it was interrupted, by an operator that remembers nothing', () => {
    fc.assert(
      fc.property(aStore, anAuthSpec, fc.nat(), (store, spec, at) => {
        const wanted = wantedAuth(spec, NOBODY);
        const first = new PlayedOperator(copyOf(store), wanted);
        const changes = first.plan();
        first.make(changes.slice(0, at % (changes.length + 1)));
        const before = copyOf(first.store);
        const second = new PlayedOperator(first.store, wanted);
        second.make(second.plan());
        assertAsDeclared(second, before);
      }),
    );
  });

  it('never removes root or takes its role, and gives nobody anything who is not declared', () => {
    fc.assert(
      fc.property(aStore, anAuthSpec, (store, spec) => {
        const operator = new PlayedOperator(copyOf(store), wantedAuth(spec, NOBODY));
        const declared = new Set(operator.wanted.users.map(({ name }) => name));
        for (const change of operator.plan()) {
          assert.notDeepEqual(change, { kind: 'delete-user', user: ROOT });
          assert.notDeepEqual(change, { kind: 'revoke-role', user: ROOT, role: ROOT });
          operator.make([change]);
          if (change.kind === 'grant-permission' || change.kind === 'grant-role') {
            assert.ok([...operator.store.users.keys()].every((name) => declared.has(name)));
          }
        }
      }),
    );
  });

  it('enables authentication last, and only where it is off', () => {
    fc.assert(
      fc.property(aStore, anAuthSpec, (store, spec) => {
        const kinds = new PlayedOperator(store, wantedAuth(spec, NOBODY)).plan().map(({ kind }) => kind);
        assert.equal(kinds.indexOf('enable'), store.enabled ? -1 : kinds.length - 1);
      }),
    );
  });
});

/** etcd gives root no password that it was made without, however often it is told to. */
function isNotOfRootsPassword(change: AuthChange): boolean {
  return change.kind !== 'change-password' || change.user !== ROOT;
}

type Case = readonly [situation: string, store: FakeAuthStore, spec: AuthSpec, expected: readonly string[]];

const app = { name: 'app', roles: ['reader'], passwordSecret: { name: 'app-password' } };
const reader = { name: 'reader', permissions: [{ access: 'Read', key: '/app/', prefix: true }] } as const;
const declared: AuthSpec = { users: [app], roles: [reader] };

/** As `declared` makes it, but for `changes`. */
function aSettledStore(
  ...changes: readonly (readonly [change: AuthChange, password?: string])[]
): FakeAuthStore {
  const operator = new PlayedOperator(new FakeAuthStore(), wantedAuth(declared, NOBODY));
  operator.make(operator.plan());
  for (const [change, password] of changes) {
    assert.equal(operator.store.apply(change, password), undefined);
  }
  return operator.store;
}

const APP = { key: '2f6170702f', rangeEnd: '2f61707030' };

const CASES: readonly Case[] = [
  [
    'there is nothing',
    new FakeAuthStore(),
    declared,
    [
      'add-role reader',
      'grant-permission reader',
      'add-user root',
      'grant-role root root',
      'add-user app',
      'grant-role app reader',
      'enable',
    ],
  ],
  ['all is as declared', aSettledStore(), declared, []],
  [
    'a password was changed',
    aSettledStore([{ kind: 'change-password', user: 'app' }, 'x']),
    declared,
    ['change-password app'],
  ],
  [
    'a user was made anew without a password',
    aSettledStore([{ kind: 'delete-user', user: 'app' }], [{ kind: 'add-user', user: 'app' }]),
    declared,
    ['delete-user app', 'add-user app', 'grant-role app reader'],
  ],
  [
    'a user shall be known by certificate from now on',
    aSettledStore(),
    { ...declared, users: [{ name: 'app', roles: ['reader'] }] },
    ['delete-user app', 'add-user app', 'grant-role app reader'],
  ],
  [
    'somebody has made a user, and given the other one a role',
    aSettledStore(
      [{ kind: 'add-user', user: 'mallory' }, 'x'],
      [{ kind: 'grant-role', user: 'mallory', role: ROOT }],
      [{ kind: 'grant-role', user: 'app', role: ROOT }],
    ),
    declared,
    ['delete-user mallory', 'revoke-role app root'],
  ],
  [
    'somebody has made a role and widened another',
    aSettledStore(
      [{ kind: 'add-role', role: 'more' }],
      [
        {
          kind: 'grant-permission',
          role: 'reader',
          permission: { key: '00', rangeEnd: '00', access: 'Read' },
        },
      ],
      [{ kind: 'grant-permission', role: 'reader', permission: { ...APP, access: 'ReadWrite' } }],
    ),
    declared,
    ['grant-permission reader', 'revoke-permission reader', 'delete-role more'],
  ],
  [
    'a range is there twice',
    aSettledStore(
      [{ kind: 'grant-permission', role: 'reader', permission: { ...APP, rangeEnd: '', access: 'Read' } }],
      [{ kind: 'revoke-permission', role: 'reader', range: APP }],
      [{ kind: 'grant-permission', role: 'reader', permission: { ...APP, access: 'Write' } }],
      [{ kind: 'grant-permission', role: 'reader', permission: { ...APP, access: 'Read' } }],
    ),
    declared,
    ['revoke-permission reader', 'grant-permission reader', 'revoke-permission reader'],
  ],
  [
    'the role root was stored with something else',
    aSettledStore([{ kind: 'add-role', role: ROOT }]),
    declared,
    [],
  ],
  [
    'somebody has turned it off',
    aSettledStore([{ kind: 'disable' }]),
    declared,
    ['change-password root', 'delete-user app', 'add-user app', 'grant-role app reader', 'enable'],
  ],
];

describe('the plan', () => {
  for (const [situation, store, spec, expected] of CASES) {
    it(`is ${expected.length === 0 ? 'empty' : expected.join(', ')} when ${situation}`, () => {
      const operator = new PlayedOperator(store, wantedAuth(spec, NOBODY));
      assert.deepEqual(operator.plan().map(textOf), expected);
    });
  }

  it('keeps users whose password is withheld as they are, makes none of them but root, and grants as declared', () => {
    const withheld = new Set(['app', ROOT]);
    const changed = aSettledStore(
      [{ kind: 'change-password', user: 'app' }, 'x'],
      [{ kind: 'revoke-role', user: 'app', role: 'reader' }],
    );
    const [kept, fresh] = [changed, new FakeAuthStore()].map((store) =>
      new PlayedOperator(store, wantedAuth(declared, withheld)).plan().map(textOf),
    );
    assert.deepEqual(kept, ['grant-role app reader']);
    assert.deepEqual(fresh, [
      'add-role reader',
      'grant-permission reader',
      'add-user root',
      'grant-role root root',
      'enable',
    ]);
  });
});
