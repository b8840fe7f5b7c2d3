import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { createPeerHttp, type PeerHttp } from '../../src/etcd/peer-http.ts';
import { createHttpClient } from '../../src/runtime/http-client.ts';
import { refusingOrigin, serveHttp, serveTcp } from '../support/http-origin.ts';

function peers(t: TestContext): PeerHttp {
  const http = createHttpClient();
  t.after(() => http.close());
  return createPeerHttp(http);
}

function answering(body: string, status = 200, clusterId = 'cdf818194e3a8c32'): RequestListener {
  return (_request, response) => {
    response.writeHead(status, clusterId === '' ? {} : { 'X-Etcd-Cluster-ID': clusterId });
    response.end(body);
  };
}

describe('a peer port', () => {
  it('answers with the version of its etcd', async (t) => {
    const origin = await serveHttp(
      t,
      answering('{"etcdserver":"3.6.16","etcdcluster":"3.6.0","storage":"3.6.0"}'),
    );
    assert.deepEqual(await peers(t).contact(origin, t.signal), { kind: 'answers', etcdVersion: '3.6.16' });
  });

  it('says the cluster version that its member has applied, once there is one', async (t) => {
    const versionAt = async (body: string, status = 200) =>
      peers(t).clusterVersion(await serveHttp(t, answering(body, status)), t.signal);
    assert.deepEqual(await versionAt('{"etcdserver":"3.7.3","etcdcluster":"3.6.0"}'), {
      major: 3,
      minor: 6,
      patch: 0,
    });
    assert.equal(await versionAt('{"etcdserver":"3.7.3","etcdcluster":"not_decided"}'), undefined);
    assert.equal(await versionAt('{"etcdserver":"3.7.3"}'), undefined);
    assert.equal(await versionAt('404 page not found', 404), undefined);
    assert.equal(await peers(t).clusterVersion(await refusingOrigin(), t.signal), undefined);
    assert.equal(await peers(t).clusterVersion(await serveTcp(t), t.signal), undefined);
  });

  it('refuses, is silent, or belongs to somebody else', async (t) => {
    const asked = peers(t);
    assert.deepEqual(await asked.contact(await refusingOrigin(), t.signal), { kind: 'refuses' });
    assert.deepEqual(await asked.contact(await serveTcp(t), t.signal), { kind: 'silent' });
    const stranger = await asked.contact(await serveHttp(t, answering('404 page not found', 404)), t.signal);
    assert.ok(stranger.kind === 'misdirected');
    assert.match(stranger.why, /answers 404 and is no etcd/);
  });

  it('lists members under IDs that no double can hold', async (t) => {
    const body =
      '[{"id":9372538179322589801,"peerURLs":["http://127.0.0.1:2380"],"name":"m0","clientURLs":["http://127.0.0.1:2379"]},' +
      '{"id":18446744073709551615,"peerURLs":["http://127.0.0.2:2380"],"isLearner":true}]\n';
    const answer = await peers(t).localMembers(await serveHttp(t, answering(body)), t.signal);
    assert.deepEqual(answer, {
      kind: 'answered',
      value: {
        clusterId: 'cdf818194e3a8c32',
        members: [
          {
            id: '8211f1d0f64f3269',
            name: 'm0',
            isLearner: false,
            peerUrls: ['http://127.0.0.1:2380'],
            clientUrls: ['http://127.0.0.1:2379'],
          },
          {
            id: 'ffffffffffffffff',
            name: '',
            isLearner: true,
            peerUrls: ['http://127.0.0.2:2380'],
            clientUrls: [],
          },
        ],
      },
    });
  });

  it('takes no name that looks like an ID for one', async (t) => {
    const name = '"id":7';
    const body = JSON.stringify([{ id: 12, peerURLs: [], name, clientURLs: null }]);
    const answer = await peers(t).localMembers(await serveHttp(t, answering(body)), t.signal);
    assert.ok(answer.kind === 'answered');
    assert.deepEqual(
      answer.value.members.map((member) => [member.id, member.name]),
      [['c', name]],
    );
  });

  it('lists nobody where its answer is no list', async (t) => {
    const member = '[{"id":1,"peerURLs":[]}]';
    const listeners = [
      answering(member, 500),
      answering(member, 200, ''),
      answering(member, 200, '0'),
      answering('{"id":1}'),
      answering('not JSON'),
      answering('[{"id":-1,"peerURLs":[]}]'),
    ];
    for (const listener of listeners) {
      const answer = await peers(t).localMembers(await serveHttp(t, listener), t.signal);
      assert.equal(answer.kind, 'unknown');
    }
    const refused = await peers(t).localMembers(await refusingOrigin(), t.signal);
    assert.deepEqual(refused, { kind: 'unknown', why: 'connection refused' });
    const silent = await peers(t).localMembers(await serveTcp(t), t.signal);
    assert.deepEqual(silent, { kind: 'unknown', why: 'no answer in time' });
  });
});
