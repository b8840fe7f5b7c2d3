/** Failure catalogue, group D: leaving, and every stop that is no leaving. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { createEtcd3MemberApi } from '../../src/etcd/etcd3-member-api.ts';
import { pathsOf } from '../../src/local/cluster-layout.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { aCluster } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { holdDown } from './support/hold-down.ts';
import { idOf, leaderUrl, moveLeaderTo } from './support/move-leader.ts';
import { assertSound, callsMade } from './support/universal-oracle.ts';
import { idsByName, untilWhole } from './support/until-whole.ts';

const FORMED = { add: 2, promote: 2 } as const;

test('F38: a Pod that is deleted and comes back keeps its place, whichever it is', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  for (const ordinal of [2, 1, 0]) {
    await scenario.local().deletePod(ordinal);
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  }
  await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
});

test('F39: a member whose hook never answered is removed by the janitor once its Pod is gone', async (t) => {
  const scenario = await aCluster(t, { size: 3, graceSeconds: 4 });
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  scenario.kill(2, 'agent', 'SIGSTOP');
  scenario.local().scale(2);
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { ...FORMED, remove: 1 } });
  assert.equal(scenario.journal.said(2, { membershipCall: 'MemberRemove' }).length, 0);
});

test('F39: members whose Pods were deleted by force are removed by the janitor, one at a time', async (t) => {
  const scenario = await aCluster(t, { size: 5 });
  await untilWhole(scenario, 5);
  const writer = aWriter(scenario);
  scenario.local().scale(3);
  await Promise.all([3, 4].map((ordinal) => scenario.local().deletePod(ordinal, { force: true })));
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 4, promote: 4, remove: 2 } });
});

test('F40: a member that removed itself and dies right then does not come back', async (t) => {
  const scenario = await aCluster(t, { size: 5 });
  const { journal } = scenario;
  await untilWhole(scenario, 5);
  const writer = aWriter(scenario);
  const from = journal.lines.length;
  journal.onLine(({ ordinal, line }) => {
    if (line['membershipCall'] === 'MemberRemove' && ordinal >= 3) {
      scenario.kill(ordinal, 'agent');
    }
  });
  scenario.local().scale(3);
  await untilWhole(scenario, 3);
  assert.equal(journal.said(undefined, { membershipCall: 'MemberAdd' }, from).length, 0);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 4, promote: 4, remove: 2 } });
});

test('F40: a removed member stays out while the API cannot say whether it is wanted', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  const members = await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  await moveLeaderTo(scenario, 0);
  scenario.local().setApiFault({ kind: 'unreachable' });
  const api = createEtcd3MemberApi(scenario.clients);
  await journal.until('etcd lets it go', () => journal.statuses.size === 3);
  for (let outcome = 'refused'; outcome !== 'done'; await journal.next(250, t.signal)) {
    outcome = (await api.remove(await leaderUrl(scenario), idOf(scenario, members, 2), t.signal)).kind;
  }
  await journal.untilSaid(2, { reason: 'IntentUnknown' }, 0);
  await writer.untilMore(50);
  assert.equal(journal.said(2, { decision: 'set-data-aside' }).length, 0);
  scenario.local().setApiFault({ kind: 'none' });
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 3 }, etcdExits: 1 });
});

for (const leader of [0, 2]) {
  test(`F41: 3 to 1 in one edit with member 1 dead and member ${leader} leading ends at 1`, async (t) => {
    const scenario = await aCluster(t, { size: 3 });
    await untilWhole(scenario, 3);
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    await moveLeaderTo(scenario, leader);
    holdDown(scenario, 1);
    await writer.untilMore(20);
    scenario.kill(1, 'agent');
    scenario.local().scale(1);
    await assertSound(scenario, { voters: 1, writers: [writer], calls: { ...FORMED, remove: 2 } });
  });
}

for (const version of TESTED_ETCD_VERSIONS) {
  test(`F41: the last voter comes back when it is killed right after the other one has left (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 2, version });
    const { journal } = scenario;
    await untilWhole(scenario, 2);
    const from = journal.lines.length;
    scenario.local().scale(1);
    await journal.untilSaid(1, { membershipCall: 'MemberRemove', msg: 'MemberRemove done' }, from);
    scenario.kill(0, 'etcd');
    await assertSound(scenario, { voters: 1, calls: { add: 1, promote: 1, remove: 1 } });
  });

  test(`F42: all Pods deleted at once come back as the members they were (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    await Promise.all([0, 1, 2].map((ordinal) => scenario.local().deletePod(ordinal)));
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
    await writer.untilMore(20);
    await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
  });

  test(`F43: size 0 is hibernation: nobody leaves, and all come back with their data (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    scenario.local().scale(0);
    await scenario.journal.until('all Pods are gone', () => scenario.pods().length === 0);
    scenario.local().scale(3);
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
    await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
  });
}

test('F42: all Pods deleted at once during a scale-in leave the members that are wanted', async (t) => {
  const scenario = await aCluster(t, { size: 5 });
  const before = idsByName(await untilWhole(scenario, 5));
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  scenario.local().scale(3);
  await Promise.all([0, 1, 2, 3, 4].map((ordinal) => scenario.local().deletePod(ordinal)));
  const after = idsByName(await untilWhole(scenario, 3));
  for (const name of ['demo-0', 'demo-1', 'demo-2']) {
    assert.equal(after.get(name), before.get(name));
  }
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 4, promote: 4, remove: 2 } });
});

test('F44: a leader hands over before it restarts, and before it leaves', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  await moveLeaderTo(scenario, 2);
  await scenario.local().deletePod(2);
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  assert.ok(journal.said(2, { membershipCall: 'MoveLeader' }).length > 0, 'handed over before the restart');
  await moveLeaderTo(scenario, 2);
  const from = journal.lines.length;
  scenario.local().scale(2);
  await untilWhole(scenario, 2);
  const moved = journal.lines.indexOf(
    journal.said(2, { membershipCall: 'MoveLeader' }, from)[0] ?? assert.fail(),
  );
  const removed = journal.lines.findIndex(({ line }) => line['msg'] === 'MemberRemove done');
  assert.ok(moved < removed, 'handed over before it left');
  t.diagnostic(`longest write gap: ${Math.round(writer.longestGapMs())} ms`);
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { ...FORMED, remove: 1 } });
});

test('F45: a healthy high member does not leave while a low one that stays is sick', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  const down = holdDown(scenario, 1);
  await writer.untilMore(20);
  scenario.local().scale(2);
  await journal.until('Pod 2 is gone', () => !scenario.pods().includes(2));
  assert.equal(callsMade(scenario, 'remove'), 0);
  assert.ok(journal.said(2, { verdict: 'look-again', reason: 'QuorumAtRisk' }).length > 0);
  down.letUp();
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { ...FORMED, remove: 1 } });
});

test('F47: two members: one that is down is never removed, and both go on when it is back', async (t) => {
  const scenario = await aCluster(t, { size: 2 });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 2));
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  const down = holdDown(scenario, 1);
  await journal.untilSaid(0, { reason: 'QuorumLost' });
  down.letUp();
  assert.deepEqual(idsByName(await untilWhole(scenario, 2)), before);
  scenario.local().scale(1);
  await untilWhole(scenario, 1);
  scenario.local().scale(2);
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { add: 2, promote: 2, remove: 1 } });
});

test('F86: when the set is deleted nobody leaves and every volume stays', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  await untilWhole(scenario, 3);
  scenario.local().deleteStatefulSet();
  await scenario.journal.until('all Pods are gone', () => scenario.pods().length === 0);
  assert.equal(callsMade(scenario, 'remove'), 0);
  for (const ordinal of [0, 1, 2]) {
    assert.ok(existsSync(pathsOf(scenario.folder).dataOf(ordinal)));
  }
});
