import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBenchFolder, sweepKilledBenches } from '../../src/bench/bench-folder.ts';
import { SUPERVISOR_MARK } from '../../src/local/orphans.ts';

function aParent(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'quorate-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}

test('a bench that still runs keeps its folder', async (t) => {
  const parent = aParent(t);
  const folder = makeBenchFolder(parent);
  await sweepKilledBenches(parent, t.signal);
  assert.ok(existsSync(folder.path));
  await folder.remove();
  assert.ok(!existsSync(folder.path));
});

test('what a killed bench left behind is ended and removed', async (t) => {
  const parent = aParent(t);
  const left = join(parent, 'quorate-bench-left');
  mkdirSync(join(left, 'product-1'), { recursive: true });
  // No process ever had this pid and start.
  writeFileSync(join(left, 'bench.json'), JSON.stringify({ pid: 1, startTicks: 0 }));
  const orphans = [left, join(left, 'product-1')].map((folder) =>
    spawn('sleep', ['600'], { env: { ...process.env, [SUPERVISOR_MARK]: `1:0:${folder}` }, stdio: 'ignore' }),
  );
  const ended = orphans.map((orphan) => once(orphan, 'exit'));
  await sweepKilledBenches(parent, t.signal);
  assert.deepEqual(await Promise.all(ended), [
    [null, 'SIGKILL'],
    [null, 'SIGKILL'],
  ]);
  assert.ok(!existsSync(left));
});

test('folders of others are left alone', async (t) => {
  const parent = aParent(t);
  mkdirSync(join(parent, 'quorate-bench-unlocked'));
  mkdirSync(join(parent, 'something-else'));
  await sweepKilledBenches(parent, t.signal);
  assert.ok(existsSync(join(parent, 'quorate-bench-unlocked')));
  assert.ok(existsSync(join(parent, 'something-else')));
});
