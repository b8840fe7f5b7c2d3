import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentLook, costBetween } from '../../src/bench/measure-settled.ts';

function aLook(change: Partial<AgentLook> = {}): AgentLook {
  return {
    pid: 7,
    atMs: 0,
    usage: { cpuMs: 400, residentBytes: 79_000_000, proportionalBytes: 30_000_000 },
    reportedBytes: 78_000_000,
    apiCalls: 5,
    ...change,
  };
}

test('what an agent costs is what it used between two looks', () => {
  const after = aLook({
    atMs: 60_000,
    apiCalls: 6,
    usage: { cpuMs: 700, residentBytes: 80_000_000, proportionalBytes: null },
  });
  assert.deepEqual(costBetween(aLook(), after, true), {
    leads: true,
    residentMb: 80,
    reportedMb: 78,
    proportionalMb: null,
    cpuPercent: 0.5,
    apiCalls: 1,
  });
});

test('an agent that was restarted in between is none to compare', () => {
  assert.throws(() => costBetween(aLook({ pid: 6 }), aLook(), false), /not the one/);
  assert.throws(() => costBetween(undefined, aLook(), false), /not the one/);
});
