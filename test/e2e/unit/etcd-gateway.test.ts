import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEtcdGateway, type EtcdGateway } from '../support/etcd-gateway.ts';

const HEADER = { cluster_id: '9114844667290087631', member_id: '14016019041248915936', revision: '7' };

describe('etcd over its JSON gateway', () => {
  it('lists members by hexadecimal IDs, confirmed by a quorum', async () => {
    const asked: unknown[] = [];
    const gateway = gatewayOf(
      {
        header: HEADER,
        members: [
          { ID: '7971143293213172641', name: 'demo-1' },
          { ID: '1', isLearner: true },
        ],
      },
      asked,
    );
    assert.deepEqual(await gateway.listMembers('demo-0'), {
      clusterId: '7e7e6eeeb0b070cf',
      members: [
        { id: '6e9f30979db563a1', name: 'demo-1', isLearner: false },
        { id: '1', name: '', isLearner: true },
      ],
    });
    assert.deepEqual(asked[0], { linearizable: true });
  });

  it('knows a member without a leader', async () => {
    const { leaderId, memberId } = await gatewayOf({ header: HEADER, version: '3.6.16' }).status('demo-0');
    assert.equal(leaderId, '');
    assert.equal(memberId, 'c282e70ed6c0b1e0');
  });

  it('reads a hash with the revision it is of', async () => {
    const hash = await gatewayOf({ header: HEADER, hash: 5, compact_revision: '-1' }).hashKv('demo-0');
    assert.deepEqual(hash, { hash: 5, revision: '7', compactRevision: '-1' });
  });

  it('throws what was said instead of an answer', async () => {
    const gateway = createEtcdGateway(async () => ({ kind: 'answered', status: 503, body: 'no endpoints' }));
    await assert.rejects(gateway.status('demo-0'), /etcd of demo-0 did not answer .*503 no endpoints/);
  });
});

function gatewayOf(body: unknown, asked: unknown[] = []): EtcdGateway {
  return createEtcdGateway(async (_pod, _path, json) => {
    asked.push(json);
    return { kind: 'answered', status: 200, body: JSON.stringify(body) };
  });
}
