import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeDemoFolder, sweepKilledDemos } from '../../src/demo/demo-folder.ts';
import { pathsOf } from '../../src/local/cluster-layout.ts';
import { takeSupervisorLock } from '../../src/local/supervisor-lock.ts';
import { temporaryFolder } from '../support/local-cluster-kit.ts';

test('sweeps the folders of demos that were killed, and no others', async (t) => {
  const parent = temporaryFolder(t);
  const killed = makeDemoFolder(parent, false);
  // The first process of the machine, but not the one that started then.
  writeFileSync(pathsOf(killed).lockFile, JSON.stringify({ pid: 1, startTicks: -1 }));
  const kept = makeDemoFolder(parent, true);
  writeFileSync(pathsOf(kept).lockFile, JSON.stringify({ pid: 1, startTicks: -1 }));
  const ended = makeDemoFolder(parent, false);
  const running = makeDemoFolder(parent, false);
  takeSupervisorLock(pathsOf(running).lockFile, running);
  await sweepKilledDemos(parent, t.signal);
  assert.deepEqual(
    [killed, kept, ended, running].map((folder) => existsSync(folder)),
    [false, true, true, true],
  );
});
