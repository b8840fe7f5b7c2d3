import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BootStatus, createBootStatusApi } from '../../src/etcd/boot-status.ts';
import type { PeerHttp } from '../../src/etcd/peer-http.ts';
import type { HttpAnswer, HttpClient } from '../../src/runtime/http-client.ts';
import { CLUSTER, id } from '../support/a-member-view.ts';

const LEARNER = `# HELP etcd_server_is_learner Whether or not this member is a learner. 1 if is, 0 otherwise.
# TYPE etcd_server_is_learner gauge
etcd_server_is_learner 1
etcd_server_proposals_committed_total 1.234567e+06
etcd_server_proposals_applied_total 1.234560e+06
etcd_mvcc_db_total_size_in_bytes 20480
etcd_mvcc_db_total_size_in_use_in_bytes 16384
etcd_server_id{server_id="8211f1d0f64f3269"} 1
`;

function read(
  t: { signal: AbortSignal },
  page: HttpAnswer | string,
  list: 'answers' | 'silent' = 'answers',
): Promise<BootStatus> {
  const answer: HttpAnswer =
    typeof page === 'string' ? { kind: 'answered', status: 200, header: () => '', body: page } : page;
  const http: HttpClient = { send: async () => answer, close: async () => undefined };
  const peers: PeerHttp = {
    contact: async () => ({ kind: 'silent' }),
    clusterVersion: async () => undefined,
    localMembers: async () =>
      list === 'answers'
        ? { kind: 'answered', value: { clusterId: CLUSTER, members: [] } }
        : { kind: 'unknown', why: 'no answer in time' },
  };
  return createBootStatusApi(http, peers, 'http://m:2381', 'http://m:2380').read(t.signal);
}

describe('what an etcd says before its client port is open', () => {
  it('is nothing where its metrics listener does not answer as one', async (t) => {
    assert.deepEqual(await read(t, { kind: 'refused' }), { kind: 'silent' });
    const elsewhere: HttpAnswer = { kind: 'answered', status: 404, header: () => '', body: '' };
    assert.deepEqual(await read(t, elsewhere), { kind: 'silent' });
  });

  it('is that it lives where it is no learner', async (t) => {
    assert.deepEqual(await read(t, 'etcd_server_is_learner 0\n'), { kind: 'alive', hasLeader: false });
    assert.deepEqual(await read(t, ''), { kind: 'alive', hasLeader: false });
  });

  it('is that it lives and follows a leader where it is a voter that is about to open its client port', async (t) => {
    const page = 'etcd_server_is_learner 0\netcd_server_has_leader 1\n';
    assert.deepEqual(await read(t, page), { kind: 'alive', hasLeader: true });
  });

  it('is who it is and how far it has come where it is a learner', async (t) => {
    const seen = await read(t, LEARNER);
    assert.ok(seen.kind === 'learner');
    assert.deepEqual(seen.status, {
      clusterId: CLUSTER,
      memberId: id('8211f1d0f64f3269'),
      isLearner: true,
      leaderId: null,
      version: '',
      raftTerm: 0n,
      raftIndex: 1_234_567n,
      raftAppliedIndex: 1_234_560n,
      dbSizeBytes: 20_480,
      dbSizeInUseBytes: 16_384,
      errors: [],
    });
  });

  it('is only that it lives while it does not say who it is or of which cluster', async (t) => {
    assert.deepEqual(await read(t, LEARNER, 'silent'), { kind: 'alive', hasLeader: false });
    assert.deepEqual(await read(t, 'etcd_server_is_learner 1\n'), { kind: 'alive', hasLeader: false });
  });
});
