import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { waitForEnd } from '../../../src/agent/leave/ending.ts';
import type { LeaveVerdict } from '../../../src/decide/leave-verdict.ts';
import type { LocalEtcd } from '../../../src/model/local-etcd.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { memberId } from '../../support/a-member-view.ts';

const LEFT: LeaveVerdict = {
  kind: 'leave',
  reason: 'ScaledAway',
  message: '',
  memberId: memberId(1),
  voterUrl: 'http://127.80.0.10:2379',
};
const STAYED: LeaveVerdict = { kind: 'stay', reason: 'Hibernation', message: '' };
const ALIVE: LocalEtcd = { kind: 'unresponsive' };
const ENDED: LocalEtcd = { kind: 'absent' };
/** Small, so that the test is quick: nothing here is timed. */
const LAG_MS = 1;

function anEnding(t: TestContext, looks: readonly LocalEtcd[], runtimeLagMs = LAG_MS) {
  const clock = aManualClock();
  let looked = 0;
  const look = async (): Promise<LocalEtcd> => {
    clock.advance(1_000);
    const seen = looks[Math.min(looked, looks.length - 1)];
    looked += 1;
    assert.ok(seen !== undefined);
    return seen;
  };
  return {
    looked: () => looked,
    wait: (verdict: LeaveVerdict, signal = t.signal) =>
      waitForEnd({ clock, etcd: { look }, config: { runtimeLagMs } }, verdict, signal),
  };
}

describe('the end of a removed member', () => {
  it('is waited for: a container that is stopped while it ends costs the whole grace period', async (t) => {
    const { wait, looked } = anEnding(t, [
      ALIVE,
      { kind: 'starting', sinceMs: 0, alive: true, hasLeader: false },
      ENDED,
    ]);
    assert.equal(await wait(LEFT), LEFT);
    assert.equal(looked(), 3);
  });

  it('is waited for when somebody else removed the member', async (t) => {
    const { wait, looked } = anEnding(t, [ALIVE, ENDED]);
    await wait({ kind: 'already-gone', reason: 'AlreadyGone', message: '', memberId: memberId(1) });
    assert.equal(looked(), 2);
  });

  it('is not waited for by a member that stays', async (t) => {
    const { wait, looked } = anEnding(t, [ALIVE]);
    assert.equal(await wait(STAYED), STAYED);
    assert.equal(looked(), 0);
  });

  it('is not waited for where no container runtime has to notice it', async (t) => {
    const { wait, looked } = anEnding(t, [ALIVE], 0);
    await wait(LEFT);
    assert.equal(looked(), 0);
  });

  it('is not waited for longer than three seconds: an etcd that hangs gets its signal', async (t) => {
    const { wait, looked } = anEnding(t, [ALIVE]);
    await wait(LEFT);
    assert.equal(looked(), 3);
  });

  it('is not waited for once the agent is told to stop', async (t) => {
    const { wait, looked } = anEnding(t, [ALIVE]);
    await wait(LEFT, AbortSignal.abort());
    assert.equal(looked(), 1);
  });
});
