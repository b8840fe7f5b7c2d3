/** The bench from its command line to its report, through enough of it to meet every kind of part. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const PROGRAM = process.env['QUORATE_AGENT_ENTRY'] ?? join(import.meta.dirname, '../../dist/bin/quorate.cjs');

test('measures both sides, tells nothing but its report on stdout, and leaves nothing behind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const groups = 'scale,agent-start';
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, 'bench', '--runs', '1', '--only', groups, '--json', '-'],
    { env: { ...process.env, TMPDIR: folder }, signal: t.signal },
  );
  const report: unknown = JSON.parse(stdout);
  assert.ok(typeof report === 'object' && report !== null);
  assert.ok('problems' in report && 'groups' in report && 'joinTimelines' in report);
  assert.deepEqual(report.problems, []);
  assert.ok(Array.isArray(report.groups) && Array.isArray(report.joinTimelines));
  assert.deepEqual(
    report.groups.map(({ group }) => group),
    groups.split(','),
  );
  assert.equal(report.joinTimelines[0].length, 2);
  assert.match(stderr, /1→3 1\/1: /);
  assert.match(stderr, /│ 1→3 /);
  assert.deepEqual(readdirSync(folder), []);
});
