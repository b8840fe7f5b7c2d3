import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AgentStatus, parseAgentStatus } from '../../src/model/agent-status.ts';
import { STAGES } from '../../src/model/decision.ts';
import { anAgentStatus } from '../support/an-agent-status.ts';

describe('the status of an agent', () => {
  it('is read back as another agent wrote it', () => {
    for (const stage of STAGES) {
      const status: AgentStatus = anAgentStatus({ stage });
      assert.deepEqual(parseAgentStatus(JSON.parse(JSON.stringify(status))), status);
    }
  });

  it('says nothing of data where an older agent wrote it', () => {
    const { data: _unsaid, ...older } = anAgentStatus();
    assert.deepEqual(parseAgentStatus(older), { ...older, data: null });
  });

  it('is invalid in a stage nobody knows', () => {
    const status = anAgentStatus();
    const parsed = parseAgentStatus({ ...status, decision: { ...status.decision, stage: 'done' } });
    assert.ok('invalid' in parsed);
    assert.match(parsed.invalid, /done/);
  });

  it('is invalid where it is anything else, and says so without throwing', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => assert.ok('invalid' in parseAgentStatus(json))));
  });
});
