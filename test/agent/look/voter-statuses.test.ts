import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusesOfVoters } from '../../../src/agent/look/voter-statuses.ts';
import { aMember, aQuorum, memberId } from '../../support/a-member-view.ts';
import { aFakeEtcd } from '../../support/fake-etcd.ts';

describe('what the voters say of themselves', () => {
  const etcd = aFakeEtcd(4);
  const at = (ordinal: number) => ({ clientUrls: [etcd.clientUrl(ordinal)] });

  it('is asked of voters whose port answers, and of nobody else', async (t) => {
    etcd.kill(2);
    const members = [
      aMember(0, at(0)),
      aMember(1, { ...at(1), contact: { kind: 'refuses' } }),
      aMember(2, at(2)),
      aMember(3, { ...at(3), isLearner: true }),
      aMember(5, { clientUrls: [] }),
    ];
    const statuses = await statusesOfVoters(etcd, aQuorum(members), t.signal);
    assert.deepEqual([...statuses.keys()], [memberId(0)]);
    assert.deepEqual(etcd.calls, [`status ${etcd.clientUrl(0)}`, `status ${etcd.clientUrl(2)}`]);
  });

  it('is nothing without a quorum', async (t) => {
    const statuses = await statusesOfVoters(etcd, { kind: 'unasked' }, t.signal);
    assert.equal(statuses.size, 0);
  });
});
