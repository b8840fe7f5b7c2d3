import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { AuthSpec } from '../../../src/api/security-spec.ts';
import { ROOT } from '../../../src/model/etcd-auth.ts';
import { etcdIdOfHex } from '../../../src/model/member.ts';
import { AuthKeeper, type AuthKept, type AuthMember } from '../../../src/operator/auth/auth-keeper.ts';
import { dataIn } from '../../../src/operator/certificates/secret-contents.ts';
import { objectNamesOf } from '../../../src/resources/names.ts';
import { CLUSTER } from '../../support/a-member-view.ts';
import { fakeAuthApi, textOf } from '../../support/fake-auth-api.ts';
import { fakeRecords } from '../election/fake-records.ts';

const START_MS = Date.parse('2026-05-01T12:00:00Z');
const MINUTE_MS = 60_000;
const LABELS = { 'etcd.etcd.io/cluster': 'demo', 'app.kubernetes.io/managed-by': 'quorate' };
const MEMBERS = [0, 1, 2, 3].map((ordinal) => ({
  clientUrl: `https://demo-${ordinal}:2379`,
  dialUrl: `https://10.0.0.${ordinal}:2379`,
}));

const reader = { name: 'reader', permissions: [{ access: 'Read', key: '/app/', prefix: true }] } as const;
const app = { name: 'app', roles: ['reader'], passwordSecret: { name: 'app-password' } };
const machine = { name: 'machine', roles: ['reader'] };
const DECLARED: AuthSpec = { enabled: true, users: [app, machine], roles: [reader] };

type Asked = {
  readonly auth?: AuthSpec | undefined;
  readonly mayEnable?: boolean;
  readonly members?: readonly AuthMember[];
  readonly clusterId?: string;
};

/** An operator beside a fake etcd and an API server that holds Secrets. */
function aCluster(t: TestContext) {
  const records = fakeRecords();
  const etcd = fakeAuthApi();
  const doors: string[] = [];
  let nowMs = START_MS;
  let keeper = newKeeper();
  function newKeeper(): AuthKeeper {
    return new AuthKeeper({
      secrets: records,
      nowMs: () => nowMs,
      open: async (members, { key }) => {
        doors.push(`open ${members.length} as ${key}`);
        return { api: etcd, close: () => void doors.push('close') };
      },
    });
  }
  const putPassword = (name: string, password: string | Buffer, key = 'password'): void =>
    records.put(name, {
      metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '1' },
      data: { [key]: Buffer.from(password).toString('base64') },
    });
  putPassword('app-password', 'secret');
  return {
    records,
    etcd,
    store: etcd.store,
    doors,
    putPassword,
    /** The next operator, which remembers nothing. */
    restart: () => {
      keeper = newKeeper();
    },
    later: (ms: number) => {
      nowMs += ms;
    },
    /** What was asked of etcd since the last time. */
    asked: () => etcd.calls.splice(0),
    keep: (asked: Asked = {}): Promise<AuthKept> =>
      keeper.keep(
        {
          key: 'shop/demo',
          namespace: 'shop',
          names: objectNamesOf('demo'),
          clusterId: CLUSTER,
          members: MEMBERS,
          auth: DECLARED,
          mayEnable: true,
          metadataOf: (name) => ({ name, namespace: 'shop', labels: LABELS }),
          identity: async () => ({ certificate: 'c', key: 'k', authorities: 'a' }),
          ...asked,
        },
        t.signal,
      ),
  };
}

/** One that has been made as declared. */
async function aSettledCluster(t: TestContext) {
  const cluster = aCluster(t);
  assert.deepEqual((await cluster.keep()).end, { kind: 'on', rootHasNoPassword: false, troubles: [] });
  cluster.asked();
  cluster.later(MINUTE_MS);
  return cluster;
}

describe('the keeper of authentication', () => {
  it('makes roles, users and root, then turns it on, and has closed every door it opened', async (t) => {
    const { keep, store, doors, asked } = aCluster(t);
    const { end, changes, againAtMs } = await keep();
    assert.deepEqual(end, { kind: 'on', rootHasNoPassword: false, troubles: [] });
    assert.deepEqual(changes.map(textOf), [
      'add-role reader',
      'grant-permission reader',
      'add-user root',
      'grant-role root root',
      'add-user app',
      'grant-role app reader',
      'add-user machine',
      'grant-role machine reader',
      'enable',
    ]);
    assert.equal(store.enabled, true);
    assert.equal(store.users.get('app')?.password, 'secret');
    assert.equal(store.users.get('machine')?.password, undefined);
    assert.ok(!asked().some((call) => call.startsWith('check ')), 'what it has just set it knows');
    assert.equal(againAtMs, START_MS + MINUTE_MS);
    assert.deepEqual(doors, ['open 4 as k', 'close']);
  });

  it('makes up a password of root, and keeps it in a Secret of its own', async (t) => {
    const { keep, records, store, later, putPassword } = aCluster(t);
    await keep();
    const secret = records.get('demo-root');
    assert.deepEqual([secret?.['type'], secret?.metadata.labels], ['Opaque', LABELS]);
    const data = secret === undefined ? new Map<string, string>() : dataIn(secret);
    assert.equal(data.get('username'), ROOT);
    const made = data.get('password') ?? '';
    assert.match(made, /^[\w-]{32}$/);
    assert.equal(store.users.get(ROOT)?.password, made);
    later(MINUTE_MS);
    await keep();
    assert.deepEqual(records.get('demo-root'), secret);
    putPassword('given', 'my own');
    await keep({ auth: { ...DECLARED, rootPasswordSecret: { name: 'given' } } });
    assert.equal(store.users.get(ROOT)?.password, 'my own');
  });

  it('asks nothing for a minute, and then one thing: whether anything was changed', async (t) => {
    const { keep, later, asked, records } = await aSettledCluster(t);
    later(-1);
    await keep();
    assert.deepEqual(asked(), []);
    later(1);
    records.calls.length = 0;
    assert.equal((await keep()).end.kind, 'on');
    assert.deepEqual(asked(), ['status']);
    assert.deepEqual(records.calls.toSorted(), ['read app-password', 'read demo-root']);
  });

  it('waits, and looks at nothing, until it may be turned on; once it is on it mends all the same', async (t) => {
    const { keep, asked, store, later } = aCluster(t);
    assert.equal((await keep({ mayEnable: false })).end.kind, 'held');
    assert.deepEqual(asked(), ['status']);
    assert.equal(store.users.size, 0);
    await keep();
    store.apply({ kind: 'add-user', user: 'mallory' }, 'x');
    later(MINUTE_MS);
    assert.deepEqual((await keep({ mayEnable: false })).changes.map(textOf), ['delete-user mallory']);
  });

  it('removes users and changes back passwords that were made by hand, at the next look', async (t) => {
    const { keep, store, asked } = await aSettledCluster(t);
    store.apply({ kind: 'add-user', user: 'mallory' }, 'x');
    store.apply({ kind: 'grant-role', user: 'mallory', role: ROOT }, undefined);
    store.apply({ kind: 'change-password', user: 'app' }, 'x');
    const { end, changes } = await keep();
    assert.equal(end.kind, 'on');
    assert.deepEqual(changes.map(textOf), ['delete-user mallory', 'change-password app']);
    assert.equal(store.verdictOn('app', 'secret'), 'right');
    const checks = asked().filter((call) => call.startsWith('check '));
    assert.deepEqual(checks, ['check root', 'check app', 'check machine', 'check app']);
  });

  it('removes whom nobody declares also where it knows no password', async (t) => {
    const { keep, store, later } = aCluster(t);
    const auth = { enabled: true, rootPasswordSecret: { name: 'missing' } };
    await keep({ auth });
    later(MINUTE_MS);
    store.apply({ kind: 'add-user', user: 'mallory' }, 'x');
    assert.deepEqual((await keep({ auth })).changes.map(textOf), ['delete-user mallory']);
  });

  it('turns it on again where somebody has turned it off', async (t) => {
    const { keep, store } = await aSettledCluster(t);
    store.apply({ kind: 'disable' }, undefined);
    store.apply({ kind: 'change-password', user: 'app' }, 'x');
    assert.equal((await keep()).end.kind, 'on');
    assert.equal(store.enabled, true);
    assert.equal(store.verdictOn('app', 'secret'), 'right');
  });

  it('takes up a password that was changed in its Secret', async (t) => {
    const { keep, store, putPassword, asked } = await aSettledCluster(t);
    putPassword('app-password', 'another');
    assert.deepEqual((await keep()).changes.map(textOf), ['change-password app']);
    assert.equal(store.verdictOn('app', 'another'), 'right');
    const checks = asked().filter((call) => call.startsWith('check '));
    assert.deepEqual(checks, ['check app', 'check app'], 'nobody else is checked');
  });

  it('checks each password once in the life of an operator', async (t) => {
    const { keep, restart, asked, later } = await aSettledCluster(t);
    restart();
    assert.deepEqual((await keep()).changes, []);
    assert.deepEqual(asked(), ['status', 'roles', 'users', 'check root', 'check app', 'check machine']);
    later(MINUTE_MS);
    await keep();
    assert.deepEqual(asked(), ['status']);
  });

  it('makes a user anew who shall have no password any more', async (t) => {
    const { keep, store } = await aSettledCluster(t);
    await keep({ auth: { ...DECLARED, users: [{ name: 'app', roles: ['reader'] }, machine] } });
    assert.deepEqual(store.users.get('app'), { roles: ['reader'], password: undefined });
  });

  it('does everything else where a Secret or its key is missing, and removes nobody for it', async (t) => {
    const { keep, store, records, putPassword, later } = await aSettledCluster(t);
    const more = { name: 'more', passwordSecret: { name: 'more-password' } };
    const auth = { ...DECLARED, users: [app, more, machine] };
    records.put('app-password', undefined);
    putPassword('more-password', 'x', 'other');
    store.apply({ kind: 'revoke-role', user: 'app', role: 'reader' }, undefined);
    const { end } = await keep({ auth });
    assert.deepEqual(end.kind === 'on' && end.troubles, [
      { reason: 'SecretMissing', user: 'app', why: 'Secret app-password (of user app) does not exist' },
      {
        reason: 'SecretMissing',
        user: 'more',
        why: 'Secret more-password (of user more) has no key password',
      },
    ]);
    assert.deepEqual(store.users.get('app'), { roles: ['reader'], password: 'secret' });
    assert.equal(store.users.has('more'), false);
    putPassword('more-password', 'y');
    putPassword('app-password', 'z');
    later(MINUTE_MS);
    assert.deepEqual((await keep({ auth })).end, { kind: 'on', rootHasNoPassword: false, troubles: [] });
    assert.deepEqual([store.verdictOn('more', 'y'), store.verdictOn('app', 'z')], ['right', 'right']);
  });

  it('gives etcd no password that it would not take', async (t) => {
    const { keep, putPassword, store } = aCluster(t);
    for (const [password, why] of [
      ['', 'has an empty password'],
      ['é'.repeat(37), 'has a password of 74 bytes, and etcd takes 72 at most'],
      [Buffer.from('fffe', 'hex'), 'has a password that is no text in UTF-8'],
    ] as const) {
      putPassword('app-password', password);
      const { end } = await keep({ auth: { ...DECLARED, users: [app], roles: [reader, { name: why }] } });
      const user = 'app';
      const trouble = { reason: 'PasswordUnusable', user, why: `Secret app-password (of user app) ${why}` };
      assert.deepEqual(end.kind === 'on' && end.troubles, [trouble]);
    }
    assert.equal(store.users.has('app'), false);
    putPassword('app-password', 'secret\n');
    await keep();
    assert.equal(store.verdictOn('app', 'secret\n'), 'right', 'it is taken as it is');
  });

  it('makes root also while its Secret is missing, by a password that nobody has, until there is one', async (t) => {
    const { keep, store, putPassword, later } = aCluster(t);
    const auth = { ...DECLARED, rootPasswordSecret: { name: 'given' } };
    const { end } = await keep({ auth });
    assert.deepEqual(end.kind === 'on' && end.troubles.map(({ user }) => user), [ROOT]);
    assert.equal(store.enabled, true);
    assert.match(store.users.get(ROOT)?.password ?? '', /^[\w-]{32}$/);
    putPassword('given', 'mine');
    later(MINUTE_MS);
    await keep({ auth });
    assert.equal(store.users.get(ROOT)?.password, 'mine');
  });

  it('says of a root that somebody made without a password that it has none', async (t) => {
    const { keep, store } = aCluster(t);
    store.apply({ kind: 'add-user', user: ROOT }, undefined);
    store.apply({ kind: 'grant-role', user: ROOT, role: ROOT }, undefined);
    store.apply({ kind: 'enable' }, undefined);
    assert.deepEqual((await keep()).end, { kind: 'on', rootHasNoPassword: true, troubles: [] });
  });

  it('turns it off, leaves users and roles as they are, and reads no Secret for that', async (t) => {
    const { keep, store, records, later } = await aSettledCluster(t);
    const users = new Map(store.users);
    records.calls.length = 0;
    const { end, changes } = await keep({ auth: undefined });
    assert.deepEqual([end, changes], [{ kind: 'off' }, [{ kind: 'disable' }]]);
    assert.equal(store.enabled, false);
    assert.deepEqual(store.users, users);
    assert.deepEqual(records.calls, []);
    later(MINUTE_MS);
    assert.deepEqual((await keep({ auth: undefined })).changes, []);
  });

  it('asks three members at most, and believes only one of this very cluster', async (t) => {
    const { keep, etcd, asked } = aCluster(t);
    etcd.clusterId = etcdIdOfHex('cf') ?? CLUSTER;
    assert.equal((await keep()).end.kind, 'unknown');
    assert.deepEqual(asked(), ['status', 'status', 'status']);
    assert.equal(etcd.store.users.size, 0);
  });

  it('forgets what it knew where the cluster is another one', async (t) => {
    const { keep, etcd, asked } = await aSettledCluster(t);
    etcd.clusterId = etcdIdOfHex('cf') ?? CLUSTER;
    await keep({ clusterId: 'cf' });
    assert.ok(asked().includes('check app'));
  });

  it('tells nobody for half a minute that etcd does not answer', async (t) => {
    const { keep, etcd, later } = await aSettledCluster(t);
    etcd.silence = 'no leader';
    assert.deepEqual((await keep()).end, { kind: 'unknown' });
    later(30_000);
    assert.deepEqual((await keep()).end, { kind: 'delayed', why: 'no leader' });
    etcd.silence = undefined;
    assert.equal((await keep()).end.kind, 'on');
    etcd.silence = 'no leader';
    later(MINUTE_MS);
    assert.deepEqual((await keep()).end, { kind: 'unknown' }, 'patience begins anew');
  });

  it('finishes what was interrupted between any two changes, whether the last one was made or not', async (t) => {
    for (const [isMade, cut] of [true, false].flatMap((made) =>
      Array.from({ length: 9 }, (_, at) => [made, at] as const),
    )) {
      const { keep, etcd, store } = aCluster(t);
      const { change } = etcd;
      let calls = 0;
      etcd.change = async (...args) => {
        calls += 1;
        const isCut = calls === cut + 1;
        const answer = isCut && !isMade ? undefined : await change(...args);
        return isCut || answer === undefined ? { kind: 'unknown', why: 'connection reset' } : answer;
      };
      assert.equal((await keep()).end.kind, 'unknown', `cut at ${cut}`);
      assert.equal((await keep()).end.kind, 'on', `cut at ${cut}`);
      assert.deepEqual([...store.users.keys()].toSorted(), ['app', 'machine', 'root']);
      assert.equal(store.verdictOn('app', 'secret'), 'right');
    }
  });

  it('makes many changes in several passes, none of which takes long', async (t) => {
    const { keep, asked, store } = aCluster(t);
    const permissions = Array.from(
      { length: 64 },
      (_, index) => ({ access: 'Read', key: `${index}` }) as const,
    );
    const roles = Array.from({ length: 16 }, (_, index) => ({ name: `r${index}`, permissions }));
    let passes = 0;
    for (let end = ''; end !== 'on'; passes++) {
      ({ kind: end } = (await keep({ auth: { enabled: true, roles } })).end);
      assert.ok(end === 'on' || end === 'unfinished');
      assert.ok(asked().length <= 410);
    }
    assert.equal(passes, 4, 'the last one sees that all is well');
    assert.ok([...store.roles.values()].every(({ length }) => length === 64));
  });

  it('says who is in its way, and leaves etcd as it is', async (t) => {
    const { keep, records, asked } = aCluster(t);
    records.put('demo-root', { metadata: { name: 'demo-root', uid: 'u', resourceVersion: '1' }, data: {} });
    assert.deepEqual((await keep()).end, { kind: 'name-taken', secret: 'demo-root' });
    records.mode = { kind: 'refused', status: 403, reason: 'Forbidden', message: 'secrets is forbidden' };
    assert.equal((await keep()).end.kind, 'forbidden');
    records.mode = { kind: 'unknown', why: 'no answer in time' };
    assert.equal((await keep()).end.kind, 'unknown');
    assert.deepEqual(asked(), []);
  });

  it('tells no password by what it says', async (t) => {
    const cluster = aCluster(t);
    cluster.putPassword('app-password', 'hunter2-hunter2');
    const told = [await cluster.keep()];
    cluster.etcd.silence = 'no';
    cluster.later(MINUTE_MS);
    told.push(await cluster.keep());
    const root = cluster.store.users.get(ROOT)?.password ?? '';
    assert.notEqual(root, '');
    for (const secret of ['hunter2', root]) {
      assert.ok(!JSON.stringify(told).includes(secret));
    }
  });
});
