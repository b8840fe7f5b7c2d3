import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { AuthApi, AuthStatus } from '../../src/etcd/auth-api.ts';
import type { Answer } from '../../src/etcd/member-api.ts';
import { type AuthChange, type KeyRange, type Permission, ROOT } from '../../src/model/etcd-auth.ts';

/** A new cluster of one member without users, roles and authentication; whoever asks has the rights of root. */
export type AuthUnderContract = { readonly api: AuthApi; readonly clientUrl: string };

const APP: KeyRange = { key: hex('/app/'), rangeEnd: hex('/app0') };
const APP_ALONE: KeyRange = { key: hex('/app/'), rangeEnd: '' };
const BYTES: KeyRange = { key: 'fffe00', rangeEnd: 'ffff' };
const EVERYTHING: KeyRange = { key: '00', rangeEnd: '00' };

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** What every etcd does with users and roles, whichever way it is asked. */
export function authApiContract(label: string, start: (t: TestContext) => Promise<AuthUnderContract>): void {
  describe(`${label} keeps the contract of AuthApi: it`, { timeout: 120_000 }, () => {
    it('begins without authentication, roles and users, and checks no password', async (t) => {
      const etcd = ways(t, await start(t));
      const { enabled, revision } = await etcd.status();
      assert.deepEqual([enabled, revision > 0n], [false, true]);
      assert.deepEqual([await etcd.roles(), await etcd.users()], [new Map(), new Map()]);
      const { kind } = await etcd.api.checkPassword(etcd.clientUrl, 'app', 'secret', t.signal);
      assert.equal(kind, 'unknown');
    });

    it('lists roles and users by name, and says more of those that it is asked for', async (t) => {
      const etcd = ways(t, await start(t));
      await etcd.do({ kind: 'add-role', role: 'reader' }, { kind: 'add-role', role: 'writer' });
      await etcd.do(granting('reader', APP, 'Read'), granting('reader', BYTES, 'Write'));
      await etcd.do(granting('reader', EVERYTHING, 'ReadWrite'));
      await etcd.add('app', 'secret');
      await etcd.add('other', undefined);
      await etcd.do(
        { kind: 'grant-role', user: 'app', role: 'writer' },
        { kind: 'grant-role', user: 'app', role: 'reader' },
        { kind: 'grant-role', user: 'app', role: ROOT },
      );
      assert.deepEqual(
        await etcd.roles('reader', 'nobody'),
        new Map([
          [
            'reader',
            [
              { ...EVERYTHING, access: 'ReadWrite' },
              { ...APP, access: 'Read' },
              { ...BYTES, access: 'Write' },
            ],
          ],
          ['writer', undefined],
        ]),
      );
      assert.deepEqual(
        await etcd.users('app', 'nobody'),
        new Map([
          ['app', ['reader', 'root', 'writer']],
          ['other', undefined],
        ]),
      );
      assert.deepEqual(
        await etcd.users('other'),
        new Map([
          ['app', undefined],
          ['other', []],
        ]),
      );
    });

    it('replaces the access to a range that is the only one of its first key', async (t) => {
      const etcd = ways(t, await start(t));
      await etcd.do(
        { kind: 'add-role', role: 'r' },
        granting('r', APP, 'Read'),
        granting('r', BYTES, 'Read'),
      );
      await etcd.do(granting('r', APP, 'ReadWrite'));
      assert.deepEqual(await etcd.permissions('r'), [
        { ...APP, access: 'ReadWrite' },
        { ...BYTES, access: 'Read' },
      ]);
    });

    it('may have one range twice where others have its first key, and takes all of them back at once', async (t) => {
      const etcd = ways(t, await start(t));
      await etcd.do({ kind: 'add-role', role: 'r' });
      for (const range of [APP_ALONE, APP, APP_ALONE, APP]) {
        await etcd.do(granting('r', range, 'Read'));
      }
      assert.equal((await etcd.permissions('r')).length, 3, 'one of the two was granted twice');
      await etcd.do({ kind: 'revoke-permission', role: 'r', range: APP });
      await etcd.do({ kind: 'revoke-permission', role: 'r', range: APP_ALONE });
      assert.deepEqual(await etcd.permissions('r'), []);
    });

    it('takes a role that is deleted from its users', async (t) => {
      const etcd = ways(t, await start(t));
      await etcd.do({ kind: 'add-role', role: 'a' }, { kind: 'add-role', role: 'b' });
      await etcd.add('app', 'secret');
      await etcd.do(
        { kind: 'grant-role', user: 'app', role: 'a' },
        { kind: 'grant-role', user: 'app', role: 'b' },
      );
      await etcd.do({ kind: 'delete-role', role: 'a' });
      assert.deepEqual(await etcd.users('app'), new Map([['app', ['b']]]));
      await etcd.do({ kind: 'revoke-role', user: 'app', role: 'b' }, { kind: 'delete-user', user: 'app' });
      assert.deepEqual(await etcd.users('app'), new Map());
    });

    it('is enabled only once root has its role, and then keeps both', async (t) => {
      const etcd = ways(t, await start(t));
      assert.match(await etcd.refusal({ kind: 'enable' }), /root user does not exist/);
      await etcd.add(ROOT, 'secret');
      assert.match(await etcd.refusal({ kind: 'enable' }), /root user does not have root role/);
      await etcd.do({ kind: 'grant-role', user: ROOT, role: ROOT }, { kind: 'enable' }, { kind: 'enable' });
      assert.equal((await etcd.status()).enabled, true);
      assert.match(await etcd.refusal({ kind: 'delete-user', user: ROOT }), /invalid auth management/);
      assert.match(
        await etcd.refusal({ kind: 'revoke-role', user: ROOT, role: ROOT }),
        /invalid auth management/,
      );
      await etcd.do({ kind: 'disable' }, { kind: 'disable' });
      assert.equal((await etcd.status()).enabled, false);
      assert.deepEqual(await etcd.users(ROOT), new Map([[ROOT, [ROOT]]]), 'users stay');
    });

    it('tells a right password from a wrong one, and both from none at all', async (t) => {
      const etcd = ways(t, await start(t));
      await etcd.enable();
      await etcd.add('app', 'secret');
      await etcd.add('machine', undefined);
      assert.equal(await etcd.verdict('app', 'secret'), 'right');
      assert.equal(await etcd.verdict('app', 'Secret'), 'wrong');
      assert.equal(await etcd.verdict('machine', 'secret'), 'no-password');
      assert.equal(await etcd.verdict('nobody', 'secret'), 'wrong');
      await etcd.do([{ kind: 'change-password', user: 'app' }, 'another']);
      assert.equal(await etcd.verdict('app', 'secret'), 'wrong');
      assert.equal(await etcd.verdict('app', 'another'), 'right');
    });

    it('gives nobody a password who was made without, and does not say so', async (t) => {
      const etcd = ways(t, await start(t));
      await etcd.enable();
      await etcd.add('machine', undefined);
      await etcd.do([{ kind: 'change-password', user: 'machine' }, 'secret']);
      assert.equal(await etcd.verdict('machine', 'secret'), 'no-password');
    });

    it('takes passwords of up to 72 bytes', async (t) => {
      const etcd = ways(t, await start(t));
      await etcd.enable();
      const longest = 'é'.repeat(36);
      await etcd.add('app', longest);
      assert.equal(await etcd.verdict('app', longest), 'right');
      assert.match(await etcd.refusal({ kind: 'add-user', user: 'more' }, `${longest}x`), /72 bytes/);
      assert.match(await etcd.refusal({ kind: 'change-password', user: 'app' }, `${longest}x`), /72 bytes/);
    });

    it('counts one for each change, and none for what changes nothing, for questions, and for being enabled', async (t) => {
      const etcd = ways(t, await start(t));
      const counted: readonly (readonly [change: AuthChange, by: bigint, password?: string])[] = [
        [{ kind: 'add-role', role: 'r' }, 1n],
        [granting('r', APP, 'Read'), 1n],
        [granting('r', APP, 'Write'), 1n],
        [{ kind: 'revoke-permission', role: 'r', range: APP }, 1n],
        [{ kind: 'add-user', user: ROOT }, 1n, 'secret'],
        [{ kind: 'grant-role', user: ROOT, role: ROOT }, 1n],
        [{ kind: 'enable' }, 0n],
        [{ kind: 'enable' }, 0n],
        [{ kind: 'add-user', user: 'app' }, 1n, 'secret'],
        [{ kind: 'grant-role', user: 'app', role: 'r' }, 1n],
        [{ kind: 'grant-role', user: 'app', role: 'r' }, 0n],
        [{ kind: 'revoke-role', user: 'app', role: 'r' }, 1n],
        [{ kind: 'change-password', user: 'app' }, 1n, 'secret'],
        [{ kind: 'delete-role', role: 'r' }, 1n],
        [{ kind: 'delete-user', user: 'app' }, 1n],
        [{ kind: 'disable' }, 1n],
        [{ kind: 'disable' }, 0n],
      ];
      for (const [change, by, password] of counted) {
        const { revision } = await etcd.status();
        await etcd.do([change, password]);
        await etcd.roles('r');
        await etcd.users(ROOT);
        const after = await etcd.status();
        assert.equal(after.revision - revision, by, JSON.stringify(change));
        if (after.enabled) {
          await etcd.verdict(ROOT, 'secret');
          assert.equal((await etcd.status()).revision, after.revision, 'a check is no change');
        }
      }
    });

    it('says unknown at once when it is aborted', async (t) => {
      const { api, clientUrl } = await start(t);
      const given = AbortSignal.abort();
      const answers = await Promise.all([
        api.status(clientUrl, given),
        api.roles(clientUrl, new Set(), given),
        api.users(clientUrl, new Set(), given),
        api.checkPassword(clientUrl, 'app', 'secret', given),
        api.change(clientUrl, { kind: 'disable' }, undefined, given),
      ]);
      assert.deepEqual(new Set(answers.map(({ kind }) => kind)), new Set(['unknown']));
    });
  });
}

type Told = AuthChange | readonly [change: AuthChange, password: string | undefined];

/** The calls as tests make them: what is not answered fails the test. */
function ways(t: TestContext, { api, clientUrl }: AuthUnderContract) {
  const doAll = async (...all: readonly Told[]): Promise<void> => {
    for (const each of all) {
      const [change, password] = 'kind' in each ? [each, undefined] : each;
      answered(await api.change(clientUrl, change, password, t.signal), JSON.stringify(change));
    }
  };
  const add = (user: string, password: string | undefined) => doAll([{ kind: 'add-user', user }, password]);
  const roles = async (...asked: readonly string[]) =>
    sorted(answered(await api.roles(clientUrl, new Set(asked), t.signal)));
  return {
    api,
    clientUrl,
    do: doAll,
    add,
    roles,
    enable: async () => {
      await add(ROOT, 'secret');
      await doAll({ kind: 'grant-role', user: ROOT, role: ROOT }, { kind: 'enable' });
    },
    status: async (): Promise<AuthStatus> => answered(await api.status(clientUrl, t.signal)),
    permissions: async (role: string) => (await roles(role)).get(role) ?? [],
    users: async (...asked: readonly string[]) =>
      sorted(answered(await api.users(clientUrl, new Set(asked), t.signal))),
    verdict: async (user: string, password: string) =>
      answered(await api.checkPassword(clientUrl, user, password, t.signal)),
    refusal: async (change: AuthChange, password?: string): Promise<string> => {
      const answer = await api.change(clientUrl, change, password, t.signal);
      assert.ok(answer.kind === 'unknown', `${JSON.stringify(change)} was taken`);
      return answer.why;
    },
  };
}

function granting(role: string, range: KeyRange, access: Permission['access']): AuthChange {
  return { kind: 'grant-permission', role, permission: { ...range, access } };
}

function answered<T>(answer: Answer<T>, what = ''): T {
  assert.ok(answer.kind === 'answered', `${what}: ${answer.kind === 'unknown' ? answer.why : ''}`);
  return answer.value;
}

function sorted<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
