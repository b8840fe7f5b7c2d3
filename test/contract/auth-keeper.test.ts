/** What the operator does with users and roles, by its own certificate, on real etcd. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createEtcd3AuthApi } from '../../src/etcd/etcd3-auth-api.ts';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { openAuthDoor } from '../../src/etcd/lazy-auth-door.ts';
import { type AuthChange, ROOT } from '../../src/model/etcd-auth.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { clientUrlOf } from '../../src/model/naming.ts';
import { AuthKeeper, type AuthOf } from '../../src/operator/auth/auth-keeper.ts';
import { objectNamesOf } from '../../src/resources/names.ts';
import { fakeRecords } from '../operator/election/fake-records.ts';
import { textOf } from '../support/fake-auth-api.ts';
import { aTlsCluster } from './tls-cluster.ts';

const HOST = 'demo-0.demo-peer.shop.svc.cluster.local';
const LABELS = { 'etcd.etcd.io/cluster': 'demo', 'app.kubernetes.io/managed-by': 'quorate' };

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`the keeper of authentication, beside etcd ${version}`, { timeout: 120_000 }, () => {
    it('finds a member by its address and its name, makes what is declared, mends it, and turns it off', async (t) => {
      const cluster = await aTlsCluster(t, version);
      await cluster.putLeaf({ dnsNames: [HOST], ipAddresses: ['127.0.0.1'] });
      await cluster.start(0, { kind: 'seed', token: 'keeper', maxLearners: 1 });
      const dialUrl = clientUrlOf(cluster.names, 0);
      const root = await cluster.client({ commonName: ROOT, ipAddresses: [] });
      const member = { clientUrl: `https://${HOST}:2379`, dialUrl };
      const door = await openAuthDoor([member], root);
      t.after(() => door.close());
      const status = await door.api.status(member.clientUrl, t.signal);
      assert.ok(status.kind === 'answered', inspect(status));
      const records = fakeRecords();
      const putPassword = (password: string): void =>
        records.put('app-password', {
          metadata: { name: 'app-password', uid: 'u', resourceVersion: '1' },
          data: { password: Buffer.from(password).toString('base64') },
        });
      putPassword('secret');
      let nowMs = Date.now();
      const keeper = new AuthKeeper({ secrets: records, open: openAuthDoor, nowMs: () => nowMs });
      const declared: AuthOf = {
        key: 'shop/demo',
        namespace: 'shop',
        names: objectNamesOf('demo'),
        clusterId: status.value.clusterId,
        members: [member],
        auth: {
          users: [
            { name: 'app', roles: ['app'], passwordSecret: { name: 'app-password' } },
            { name: 'machine', roles: ['app', ROOT] },
          ],
          roles: [
            {
              name: 'app',
              permissions: [
                { access: 'ReadWrite', key: '/app/', prefix: true },
                { access: 'Read', key: '/app/' },
                { access: 'Read', key: '', prefix: true },
              ],
            },
          ],
        },
        mayEnable: true,
        metadataOf: (name) => ({ name, namespace: 'shop', labels: LABELS }),
        identity: async () => root,
      };
      const keep = async (cluster = declared) => {
        nowMs += 60_000;
        const { end, changes } = await keeper.keep(cluster, t.signal);
        return [end.kind, changes.map(textOf)];
      };
      const made = await keep();
      assert.equal(made[0], 'on');
      assert.deepEqual(made[1]?.slice(-1), ['enable']);
      assert.deepEqual(await keep(), ['on', []]);
      const verdict = (password: string) =>
        door.api.checkPassword(member.clientUrl, 'app', password, t.signal);
      assert.deepEqual(await verdict('secret'), { kind: 'answered', value: 'right' });

      const byHand: readonly (readonly [AuthChange, string?])[] = [
        [{ kind: 'add-user', user: 'mallory' }, 'x'],
        [{ kind: 'grant-role', user: 'mallory', role: ROOT }],
        [{ kind: 'change-password', user: 'app' }, 'x'],
        [{ kind: 'delete-user', user: 'machine' }],
        [{ kind: 'add-user', user: 'machine' }, 'x'],
        [
          {
            kind: 'grant-permission',
            role: 'app',
            permission: { key: '2f6170702f', rangeEnd: '2f61707030', access: 'Read' },
          },
        ],
        [{ kind: 'add-role', role: 'more' }],
      ];
      for (const [change, password] of byHand) {
        assert.equal((await door.api.change(member.clientUrl, change, password, t.signal)).kind, 'answered');
      }
      assert.equal((await keep())[0], 'on');
      const users = await door.api.users(member.clientUrl, new Set(['app', 'machine', ROOT]), t.signal);
      assert.deepEqual(
        users.kind === 'answered' && new Map([...users.value].toSorted()),
        new Map([
          ['app', ['app']],
          ['machine', ['app', ROOT]],
          [ROOT, [ROOT]],
        ]),
      );
      const roles = await door.api.roles(member.clientUrl, new Set(['app']), t.signal);
      assert.deepEqual(roles.kind === 'answered' && [...roles.value.keys()], ['app']);
      const permissions = roles.kind === 'answered' ? (roles.value.get('app') ?? []) : [];
      assert.deepEqual(
        permissions.map(({ key, rangeEnd, access }) => `${key} ${rangeEnd} ${access}`).toSorted(),
        ['00 00 Read', '2f6170702f  Read', '2f6170702f 2f61707030 ReadWrite'],
      );
      assert.deepEqual(await verdict('secret'), { kind: 'answered', value: 'right' });
      const none = await door.api.checkPassword(member.clientUrl, 'machine', 'x', t.signal);
      assert.deepEqual(none, { kind: 'answered', value: 'no-password' });

      putPassword('another');
      assert.deepEqual(await keep(), ['on', ['change-password app']]);
      assert.deepEqual(await verdict('another'), { kind: 'answered', value: 'right' });
      assert.deepEqual(await keep({ ...declared, auth: undefined }), ['off', ['disable']]);
    });

    it('believes no member whose certificate is for another name', async (t) => {
      const cluster = await aTlsCluster(t, version);
      await cluster.putLeaf({ dnsNames: ['other.invalid'], ipAddresses: ['127.0.0.1'] });
      await cluster.start(0, { kind: 'seed', token: 'keeper', maxLearners: 1 });
      const root = await cluster.client({ commonName: ROOT, ipAddresses: [] });
      const clients = createEtcd3Clients(
        async () => clientUrlOf(cluster.names, 0),
        () => root,
      );
      t.after(() => clients.close());
      const asked = await createEtcd3AuthApi(clients).status(`https://${HOST}:2379`, t.signal);
      assert.equal(asked.kind, 'unknown');
    });
  });
}
