/** F57, F58, F62, F66, F84: what happens around a cluster that was whole. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathsOf, podAddressOf } from '../../src/local/cluster-layout.ts';
import { errorCode } from '../../src/runtime/error-text.ts';
import { aCluster, makeFolder, type Scenario } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { moveLeaderTo } from './support/move-leader.ts';
import { aNameServer, trueAddresses } from './support/name-server.ts';
import { assertSound } from './support/universal-oracle.ts';
import { idsByName, untilWhole } from './support/until-whole.ts';

const FORMED = { add: 2, promote: 2 } as const;

test('F57: names that lead elsewhere in a running cluster change nothing, restarts included', async (t) => {
  const dns = await aNameServer(t);
  const scenario = await aCluster(t, { size: 3, agentEnv: dns.agentEnv });
  dns.publish(scenario, trueAddresses(scenario, [0, 1, 2]));
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  const { block } = scenario.local().template;
  dns.publish(scenario, { 0: podAddressOf(block, 1), 1: podAddressOf(block, 2), 2: podAddressOf(block, 0) });
  scenario.kill(1, 'etcd');
  await writer.untilMore(50);
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
});

test('F58: without DNS a running cluster serves on, and every member can restart', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  scenario.local().setDnsFault({ kind: 'silent' });
  for (const ordinal of [0, 1, 2]) {
    scenario.kill(ordinal, 'agent');
    scenario.kill(ordinal, 'etcd');
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  }
  await writer.untilMore(50);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
});

test('F66: a janitor that was paused with its decision taken looks again before it acts', async (t) => {
  const scenario = await aCluster(t, { size: 5 });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 5));
  const writer = aWriter(scenario);
  await moveLeaderTo(scenario, 0);
  scenario.local().setApiFault({ kind: 'slow', delayMs: 400 });
  const stop = journal.onLine(({ ordinal, line }) => {
    if (line['decision'] === 'remove-orphan') {
      stop();
      scenario.kill(ordinal, 'agent', 'SIGSTOP');
    }
  });
  scenario.local().scale(3);
  await Promise.all([3, 4].map((ordinal) => scenario.local().deletePod(ordinal, { force: true })));
  const { ordinal: janitor } = await journal.untilSaid(undefined, { decision: 'remove-orphan' }, 0);
  scenario.local().setApiFault({ kind: 'none' });
  scenario.local().scale(5);
  await journal.until('Pods 3 and 4 serve again', () =>
    [3, 4].every((ordinal) => journal.statuses.get(ordinal)?.decision.kind === 'settled'),
  );
  scenario.kill(janitor, 'agent', 'SIGCONT');
  await writer.untilMore(50);
  assert.deepEqual(idsByName(await untilWhole(scenario, 5)), before);
  await assertSound(scenario, { voters: 5, writers: [writer], calls: { add: 4, promote: 4 } });
});

test('F66: a leader whose whole machine stood still comes back as a follower and loses nothing', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  await moveLeaderTo(scenario, 2);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  scenario.kill(2, 'agent', 'SIGSTOP');
  scenario.kill(2, 'etcd', 'SIGSTOP');
  await writer.untilMore(100);
  scenario.kill(2, 'etcd', 'SIGCONT');
  scenario.kill(2, 'agent', 'SIGCONT');
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
});

for (const fault of [
  { kind: 'unreachable' },
  { kind: 'status', code: 404 },
  { kind: 'status', code: 410 },
] as const) {
  const what = fault.kind === 'status' ? `answers ${fault.code}` : 'is unreachable';
  test(`F84: while the API ${what} members serve, restart and are not removed`, async (t) => {
    const scenario = await aCluster(t, { size: 3 });
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    scenario.local().setApiFault(fault);
    await writer.untilMore(50);
    for (const ordinal of [0, 1, 2]) {
      scenario.kill(ordinal, 'agent');
      scenario.kill(ordinal, 'etcd');
    }
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
    await scenario.local().deletePod(2);
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
    scenario.local().setApiFault({ kind: 'none' });
    await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
  });
}

test('F62: a member whose disk is full is named, keeps its data, and goes on once there is space', {
  skip: process.getuid?.() === 0 ? false : 'only root may mount a small file system',
}, async (t) => {
  const folder = makeFolder();
  const volume = aSmallDisk(t, '700m');
  mkdirSync(pathsOf(folder).volumes, { recursive: true });
  symlinkSync(volume, pathsOf(folder).volumeOf(2));
  const scenario = await aCluster(t, { size: 3, folder });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 3));
  await moveLeaderTo(scenario, 0);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  const ballast = join(volume, 'ballast');
  fill(ballast);
  await writeMuch(scenario);
  await journal.untilSaid(2, { reason: 'VolumeFull' }, 0);
  assert.equal(journal.said(2, { decision: 'set-data-aside' }).length, 0);
  await writer.untilMore(20);
  rmSync(ballast);
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED, etcdExits: 3 });
});

/** A file system of `size`, unmounted after the test. */
function aSmallDisk(t: TestContext, size: string): string {
  const folder = makeFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Takes all space that is left, up to the last chunk that fits. */
function fill(ballast: string): void {
  const chunk = Buffer.alloc(64 * 1024);
  try {
    for (;;) {
      appendFileSync(ballast, chunk);
    }
  } catch (error) {
    assert.equal(errorCode(error), 'ENOSPC');
  }
}

/** Writes until the database has to grow. */
async function writeMuch(scenario: Scenario): Promise<void> {
  const client = scenario.clients.of(scenario.clientUrl(0));
  for (let number = 0; number < 200; number++) {
    await client.put(`large/${number}`).value('x'.repeat(200_000));
  }
}
