/** How real etcd takes the certificates we issue, and what it does when they change. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../src/etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../../src/etcd/etcd3-member-api.ts';
import { createPeerHttp } from '../../src/etcd/peer-http.ts';
import type { EtcdStart } from '../../src/etcd/render-config.ts';
import { maxLearnersOf, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { clientUrlOf, memberNameOf, peerUrlOf } from '../../src/model/naming.ts';
import { issueAuthority } from '../../src/pki/x509-issuer.ts';
import { createHttpClient } from '../../src/runtime/http-client.ts';
import type { TlsMaterial } from '../../src/runtime/tls-material.ts';
import { versionOf } from '../support/a-render-input.ts';
import { untilGiven } from '../support/until-given.ts';
import { aTlsCluster, type TlsCluster } from './tls-cluster.ts';

const DAY_MS = 86_400_000;

for (const version of TESTED_ETCD_VERSIONS) {
  const maxLearners = maxLearnersOf(versionOf(version));
  const seed: EtcdStart = { kind: 'seed', token: 'tls', maxLearners };

  describe(`etcd ${version} over TLS`, { timeout: 120_000 }, () => {
    it('forms, takes a learner in and promotes it; its peer port shows and asks for certificates', async (t) => {
      const cluster = await aTlsCluster(t, version);
      await cluster.start(0, seed);
      const shown = await cluster.client();
      const { members, maintenance, peers } = apisOf(t, () => shown);
      const [first, second] = [clientUrlOf(cluster.names, 0), peerUrlOf(cluster.names, 1)];
      assert.equal((await members.addLearner(first, second, t.signal)).kind, 'done');
      await cluster.start(1, joining(cluster, [0, 1], maxLearners), { until: 'live' });
      const learner = await untilGiven(async () => {
        const list = await members.listMembers(first, true, t.signal);
        return list.kind === 'answered' ? list.value.members.find(({ isLearner }) => isLearner) : undefined;
      });
      await untilGiven(async () => {
        const outcome = await members.promote(first, learner.id, t.signal);
        return outcome.kind === 'done' ? outcome : undefined;
      });
      const hashes = await maintenance.hashKv(first, 0n, t.signal);
      assert.equal(hashes.kind, 'answered');
      assert.equal((await peers.contact(second, t.signal)).kind, 'answers');
      assert.equal((await apisOf(t, () => undefined).peers.contact(second, t.signal)).kind, 'silent');
    });

    it('refuses who shows nothing, shows a stranger’s certificate, or speaks plain text', async (t) => {
      const cluster = await aTlsCluster(t, version);
      await cluster.start(0, seed);
      const url = clientUrlOf(cluster.names, 0);
      const strangers = await issueAuthority('etcd-ca-test', Date.now(), DAY_MS);
      const stranger = await cluster.client({}, strangers);
      for (const [what, clientUrl] of [
        [stranger, url],
        [undefined, url],
        [undefined, url.replace('https', 'http')],
      ] as const) {
        const answer = await apisOf(t, () => what).members.listMembers(clientUrl, true, t.signal);
        assert.equal(answer.kind, 'unknown');
      }
      const friend = await cluster.client();
      assert.equal((await apisOf(t, () => friend).members.listMembers(url, true, t.signal)).kind, 'answered');
    });

    it('opens its peer port to peers alone, and to no client of the same authority', async (t) => {
      const cluster = await aTlsCluster(t, version);
      const { files } = cluster;
      await cluster.putLeaf({ commonName: 'etcd-peer' });
      await cluster.start(0, seed, {
        tls: { client: files, peer: files, peerName: 'etcd-peer', takesPlainClients: false },
      });
      const url = peerUrlOf(cluster.names, 0);
      const client = await cluster.client({ ipAddresses: [] });
      const peer = await cluster.client({ commonName: 'etcd-peer' });
      assert.equal((await apisOf(t, () => client).peers.contact(url, t.signal)).kind, 'silent');
      assert.equal((await apisOf(t, () => peer).peers.contact(url, t.signal)).kind, 'answers');
    });

    it('is not believed where its certificate is for other names, or by an authority nobody trusts', async (t) => {
      const cluster = await aTlsCluster(t, version);
      await cluster.putLeaf({ dnsNames: ['other.invalid'], ipAddresses: [] });
      await cluster.start(0, seed);
      const shown = await cluster.client();
      const url = clientUrlOf(cluster.names, 0);
      const misnamed = await apisOf(t, () => shown).members.listMembers(url, true, t.signal);
      assert.equal(misnamed.kind, 'unknown');
      await cluster.putLeaf({}, await issueAuthority('etcd-ca-test', Date.now(), DAY_MS));
      const untrusted = await apisOf(t, () => shown).members.listMembers(url, true, t.signal);
      assert.equal(untrusted.kind, 'unknown');
      await cluster.putLeaf();
      const right = await apisOf(t, () => shown).members.listMembers(url, true, t.signal);
      assert.equal(right.kind, 'answered', 'the files are read at each handshake');
    });

    it('takes up a new certificate with the next handshake, and what it trusts only with the next start', async (t) => {
      const cluster = await aTlsCluster(t, version);
      const etcd = await cluster.start(0, seed);
      const next = await issueAuthority('etcd-ca-next', Date.now(), DAY_MS);
      const shown = {
        ...(await cluster.client({}, next)),
        authorities: cluster.authority.certificate + next.certificate,
      };
      const url = clientUrlOf(cluster.names, 0);
      const ask = () => apisOf(t, () => shown).members.listMembers(url, true, t.signal);
      await cluster.putTrust(cluster.authority.certificate + next.certificate);
      assert.equal((await ask()).kind, 'unknown', 'it trusts what it has read at its start');
      await etcd.stop();
      const again = await cluster.start(0, { kind: 'resume', maxLearners, initialCorruptCheck: false });
      assert.equal((await ask()).kind, 'answered');
      await cluster.putLeaf({}, next);
      assert.equal((await ask()).kind, 'answered');
      await again.stop();
    });

    it('serves clients of both kinds on one port on the way to TLS', async (t) => {
      const cluster = await aTlsCluster(t, version);
      const { files } = cluster;
      const names = { clientScheme: 'http', peerScheme: 'http' } as const;
      await cluster.start(0, seed, { names, tls: { client: files, peer: files, takesPlainClients: false } });
      const shown = await cluster.client();
      const url = clientUrlOf(cluster.names, 0);
      const { members } = apisOf(t, () => shown);
      assert.equal((await members.listMembers(url, true, t.signal)).kind, 'answered');
      const plain = await members.listMembers(url.replace('https', 'http'), true, t.signal);
      assert.equal(plain.kind, 'answered');
    });
  });
}

function apisOf(t: TestContext, identity: () => TlsMaterial | undefined) {
  const clients = createEtcd3Clients(undefined, identity);
  const http = createHttpClient({ identity });
  t.after(async () => {
    clients.close();
    await http.close();
  });
  return {
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    peers: createPeerHttp(http),
  };
}

function joining({ names }: TlsCluster, ordinals: readonly number[], maxLearners: number): EtcdStart {
  const initialCluster = ordinals.map((ordinal) => ({
    name: memberNameOf(names, ordinal),
    peerUrl: peerUrlOf(names, ordinal),
  }));
  return { kind: 'join', token: 'tls', maxLearners, initialCluster };
}
