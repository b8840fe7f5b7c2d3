/** Another minor of etcd on the same data: what 3.5 wrote must not kill 3.7. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLogTail } from '../../src/etcd/log-tail.ts';
import { pathsOf } from '../../src/local/cluster-layout.ts';
import { formatFormationRecord, parseFormationRecord } from '../../src/model/formation-record.ts';
import { parseMarker } from '../../src/model/marker.ts';
import { aCluster, makeFolder, type Scenario, temporaryFolder } from './support/a-cluster.ts';
import { aPlainEtcd, assertPlainKeys } from './support/a-plain-etcd.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { changeVersionAtOnce, rollVersion } from './support/change-version.ts';
import { readFormation, writeFormation } from './support/edit-formation.ts';
import { whileDown } from './support/hold-down.ts';
import { assertSound } from './support/universal-oracle.ts';
import { untilWhole } from './support/until-whole.ts';
import { quarantined } from './support/volumes.ts';

const KEYS = { one: '1', two: '2', three: '3' };
const NO_CALLS = { add: 0, promote: 0 };
const TWO_JOINS = { add: 2, promote: 2 };
const SET_ASIDE = { decision: 'set-data-aside' };

test('one member with three keys goes from 3.5 over 3.6 to 3.7 without a crash', async (t) => {
  const scenario = await aCluster(t, { size: 1, version: '3.5.35' });
  await untilWhole(scenario, 1);
  await putKeys(scenario);
  assert.ok(await isLogOld(scenario, 0));
  await changeVersionAtOnce(scenario, '3.6.16');
  await untilWhole(scenario, 1);
  await untilNoted(scenario, 0, 6);
  assert.match(
    messagesOf(scenario, 0, { decision: 'resume' }).at(-1) ?? '',
    /starting it, with a snapshot after [0-9]+ entries/,
  );
  assert.ok(!(await isLogOld(scenario, 0)), 'the snapshot is there as soon as it serves, on an idle cluster');
  await changeVersionAtOnce(scenario, '3.7.3');
  await untilWhole(scenario, 1);
  await untilNoted(scenario, 0, 7);
  await assertKeys(scenario, 0);
  await assertSound(scenario, { voters: 1, calls: NO_CALLS });
  assert.equal(scenario.journal.said(undefined, SET_ASIDE).length, 0);
});

test('a start that cleans the log is the only one with another number of entries to a snapshot', async (t) => {
  const etcdOptions = { snapshotCount: 7_777 };
  const scenario = await aCluster(t, { size: 1, version: '3.5.35', etcdOptions });
  await untilWhole(scenario, 1);
  await changeVersionAtOnce(scenario, '3.6.16');
  await untilWhole(scenario, 1);
  await untilNoted(scenario, 0, 6);
  await scenario.local().deletePod(0);
  await untilWhole(scenario, 1);
  const log = readFileSync(pathsOf(scenario.folder).logOf(0, 'etcd'), 'utf8');
  const counts = [...log.matchAll(/"snapshot-count":([0-9]+)/g)].map(([, count]) => Number(count));
  const [first, cleaning = 0, ...later] = [...new Set(counts)];
  assert.equal(first, 7_777);
  assert.ok(cleaning < 100);
  assert.deepEqual(later, []);
  assert.equal(counts.at(-1), 7_777);
  await assertSound(scenario, { voters: 1, calls: NO_CALLS, writers: [] });
});

test('three members are rolled from 3.5 over 3.6 to 3.7 under writes', { timeout: 240_000 }, async (t) => {
  const scenario = await aCluster(t, { size: 3, version: '3.5.35' });
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  await writer.untilMore(50);
  await rollVersion(scenario, '3.6.16');
  for (const ordinal of scenario.pods()) {
    await untilNoted(scenario, ordinal, 6);
    assert.ok(!(await isLogOld(scenario, ordinal)));
  }
  await rollVersion(scenario, '3.7.3');
  for (const ordinal of scenario.pods()) {
    await untilNoted(scenario, ordinal, 7);
  }
  await writer.untilMore(50);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: TWO_JOINS });
  assert.equal(scenario.journal.said(undefined, SET_ASIDE).length, 0);
});

test('3.7 is not started on what a plain 3.6 left of a log of 3.5; set back to 3.6, that cleans it', async (t) => {
  const folder = makeFolder();
  const volume = pathsOf(folder).volumeOf(0);
  await aPlainEtcd(t, '3.5.35', volume, 'default.etcd');
  const plain = await aPlainEtcd(t, '3.6.16', volume, 'default.etcd');
  const scenario = await aCluster(t, { size: 1, version: '3.7.3', folder });
  const { journal } = scenario;
  await adopt(scenario);
  await journal.until('it waits', () => reasonOf(scenario, 0) === 'DataTooOld');
  const message = journal.statuses.get(0)?.decision.message ?? '';
  assert.match(message, /that etcd 3\.5 wrote and 3\.7 dies of; not starting it, touching nothing/);
  assert.match(message, /Set the version back to 3\.6/);
  assert.equal(journal.statuses.get(0)?.log, 'old');
  await scenario.local().setEtcdVersion('3.6.16', t.signal);
  await scenario.local().deletePod(0);
  await untilWhole(scenario, 1);
  await untilNoted(scenario, 0, 6);
  await assertPlainKeys(scenario, plain, 0);
  await scenario.local().setEtcdVersion('3.7.3', t.signal);
  await scenario.local().deletePod(0);
  await untilWhole(scenario, 1);
  await assertPlainKeys(scenario, plain, 0);
  assert.equal(journal.said(undefined, SET_ASIDE).length, 0);
  await assertSound(scenario, { voters: 1, calls: NO_CALLS, freshStarts: 0 });
});

test('a member of 3.7 whose log is too old joins anew while a leader of 3.7 serves', {
  timeout: 240_000,
}, async (t) => {
  const scenario = await aCluster(t, { size: 3, version: '3.5.35' });
  await untilWhole(scenario, 3);
  const data = pathsOf(scenario.folder).dataOf(2);
  const kept = join(temporaryFolder(t), 'data');
  await whileDown(scenario, 2, () => cpSync(data, kept, { recursive: true }));
  await untilWhole(scenario, 3);
  for (const version of ['3.6.16', '3.7.3']) {
    await changeVersionAtOnce(scenario, version);
    await untilWhole(scenario, 3);
  }
  const writer = aWriter(scenario);
  await writer.untilMore(50);
  await whileDown(scenario, 2, () => {
    rmSync(data, { recursive: true });
    cpSync(kept, data, { recursive: true });
    rmSync(join(pathsOf(scenario.folder).volumeOf(2), 'quorate.json'));
  });
  await scenario.journal.untilSaid(2, { ...SET_ASIDE, reason: 'DataTooOld' }, 0);
  await untilWhole(scenario, 3);
  assert.match(quarantined(scenario, 2)[0] ?? '', /-DataTooOld$/);
  await assertSound(scenario, {
    voters: 3,
    writers: [writer],
    calls: { add: 3, promote: 3, remove: 1 },
  });
});

async function putKeys(scenario: Scenario): Promise<void> {
  for (const [key, value] of Object.entries(KEYS)) {
    await scenario.clients.of(scenario.clientUrl(0)).put(key).value(value);
  }
}

async function assertKeys(scenario: Scenario, ordinal: number): Promise<void> {
  const found = await scenario.clients.of(scenario.clientUrl(ordinal)).getAll().strings();
  assert.deepEqual(found, KEYS);
}

/** Whether 3.7 would die of what the member of `ordinal` has in its log right now. */
async function isLogOld(scenario: Scenario, ordinal: number): Promise<boolean> {
  const tail = await readLogTail(pathsOf(scenario.folder).dataOf(ordinal), 7, scenario.t.signal);
  assert.equal(tail.kind, 'read');
  return tail.lastV2Index !== null;
}

/** Resolves once the agent of `ordinal` has noted that its log is clean for etcd 3.`minor`. */
async function untilNoted(scenario: Scenario, ordinal: number, minor: number): Promise<void> {
  const path = join(pathsOf(scenario.folder).volumeOf(ordinal), 'quorate.json');
  await scenario.journal.until(`${ordinal} notes that its log is clean for 3.${minor}`, () => {
    const marker = parseMarker(existsSync(path) ? readFileSync(path, 'utf8') : '');
    return !('invalid' in marker) && marker.logCleanFor === minor;
  });
}

function messagesOf(
  scenario: Scenario,
  ordinal: number,
  matches: Readonly<Record<string, unknown>>,
): readonly string[] {
  return scenario.journal.said(ordinal, matches).map(({ line }) => String(line['msg']));
}

function reasonOf(scenario: Scenario, ordinal: number): string | undefined {
  return scenario.journal.statuses.get(ordinal)?.decision.reason;
}

/** A human adopts what blocks the formation. */
async function adopt(scenario: Scenario): Promise<void> {
  await scenario.journal.until('it is blocked', () => reasonOf(scenario, 0) === 'FormationBlocked');
  const record = parseFormationRecord((await readFormation(scenario)) ?? '');
  const clusterId = scenario.journal.statuses.get(0)?.data?.clusterId;
  assert.ok(!('invalid' in record) && clusterId !== undefined);
  const { clusterUid } = record;
  const formed = { phase: 'Formed', clusterUid, generation: 1, maxLearners: 1, clusterId } as const;
  await writeFormation(scenario, formatFormationRecord(formed));
}
