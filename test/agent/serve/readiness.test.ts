import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readinessOf } from '../../../src/agent/serve/readiness.ts';
import { anAgentStatus } from '../../support/an-agent-status.ts';
import { aFakeEtcd } from '../../support/fake-etcd.ts';

describe('readiness', () => {
  it('is a voter through which a linearizable read works', async (t) => {
    const etcd = aFakeEtcd();
    const ready = await readinessOf(anAgentStatus(), etcd.members, etcd.clientUrl(0), t.signal);
    assert.deepEqual(ready, { ready: true, why: 'voter; a linearizable read works' });
  });

  it('is missing without a quorum, and says what etcd said', async (t) => {
    const etcd = aFakeEtcd(2);
    etcd.kill(1);
    const ready = await readinessOf(anAgentStatus(), etcd.members, etcd.clientUrl(0), t.signal);
    assert.equal(ready.ready, false);
    assert.match(ready.why, /no linearizable read: .*request timed out/);
  });

  it('is missing before the member serves, and etcd is not asked', async (t) => {
    const etcd = aFakeEtcd();
    const { etcd: running, ...status } = anAgentStatus();
    const notReady = [
      anAgentStatus({ stage: 'promoting' }),
      { ...status, etcd: { ...running, isLearner: true } },
      { ...status, etcd: { ...running, state: 'starting' as const } },
    ];
    for (const each of notReady) {
      const { ready, why } = await readinessOf(each, etcd.members, etcd.clientUrl(0), t.signal);
      assert.deepEqual([ready, why], [false, 'Serving: Serving as leader.']);
    }
    assert.deepEqual(etcd.calls, []);
  });
});
