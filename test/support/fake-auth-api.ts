import type { AuthApi } from '../../src/etcd/auth-api.ts';
import type { Answer } from '../../src/etcd/member-api.ts';
import type { AuthChange } from '../../src/model/etcd-auth.ts';
import type { EtcdId } from '../../src/model/member.ts';
import { CLUSTER } from './a-member-view.ts';
import { FakeAuthStore } from './fake-auth-store.ts';

/** etcd's authentication in memory, asked as root; see the contract in `auth-api-contract.ts`. */
export type FakeAuthApi = AuthApi & {
  readonly store: FakeAuthStore;
  /** Of whoever answers. */
  clusterId: EtcdId;
  /** Why no call is answered; undefined: all are. */
  silence: string | undefined;
  /** Every call, such as `status` and `add-user app`. */
  readonly calls: string[];
};

export function fakeAuthApi(store = new FakeAuthStore()): FakeAuthApi {
  const ask = async <T>(what: string, signal: AbortSignal, act: () => Answer<T>): Promise<Answer<T>> => {
    fake.calls.push(what);
    if (signal.aborted) {
      return { kind: 'unknown', why: 'given up before asking' };
    }
    return fake.silence === undefined ? act() : { kind: 'unknown', why: fake.silence };
  };
  const fake: FakeAuthApi = {
    store,
    clusterId: CLUSTER,
    silence: undefined,
    calls: [],
    status: (_, signal) =>
      ask('status', signal, () => {
        const { enabled, revision } = store;
        return { kind: 'answered', value: { clusterId: fake.clusterId, enabled, revision } };
      }),
    roles: (_, asked, signal) =>
      ask('roles', signal, () =>
        found(store.roles.keys(), (role) => (asked.has(role) ? store.permissionsOf(role) : undefined)),
      ),
    users: (_, asked, signal) =>
      ask('users', signal, () =>
        found(store.users.keys(), (user) => (asked.has(user) ? store.users.get(user)?.roles : undefined)),
      ),
    checkPassword: (_, user, password, signal) =>
      ask(`check ${user}`, signal, () =>
        store.enabled
          ? { kind: 'answered', value: store.verdictOn(user, password) }
          : { kind: 'unknown', why: 'etcdserver: authentication is not enabled' },
      ),
    change: (_, change, password, signal) =>
      ask(textOf(change), signal, () => {
        const refusal = store.apply(change, password);
        return refusal === undefined
          ? { kind: 'answered', value: undefined }
          : { kind: 'unknown', why: refusal };
      }),
  };
  return fake;
}

function found<T>(names: Iterable<string>, of: (name: string) => T): Answer<ReadonlyMap<string, T>> {
  return { kind: 'answered', value: new Map(Array.from(names, (name) => [name, of(name)])) };
}

/** Such as `add-user app`, `grant-role app reader`. */
export function textOf(change: AuthChange): string {
  const names = ['user' in change ? [change.user] : [], 'role' in change ? [change.role] : []];
  return [change.kind, ...names.flat()].join(' ');
}
