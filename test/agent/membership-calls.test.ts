import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAgentMetrics } from '../../src/agent/agent-metrics.ts';
import { createMembershipCalls } from '../../src/agent/membership-calls.ts';
import { aManualClock } from '../support/a-clock.ts';
import { captureLog } from '../support/captured-log.ts';

describe('a membership call', () => {
  it('is one line and one count, whatever came of it', async () => {
    const { logger, lines } = captureLog();
    const metrics = createAgentMetrics();
    const clock = aManualClock();
    const calls = createMembershipCalls(logger, metrics, clock);
    const outcome = await calls.count('MemberRemove', { memberId: 'a2' }, async () => {
      clock.advance(12.4);
      return { kind: 'done' };
    });
    assert.deepEqual(outcome, { kind: 'done' });
    await calls.count('MemberAdd', {}, async () => ({ kind: 'unknown', why: 'no answer in time' }));
    assert.deepEqual(lines, [
      {
        level: 'info',
        membershipCall: 'MemberRemove',
        memberId: 'a2',
        durationMs: 12,
        outcome: { kind: 'done' },
        msg: 'MemberRemove done',
      },
      {
        level: 'warn',
        membershipCall: 'MemberAdd',
        durationMs: 0,
        outcome: { kind: 'unknown', why: 'no answer in time' },
        msg: 'MemberAdd unknown',
      },
    ]);
    const page = await metrics.registry.metrics();
    assert.match(page, /quorate_agent_membership_calls_total\{call="MemberRemove",outcome="done"\} 1/);
    assert.match(page, /quorate_agent_membership_calls_total\{call="MemberAdd",outcome="unknown"\} 1/);
  });
});

describe('the metrics of an agent', () => {
  it('show one stage at a time', async () => {
    const metrics = createAgentMetrics();
    metrics.showStage({ kind: 'wait', stage: 'joining', reason: 'JoinTurn', message: 'Wait.' });
    metrics.showStage({ kind: 'settled', stage: 'serving', reason: 'Serving', message: 'Serving.' });
    const page = await metrics.registry.metrics();
    assert.match(page, /quorate_agent_stage\{stage="serving"\} 1/);
    assert.match(page, /quorate_agent_stage\{stage="joining"\} 0/);
    assert.match(page, /process_resident_memory_bytes [1-9]/);
    assert.match(page, /nodejs_heap_size_used_bytes [1-9]/);
  });

  it('are an agent’s own: two in one process do not meet', async () => {
    const [one, other] = [createAgentMetrics(), createAgentMetrics()];
    one.apiCalls.inc({ method: 'GET', answered: 'true' });
    assert.doesNotMatch(await other.registry.metrics(), /quorate_agent_api_calls_total\{/);
  });
});
