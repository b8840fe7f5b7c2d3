/** What is wrong around a member and not with its data: named, waited out, and nothing lost by it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { PORTS, pathsOf, podAddressOf } from '../../src/local/cluster-layout.ts';
import { aCluster, makeFolder } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { readFormation, writeFormation } from './support/edit-formation.ts';
import { whileDown } from './support/hold-down.ts';
import { assertSound, countCalls } from './support/universal-oracle.ts';
import { idsByName, untilWhole } from './support/until-whole.ts';

const FORMED = { add: 2, promote: 2 } as const;

test('a port of etcd that somebody else listens on costs no member its place or its data', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  const { done: removedBefore } = countCalls(scenario, 'remove');
  const host = podAddressOf(scenario.local().template.block, 1);
  const occupant = createServer((socket) => socket.destroy());
  t.after(() => occupant.close());
  await whileDown(scenario, 1, () => occupant.listen({ host, port: PORTS.metrics }));
  await journal.untilSaid(1, { reason: 'PortTaken' });
  assert.equal(journal.said(1, { decision: 'set-data-aside' }).length, 0);
  assert.equal(countCalls(scenario, 'remove').done, removedBefore);
  occupant.close();
  await once(occupant, 'close');
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED, etcdExits: 2 });
});

test('a formation record that becomes unreadable stops no member that runs, and no restart', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  const record = await readFormation(scenario);
  for (const text of ['{"phase":', '{"phase":"Sealed"}', undefined]) {
    await writeFormation(scenario, text);
    for (const ordinal of [0, 1, 2]) {
      scenario.kill(ordinal, 'agent');
      scenario.kill(ordinal, 'etcd');
    }
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  }
  await writeFormation(scenario, record);
  await writer.untilMore(20);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
});

test('F21: a volume that becomes read-only is named and waited for', {
  skip: process.getuid?.() === 0 ? false : 'only root may mount a file system',
}, async (t) => {
  const folder = makeFolder();
  const volume = makeFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', volume]);
  t.after(() => {
    execFileSync('umount', ['-l', volume]);
    rmSync(volume, { recursive: true });
  });
  mkdirSync(pathsOf(folder).volumes, { recursive: true });
  symlinkSync(volume, pathsOf(folder).volumeOf(1));
  const scenario = await aCluster(t, { size: 3, folder });
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  await whileDown(scenario, 1, () => execFileSync('mount', ['-o', 'remount,ro', volume]));
  await scenario.journal.untilSaid(1, { reason: 'VolumeUnreadable' }, 0);
  await writer.untilMore(20);
  execFileSync('mount', ['-o', 'remount,rw', volume]);
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
});
