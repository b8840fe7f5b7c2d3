import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { Etcd3 } from 'etcd3';
import { DEFAULT_ETCD_VERSION, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { until } from '../support/until-given.ts';
import { joinedLearner, listOf, promoted, refusalOf, statusOf } from './etcd-api-contract.ts';
import { startRealEtcd } from './real-etcd.ts';

describe('a real etcd', () => {
  for (const version of TESTED_ETCD_VERSIONS) {
    it(`${version} lifts its NOSPACE alarm when it is told to`, async (t) => {
      const etcd = await startRealEtcd(t, version, { 'quota-backend-bytes': 65_536 });
      const client = new Etcd3({ hosts: etcd.clientUrl(0) });
      t.after(() => client.close());
      await until(async () => {
        const written = await client
          .put('big')
          .value('x'.repeat(16_384))
          .exec()
          .then(
            () => true,
            () => false,
          );
        return !written && (await statusOf(t, etcd, 0)).errors.some((error) => error.includes('NOSPACE'));
      });
      const lifted = await etcd.maintenance.disarmSpaceAlarm(etcd.clientUrl(0), t.signal);
      assert.deepEqual(lifted, { kind: 'answered', value: undefined });
      assert.deepEqual((await statusOf(t, etcd, 0)).errors, []);
      const again = await etcd.maintenance.disarmSpaceAlarm(etcd.clientUrl(0), t.signal);
      assert.equal(again.kind, 'answered', 'no alarm is nothing to lift');
    });
  }

  it('refuses to remove a started voter beside one that never started', async (t) => {
    const etcd = await startRealEtcd(t, DEFAULT_ETCD_VERSION);
    const client = new Etcd3({ hosts: etcd.clientUrl(0) });
    t.after(() => client.close());
    const self = (await statusOf(t, etcd, 0)).memberId;
    await client.cluster.memberAdd({ peerURLs: [etcd.peerUrl(1)] });
    assert.equal(
      refusalOf(await etcd.members.remove(etcd.clientUrl(0), self, t.signal)),
      'not-enough-started',
    );
  });

  it('that drops a change is given up by our deadline, before its own', async (t) => {
    const etcd = await startRealEtcd(t, DEFAULT_ETCD_VERSION, { 'strict-reconfig-check': false });
    await promoted(t, etcd, await joinedLearner(t, etcd, 1));
    etcd.freeze(1);
    const outcome = await etcd.members.addLearner(etcd.clientUrl(0), etcd.peerUrl(2), t.signal);
    assert.ok(outcome.kind === 'unknown');
    // Server and client both watch the deadline; either may be the first to say so.
    assert.match(outcome.why, /Deadline exceeded|Call cancelled/i);
    etcd.thaw(1);
    await until(async () => {
      const list = await etcd.members.listMembers(etcd.clientUrl(0), true, t.signal);
      return list.kind === 'answered' && list.value.members.length === 3;
    });
  });

  it('without a quorum knows no leader', async (t) => {
    const etcd = await startRealEtcd(t, DEFAULT_ETCD_VERSION);
    await promoted(t, etcd, await joinedLearner(t, etcd, 1));
    await etcd.process(1).stop('SIGKILL');
    await until(async () => (await statusOf(t, etcd, 0)).leaderId === null);
    const list = await etcd.members.listMembers(etcd.clientUrl(0), true, t.signal);
    assert.equal(list.kind, 'unknown');
  });

  it('is asked again at once after many time-outs: no circuit breaker stands between', async (t) => {
    const etcd = await startRealEtcd(t, DEFAULT_ETCD_VERSION);
    etcd.freeze(0);
    const asked = Array.from({ length: 20 }, () => etcd.maintenance.status(etcd.clientUrl(0), t.signal));
    assert.ok((await Promise.all(asked)).every((answer) => answer.kind === 'unknown'));
    etcd.thaw(0);
    assert.equal((await etcd.maintenance.status(etcd.clientUrl(0), t.signal)).kind, 'answered');
  });

  it('is found again after its port was dead', async (t) => {
    const etcd = await startRealEtcd(t, DEFAULT_ETCD_VERSION);
    const dead = `http://${etcd.address(1)}:2379`;
    for (let attempt = 0; attempt < 20; attempt++) {
      assert.equal((await etcd.maintenance.status(dead, t.signal)).kind, 'unknown');
    }
    const proxy = createServer((socket) => {
      const upstream = connect(2379, etcd.address(0));
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      socket.once('close', () => upstream.destroy());
    });
    proxy.listen(2379, etcd.address(1));
    await until(async () => (await etcd.maintenance.status(dead, t.signal)).kind === 'answered');
    const list = await etcd.members.listMembers(dead, true, t.signal);
    assert.deepEqual(list, { kind: 'answered', value: await listOf(t, etcd, 0) });
    proxy.close();
  });
});
