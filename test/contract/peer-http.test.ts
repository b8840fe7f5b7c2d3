import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBootStatusApi } from '../../src/etcd/boot-status.ts';
import { createPeerHttp } from '../../src/etcd/peer-http.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { createHttpClient } from '../../src/runtime/http-client.ts';
import { versionOf } from '../support/a-render-input.ts';
import { joinedLearner, listOf, promoted, statusOf } from './etcd-api-contract.ts';
import { startRealEtcd } from './real-etcd.ts';

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`the peer port of etcd ${version}`, () => {
    it('says its version, and the list of its members under the same IDs as gRPC', async (t) => {
      const http = createHttpClient();
      t.after(() => http.close());
      const etcd = await startRealEtcd(t, version);
      const peers = createPeerHttp(http);
      assert.deepEqual(await peers.contact(etcd.peerUrl(0), t.signal), {
        kind: 'answers',
        etcdVersion: version,
      });
      assert.deepEqual(await peers.contact(etcd.peerUrl(1), t.signal), { kind: 'refuses' });
      const { major, minor } = versionOf(version);
      assert.deepEqual(await peers.clusterVersion(etcd.peerUrl(0), t.signal), { major, minor, patch: 0 });
      assert.equal(await peers.clusterVersion(etcd.peerUrl(1), t.signal), undefined);
      const learner = await joinedLearner(t, etcd, 1);
      const overHttp = await peers.localMembers(etcd.peerUrl(0), t.signal);
      assert.deepEqual(overHttp, { kind: 'answered', value: await listOf(t, etcd, 0) });
      const boot = createBootStatusApi(http, peers, etcd.process(1).metricsUrl, etcd.peerUrl(1));
      const seen = await boot.read(t.signal);
      assert.ok(seen.kind === 'learner', 'its metrics say that it is a learner');
      const { memberId, clusterId, isLearner, raftAppliedIndex } = seen.status;
      assert.deepEqual([memberId, isLearner], [learner, true]);
      assert.equal(clusterId, (await statusOf(t, etcd, 0)).clusterId);
      assert.ok(raftAppliedIndex <= (await statusOf(t, etcd, 1)).raftAppliedIndex);
      await promoted(t, etcd, learner);
      await etcd.process(0).stop('SIGKILL');
      assert.equal(
        (await peers.localMembers(etcd.peerUrl(1), t.signal)).kind,
        'answered',
        'without a quorum it still answers',
      );
      assert.equal((await boot.read(t.signal)).kind, 'alive', 'a voter is not taken for a learner');
      await etcd.process(1).stop('SIGKILL');
      assert.equal((await boot.read(t.signal)).kind, 'silent');
    });
  });
}
