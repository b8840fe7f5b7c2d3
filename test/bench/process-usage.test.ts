import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuMsIn, kibibytesIn, usageOf } from '../../src/bench/process-usage.ts';

test('adds user and system time, whatever the command is called', () => {
  const rest = '1 1 1 0 -1 4194304 100 0 0 0 25 7 0 0 20 0 1 0 500 1000 10';
  assert.equal(cpuMsIn(`42 (a (b) c) S ${rest}`), 320);
});

test('reads a figure in KiB, and nothing that only begins alike', () => {
  const status = 'VmRSSOther:\t 1 kB\nVmRSS:\t   80124 kB\n';
  assert.equal(kibibytesIn(status, 'VmRSS'), 80_124);
  assert.ok(Number.isNaN(kibibytesIn(status, 'Pss')));
});

test('a process has used some time and some memory', () => {
  const usage = usageOf(process.pid);
  assert.ok(usage.cpuMs > 0);
  assert.ok(usage.residentBytes > 1_000_000);
});

test('a process that has ended cannot be asked', () => {
  // Linux gives no such pid: PID_MAX_LIMIT is 2^22.
  assert.throws(() => usageOf(2 ** 22 + 1), /ENOENT/);
});
