/** Failure catalogue, group B: whose data a volume holds, and what may be done with it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathsOf } from '../../src/local/cluster-layout.ts';
import { splitLines } from '../../src/local/line-splitter.ts';
import { makeGate } from '../../src/local/make-gate.ts';
import { agentCommand } from '../../src/local/pod-commands.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { parseFormationRecord } from '../../src/model/formation-record.ts';
import { aCluster, makeFolder, type Scenario, temporaryFolder } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { readFormation, writeFormation } from './support/edit-formation.ts';
import { freezeAtStart, holdDown, whileDown } from './support/hold-down.ts';
import { assertSound, callsMade, freshStarts } from './support/universal-oracle.ts';
import { idsByName, untilWhole } from './support/until-whole.ts';
import { forgetCluster, quarantined } from './support/volumes.ts';

test('F11: a lost volume and a lagging member never form a quorum, so no acknowledged write is lost', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  await untilWhole(scenario, 3);
  holdDown(scenario, 2);
  const writer = aWriter(scenario);
  await writer.untilMore(50);
  await writer.stop();
  scenario.kill(2, 'agent');
  await scenario.stop();
  rmSync(pathsOf(scenario.folder).volumeOf(1), { recursive: true });
  const [fromEvent, fromLine] = [journal.events.length, journal.lines.length];
  await scenario.start();
  const zero = await freezeAtStart(scenario, 0, fromEvent);
  await journal.until('agent 1 names what it waits for', () =>
    ['QuorumLost', 'PeersUnreachable'].includes(journal.statuses.get(1)?.decision.reason ?? ''),
  );
  await journal.untilSaid(2, { decision: 'resume' }, fromLine);
  await journal.until('etcd 2 has no quorum', () => journal.statuses.get(2)?.decision.reason !== 'OwnData');
  assert.equal(callsMade(scenario, 'remove'), 0);
  zero.letUp();
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 3, remove: 1 } });
});

for (const version of TESTED_ETCD_VERSIONS) {
  test(`F12: a wiped member never votes under its old ID (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    await scenario.local().wipeVolume(1);
    const after = idsByName(await untilWhole(scenario, 3));
    assert.ok(![...before.values()].includes(after.get('demo-1') ?? before.get('demo-1') ?? assert.fail()));
    assert.equal(after.get('demo-0'), before.get('demo-0'));
    assert.equal(after.get('demo-2'), before.get('demo-2'));
    await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 3, remove: 1 } });
  });
}

test('F13: with two of three volumes lost nothing changes, the survivor keeps its data, and all say why', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  await writer.stop();
  await scenario.clients.of(scenario.clientUrl(0)).getAll().prefix('w/').keys();
  await Promise.all([scenario.local().wipeVolume(1), scenario.local().wipeVolume(2)]);
  await journal.until('all say that the quorum is lost', () =>
    [0, 1, 2].every((ordinal) => journal.statuses.get(ordinal)?.decision.reason === 'QuorumLost'),
  );
  assert.deepEqual(
    [callsMade(scenario, 'add'), callsMade(scenario, 'remove'), freshStarts(scenario)],
    [2, 0, 1],
  );
  const kept = await scenario.clients
    .of(scenario.clientUrl(0))
    .getAll()
    .prefix('w/')
    .serializable(true)
    .strings();
  assert.deepEqual(new Map(Object.entries(kept)), new Map(writer.acknowledged));
});

test('F14: with every volume lost nobody starts an empty cluster, and all say why', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  await untilWhole(scenario, 3);
  const from = journal.lines.length;
  await Promise.all([0, 1, 2].map((ordinal) => scenario.local().wipeVolume(ordinal)));
  await journal.until('all wait for voters that are not there', () =>
    [0, 1, 2].every((ordinal) => journal.said(ordinal, { reason: 'PeersUnreachable' }, from).length > 0),
  );
  assert.equal(freshStarts(scenario), 1);
  assert.equal(journal.said(undefined, { decision: 'seed' }, from).length, 0);
});

for (const version of TESTED_ETCD_VERSIONS) {
  test(`F15: a volume rolled back to an old copy costs no acknowledged write (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    const { journal } = scenario;
    const { dataOf } = pathsOf(scenario.folder);
    await untilWhole(scenario, 3);
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    const copy = join(temporaryFolder(t), 'copy');
    await whileDown(scenario, 2, () => cpSync(dataOf(2), copy, { recursive: true }));
    await untilWhole(scenario, 3);
    await writer.untilMore(200);
    await whileDown(scenario, 2, () => {
      rmSync(dataOf(2), { recursive: true });
      cpSync(copy, dataOf(2), { recursive: true });
    });
    await untilWhole(scenario, 3);
    const failed = journal.said(2, { reason: 'DataUnusable' }).length > 0;
    t.diagnostic(failed ? 'etcd refused the old copy and was replaced' : 'etcd caught up from the old copy');
    await assertSound(scenario, {
      voters: 3,
      writers: [writer],
      calls: failed ? { add: 3, promote: 3, remove: 1 } : { add: 2, promote: 2 },
      etcdExits: 6,
    });
  });
}

test('F16: a second Pod of one ordinal, on a clone of the volume, is never let start', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { template } = scenario.local();
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  const folder = temporaryFolder(t);
  cpSync(template.paths.volumeOf(1), join(folder, 'volume'), { recursive: true });
  mkdirSync(join(folder, 'run'));
  const gate = join(folder, 'run', 'etcd.yaml');
  makeGate(gate);
  const command = agentCommand(template, 1, 'the-pod-that-was');
  const address = `${template.block}.21`;
  const agent = spawn(command.file, command.args, {
    env: {
      ...command.env,
      QUORATE_POD_IP: address,
      QUORATE_VOLUME: join(folder, 'volume'),
      QUORATE_GATE: gate,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const etcd = spawn(template.etcdPath, [`--config-file=${gate}`], { stdio: 'ignore', cwd: '/proc' });
  t.after(async () => {
    for (const child of [agent, etcd]) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  agent.stdout.on(
    'data',
    splitLines((line) => scenario.journal.noteLine(21, JSON.parse(line))),
  );
  await scenario.journal.untilSaid(21, { reason: 'PodSuperseded' }, 0);
  await writer.untilMore(50);
  assert.equal(scenario.journal.said(21, { decision: 'resume' }).length, 0);
  assert.equal(etcd.exitCode, null);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

for (const version of TESTED_ETCD_VERSIONS) {
  test(`F17: the kept volume of a removed member is set aside, and the member joins anew (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    await untilWhole(scenario, 3);
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    scenario.local().scale(1);
    await untilWhole(scenario, 1);
    const from = scenario.journal.lines.length;
    scenario.local().scale(3);
    await untilWhole(scenario, 3);
    for (const ordinal of [1, 2]) {
      assert.equal(
        scenario.journal.said(ordinal, { decision: 'set-data-aside', reason: 'RemovedData' }, from).length,
        1,
      );
      assert.equal(quarantined(scenario, ordinal).length, 1);
    }
    await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 4, promote: 4, remove: 2 } });
  });
}

test('F17: a member that was removed never starts on its old data, though its peers do not answer in time', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  scenario.local().scale(1);
  await untilWhole(scenario, 1);
  const from = journal.lines.length;
  scenario.kill(0, 'etcd', 'SIGSTOP');
  scenario.local().scale(3);
  await journal.until('both have decided', () =>
    [1, 2].every(
      (ordinal) =>
        journal.said(ordinal, { reason: 'PeersUnreachable' }, from).length > 0 ||
        journal.said(ordinal, { decision: 'resume' }, from).length > 0,
    ),
  );
  scenario.kill(0, 'etcd', 'SIGCONT');
  await untilWhole(scenario, 3);
  for (const ordinal of [1, 2]) {
    assert.equal(journal.said(ordinal, { decision: 'resume' }, from).length, 0);
    assert.equal(quarantined(scenario, ordinal).length, 1);
  }
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 4, promote: 4, remove: 2 } });
});

test('F17, F43: after a scale-in and hibernation the last member comes back, and those that left join anew', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  for (const size of [1, 0]) {
    scenario.local().scale(size);
    await scenario.journal.until(`${size} Pods are left`, () => scenario.pods().length === size);
  }
  scenario.local().scale(3);
  const after = idsByName(await untilWhole(scenario, 3));
  assert.equal(after.get('demo-0'), before.get('demo-0'));
  assert.notEqual(after.get('demo-1'), before.get('demo-1'));
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 4, promote: 4, remove: 2 } });
});

test('F18: a new cluster on the volumes of an old one of its name starts nothing until a human adopts them', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const scenario = await aCluster(t, { size: 3, seed });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  await writer.stop();
  await scenario.stop();
  forgetCluster(scenario);
  const from = journal.lines.length;
  await scenario.start();
  await journal.until('all wait for a human', () =>
    [0, 1, 2].every((ordinal) => journal.statuses.get(ordinal)?.decision.reason === 'FormationBlocked'),
  );
  assert.equal(journal.said(undefined, { stage: 'starting' }, from).length, 0, 'nothing was started');
  const blocked = parseFormationRecord((await readFormation(scenario)) ?? '');
  assert.ok(!('invalid' in blocked) && blocked.phase === 'Blocked');
  const [clusterId] = journal.clusterIds;
  const { clusterUid, generation, maxLearners } = blocked;
  const adopted = { phase: 'Formed', clusterUid, generation, maxLearners, clusterId };
  await writeFormation(scenario, JSON.stringify(adopted));
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

test('F18: in a formed cluster the volume of another cluster is set aside, not started', async (t) => {
  const other = await aCluster(t, { size: 1 });
  await untilWhole(other, 1);
  await other.stop();
  const scenario = await aCluster(t, { size: 1 });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  cpSync(pathsOf(other.folder).volumeOf(0), pathsOf(scenario.folder).volumeOf(1), { recursive: true });
  scenario.local().scale(2);
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { add: 1, promote: 1 } });
  assert.equal(scenario.journal.said(1, { decision: 'set-data-aside', reason: 'ForeignData' }).length, 1);
  assert.equal(quarantined(scenario, 1).length, 1);
});

for (const [what, reason, harm] of [
  ['a write-ahead log without a readable head', 'DataUnreadable', (wal: string) => overwrite(wal, 64)],
  [
    'a write-ahead log with a wrong record',
    'DataUnusable',
    (wal: string) => replaceIn(wal, 'value of w/', 'VALUE'),
  ],
] as const) {
  test(`F19: ${what} is replaced while a quorum serves, and kept`, async (t) => {
    const scenario = await aCluster(t, { size: 3 });
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    await writer.untilMore(50);
    await whileDown(scenario, 1, () => harm(onlyWal(scenario, 1)));
    await scenario.journal.untilSaid(1, { decision: 'set-data-aside', reason });
    assert.notEqual(idsByName(await untilWhole(scenario, 3)).get('demo-1'), before.get('demo-1'));
    assert.equal(quarantined(scenario, 1).length, 1);
    await assertSound(scenario, {
      voters: 3,
      writers: [writer],
      calls: { add: 3, promote: 3, remove: 1 },
      etcdExits: 6,
    });
  });

  test(`F19: ${what} is never set aside where it is the only copy`, async (t) => {
    const scenario = await aCluster(t, { size: 1 });
    const { journal } = scenario;
    await untilWhole(scenario, 1);
    const writer = aWriter(scenario);
    await writer.untilMore(50);
    await writer.stop();
    const kept = join(temporaryFolder(t), 'wal');
    const from = journal.events.length;
    await whileDown(scenario, 0, () => {
      cpSync(onlyWal(scenario, 0), kept);
      harm(onlyWal(scenario, 0));
    });
    await journal.until(
      'the agent says so, or etcd fails again and again',
      () => journal.statuses.get(0)?.decision.reason === 'DataUnreadable' || etcdExits(scenario, 0, from) > 7,
    );
    assert.equal(journal.said(0, { decision: 'set-data-aside' }).length, 0);
    assert.equal(quarantined(scenario, 0).length, 0);
    await whileDown(scenario, 0, () => cpSync(kept, onlyWal(scenario, 0)));
    await assertSound(scenario, { voters: 1, writers: [writer], calls: {}, etcdExits: 20 });
  });
}

for (const version of ['3.6.16', '3.7.3'] as const) {
  test(`F20: a member whose data silently differs is found at its start and replaced (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    await untilWhole(scenario, 3);
    await scenario.clients.of(scenario.clientUrl(0)).put('honest').value(HONEST);
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    await whileDown(scenario, 1, () => falsify(scenario, 1));
    await scenario.journal.untilSaid(1, { decision: 'set-data-aside', reason: 'DataUnusable' });
    await assertSound(scenario, {
      voters: 3,
      writers: [writer],
      calls: { add: 3, promote: 3, remove: 1 },
      etcdExits: 6,
    });
    assert.equal(await scenario.clients.of(scenario.clientUrl(1)).get('honest').string(), HONEST);
  });
}

for (const version of ['3.5.35', '3.6.16'] as const) {
  test(`F20: members that differ after a start without quorum are named, and none is repaired by guess (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    const { journal } = scenario;
    await untilWhole(scenario, 3);
    await scenario.clients.of(scenario.clientUrl(0)).put('honest').value(HONEST);
    await scenario.clients.of(scenario.clientUrl(2)).get('honest').string();
    await scenario.stop();
    falsify(scenario, 2);
    await scenario.start();
    await journal.untilSaid(undefined, { reason: 'HashMismatch' });
    assert.equal(journal.said(undefined, { decision: 'set-data-aside' }).length, 0);
  });
}

test('F21: lost+found and an empty data directory are no data', async (t) => {
  const folder = makeFolder();
  const { volumeOf, dataOf } = pathsOf(folder);
  mkdirSync(join(volumeOf(0), 'lost+found'), { recursive: true });
  mkdirSync(join(dataOf(1), 'lost+found'), { recursive: true });
  mkdirSync(join(dataOf(2), 'member', 'wal'), { recursive: true });
  mkdirSync(join(dataOf(2), 'member', 'snap'), { recursive: true });
  const scenario = await aCluster(t, { size: 3, folder });
  await assertSound(scenario, { voters: 3, calls: { add: 2, promote: 2 } });
});

test('F21: a volume that cannot be read is waited for, not taken for an empty one', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  const wal = join(pathsOf(scenario.folder).dataOf(1), 'member', 'wal');
  await whileDown(scenario, 1, () => {
    renameSync(wal, `${wal}.away`);
    writeFileSync(wal, 'no directory');
  });
  await journal.until('it says so', () => journal.statuses.get(1)?.decision.reason === 'VolumeUnreadable');
  await writer.untilMore(20);
  rmSync(wal);
  renameSync(`${wal}.away`, wal);
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

test('F21: a marker that does not parse is kept aside and costs a member with data nothing', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  const marker = join(pathsOf(scenario.folder).volumeOf(1), 'quorate.json');
  await whileDown(scenario, 1, () => writeFileSync(marker, '{"volumeId":'));
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await scenario.journal.until('the marker is whole again', () => isJson(marker));
  assert.equal(quarantined(scenario, 1).length, 1);
  await assertSound(scenario, { voters: 3, calls: { add: 2, promote: 2 } });
});

function onlyWal(scenario: Scenario, ordinal: number): string {
  const folder = join(pathsOf(scenario.folder).dataOf(ordinal), 'member', 'wal');
  const segments = readdirSync(folder).filter((name) => name.endsWith('.wal'));
  assert.equal(segments.length, 1);
  return join(folder, segments[0] ?? '');
}

function overwrite(path: string, bytes: number): void {
  const content = readFileSync(path);
  writeFileSync(path, content.fill(0x5a, 0, bytes));
}

const HONEST = 'the-truth-and-nothing-but-the-truth';

/** Changes a value in the database behind etcd's back, as a disk that lies would. */
function falsify(scenario: Scenario, ordinal: number): void {
  const database = join(pathsOf(scenario.folder).dataOf(ordinal), 'member', 'snap', 'db');
  replaceIn(database, HONEST, HONEST.toUpperCase());
}

function replaceIn(path: string, text: string, by: string): void {
  const bytes = readFileSync(path);
  assert.ok(bytes.includes(text), `${text} is not in ${path} yet`);
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes.write(by, at);
  }
  writeFileSync(path, bytes);
}

function etcdExits(scenario: Scenario, ordinal: number, from: number): number {
  return scenario.journal.events
    .slice(from)
    .filter(
      (event) => event.kind === 'container-exited' && event.container === 'etcd' && event.ordinal === ordinal,
    ).length;
}

function isJson(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
