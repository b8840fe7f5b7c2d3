/** What agents may do, and what others may, where etcd asks clients who they are. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Etcd3 } from 'etcd3';
import { createPeerHttp } from '../../src/etcd/peer-http.ts';
import { ROOT } from '../../src/model/etcd-auth.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { createHttpClient } from '../../src/runtime/http-client.ts';
import { startEnabledEtcd } from './auth-etcd.ts';
import { etcdApiContract, listOf, statusOf } from './etcd-api-contract.ts';
import { type RealEtcd, startRealEtcd } from './real-etcd.ts';

for (const version of TESTED_ETCD_VERSIONS) {
  etcdApiContract(`etcd ${version} with authentication, asked by the name root,`, (t) =>
    startEnabledEtcd(t, version),
  );

  describe(`etcd ${version} with authentication`, { timeout: 120_000 }, () => {
    for (const who of ['app', 'nobody']) {
      it(`lets nobody called ${who} change its membership or read all of its data`, async (t) => {
        const etcd = await startEnabledEtcd(t, version);
        const url = etcd.clientUrl(0);
        await etcd.auth.change(url, { kind: 'add-user', user: 'app' }, undefined, t.signal);
        const { members, maintenance, auth } = await etcd.as(who);
        const self = (await statusOf(t, etcd, 0)).memberId;
        const changes = await Promise.all([
          members.addLearner(url, etcd.peerUrl(1), t.signal),
          members.remove(url, self, t.signal),
          members.updatePeerUrl(url, self, etcd.peerUrl(2), t.signal),
          members.promote(url, self, t.signal),
          members.moveLeader(url, self, t.signal),
        ]);
        assert.deepEqual(new Set(changes.map(({ kind }) => kind)), new Set(['refused']));
        const answers = await Promise.all([
          maintenance.hashKv(url, 0n, t.signal),
          maintenance.defragment(url, t.signal),
          auth.users(url, new Set(), t.signal),
          auth.change(url, { kind: 'add-user', user: 'more' }, undefined, t.signal),
          auth.change(url, { kind: 'disable' }, undefined, t.signal),
        ]);
        assert.deepEqual(new Set(answers.map(({ kind }) => kind)), new Set(['unknown']));
        assert.equal((await listOf(t, etcd, 0)).members[0]?.peerUrls[0], etcd.peerUrl(0));
      });
    }

    it('tells nobody without a name who is a member, and stays ready; its peer port tells', async (t) => {
      const etcd = await startRealEtcd(t, version);
      const url = etcd.clientUrl(0);
      await enablePlainly(t, etcd);
      for (const linearizable of [true, false]) {
        const list = await etcd.members.listMembers(url, linearizable, t.signal);
        assert.ok(list.kind === 'unknown');
        assert.match(list.why, /user name is empty/);
      }
      assert.equal((await etcd.maintenance.status(url, t.signal)).kind, 'unknown');
      const added = await etcd.members.addLearner(url, etcd.peerUrl(1), t.signal);
      assert.ok(added.kind === 'refused');
      assert.match(added.text, /user name is empty/);
      const http = createHttpClient();
      t.after(() => http.close());
      assert.equal((await createPeerHttp(http).localMembers(etcd.peerUrl(0), t.signal)).kind, 'answered');
      const { metricsUrl } = etcd.process(0);
      const ready = await http.send({ url: `${metricsUrl}/readyz`, timeoutMs: 5_000 }, t.signal);
      assert.ok(ready.kind === 'answered');
      assert.equal(ready.status, 200);
    });
  });
}

/** As a human would, in plain text. */
async function enablePlainly(t: TestContext, etcd: RealEtcd): Promise<void> {
  const client = new Etcd3({ hosts: etcd.clientUrl(0) });
  t.after(() => client.close());
  await client.user(ROOT).create('secret');
  await client.user(ROOT).addRole(ROOT);
  await client.auth.authEnable();
}
