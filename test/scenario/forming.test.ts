/** Failure catalogue, group A: the first boot. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathsOf } from '../../src/local/cluster-layout.ts';
import { installedEtcd } from '../support/installed-etcd.ts';
import { aCluster, temporaryFolder } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { readFormation, writeFormation } from './support/edit-formation.ts';
import { aNameServer, trueAddresses } from './support/name-server.ts';
import { assertSound, callsMade, freshStarts } from './support/universal-oracle.ts';
import { confirmedList, idsByName, untilWhole } from './support/until-whole.ts';

test('F1: with a partial view of DNS there is one seed, and nobody joins before its name is published', async (t) => {
  const dns = await aNameServer(t);
  const scenario = await aCluster(t, { size: 3, agentEnv: dns.agentEnv });
  dns.publish(scenario, trueAddresses(scenario, [0]));
  await scenario.journal.untilSaid(1, { reason: 'OwnNameUnpublished' }, 0);
  await scenario.journal.untilSaid(2, { reason: 'OwnNameUnpublished' }, 0);
  assert.equal((await confirmedList(scenario, 0)).length, 1);
  dns.publish(scenario, trueAddresses(scenario, [0, 1, 2]));
  await assertSound(scenario, { voters: 3, calls: { add: 2, promote: 2 } });
});

test('F2: members that are up form the cluster, and wait for ever without exiting for one that is late', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  await journal.until('agent 2 runs', () => hasStarted(scenario, 2));
  scenario.kill(2, 'agent', 'SIGSTOP');
  await journal.until('agent 1 serves', () => journal.statuses.get(1)?.decision.stage === 'serving');
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  scenario.kill(2, 'agent', 'SIGCONT');
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

test('F3: new or existing follows from record and volume: after all stopped, all resume', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  await writer.stop();
  await scenario.stop();
  const from = scenario.journal.lines.length;
  await scenario.start();
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  for (const ordinal of [0, 1, 2]) {
    assert.equal(scenario.journal.said(ordinal, { decision: 'resume' }, from).length, 1);
  }
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

test('F4: a late Pod whose volume holds a restored backup sets it aside and joins', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  const etcd = await installedEtcd(scenario.version, t.signal);
  const snapshot = join(temporaryFolder(t), 'snapshot.db');
  execFileSync(join(dirname(etcd), 'etcdctl'), [
    `--endpoints=${scenario.clientUrl(0)}`,
    'snapshot',
    'save',
    snapshot,
  ]);
  const paths = pathsOf(scenario.folder);
  execFileSync(join(dirname(etcd), 'etcdutl'), [
    'snapshot',
    'restore',
    snapshot,
    `--data-dir=${paths.dataOf(2)}`,
  ]);
  scenario.local().scale(3);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
  assert.equal(scenario.journal.said(2, { decision: 'set-data-aside', reason: 'ForeignData' }).length, 1);
  const [place] = readdirSync(join(paths.volumeOf(2), 'quarantine'));
  assert.ok(existsSync(join(paths.volumeOf(2), 'quarantine', place ?? '', 'data', 'member', 'wal')), 'kept');
});

for (const [version, size] of [
  ['3.6.16', 5],
  ['3.7.3', 1],
] as const) {
  test(`F5: the size edited from 3 to ${size} while forming makes one cluster (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 3, version });
    await scenario.journal.untilSaid(0, { decision: 'claim-seed' }, 0);
    scenario.local().scale(size);
    const calls = size === 5 ? { add: 4, promote: 4 } : { add: 2, promote: 2, remove: 2 };
    await assertSound(scenario, { voters: size, calls });
  });
}

for (const kind of ['silent', 'servfail'] as const) {
  test(`F6: a Pod that lost its volume while DNS is ${kind} waits, and never starts a cluster`, async (t) => {
    const scenario = await aCluster(t, { size: 3 });
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    scenario.local().setDnsFault({ kind });
    const from = scenario.journal.lines.length;
    await scenario.local().wipeVolume(1);
    await scenario.journal.untilSaid(1, { reason: 'OwnNameUnpublished' }, from);
    await writer.untilMore(20);
    assert.equal(freshStarts(scenario), 1);
    scenario.local().setDnsFault({ kind: 'none' });
    const after = idsByName(await untilWhole(scenario, 3));
    assert.notEqual(after.get('demo-1'), before.get('demo-1'));
    await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 3, remove: 1 } });
  });
}

test('F7: nobody asks for the name of a Pod that does not exist yet, so no absence is cached for it', async (t) => {
  const dns = await aNameServer(t, { negativeTtlMs: 30_000 });
  const scenario = await aCluster(t, { size: 1, agentEnv: dns.agentEnv });
  dns.publish(scenario, trueAddresses(scenario, [0, 1, 2]));
  await untilWhole(scenario, 1);
  const grownAtMs = Date.now();
  scenario.local().scale(3);
  await assertSound(scenario, { voters: 3, calls: { add: 2, promote: 2 } });
  const early = dns.questions.filter(({ name, atMs }) => atMs < grownAtMs && /^demo-[12]\./.test(name));
  assert.deepEqual(early, []);
});

test('F8: a seed killed at each of its steps forms one cluster all the same', async (t) => {
  const scenario = await aCluster(t, {
    size: 3,
    backOff: { firstMs: 50, maxMs: 200, forgivenAfterMs: 600_000 },
  });
  const done = new Set<string>();
  const stop = scenario.journal.onLine(({ ordinal, line }) => {
    const step = `${String(line['decision'])} ${String(line['reason'])}`;
    if (ordinal === 0 && line['decision'] !== undefined && line['stage'] !== 'serving' && !done.has(step)) {
      done.add(step);
      scenario.kill(0, 'agent');
    }
  });
  await untilWhole(scenario, 3);
  stop();
  for (const step of [
    'write-marker NewVolume',
    'claim-seed Unformed',
    'write-marker SeedClaimed',
    'seed SeedClaimed',
    'seal QuorumProven',
  ]) {
    assert.ok(done.has(step), `${step} was never reached; killed at ${[...done].join(', ')}`);
  }
  await assertSound(scenario, { voters: 3, calls: { add: 2, promote: 2 }, freshStarts: 2 });
});

test('F8: a seed that loses its volume before the seal starts over under a new token, and nobody else does', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  await scenario.journal.untilSaid(0, { decision: 'write-marker', reason: 'SeedClaimed' }, 0);
  await scenario.local().wipeVolume(0);
  await untilWhole(scenario, 3);
  await assertSound(scenario, {
    voters: 3,
    calls: { add: 3, promote: 3, remove: 1 },
    freshStarts: 2,
    clusterIds: 2,
  });
  assert.deepEqual(
    [...new Set(scenario.journal.said(undefined, { decision: 'seed' }).map((each) => each.ordinal))],
    [0],
  );
});

for (const fault of [
  { kind: 'unreachable' },
  { kind: 'status', code: 503 },
  { kind: 'slow', delayMs: 5_000 },
] as const) {
  test(`F9: without the API (${fault.kind}) nothing is formed, and with it again all is`, async (t) => {
    const scenario = await aCluster(t, { size: 3, apiFault: fault });
    for (const ordinal of [0, 1, 2]) {
      await scenario.journal.untilSaid(ordinal, { reason: 'FormationUnknown' }, 0);
    }
    assert.equal(freshStarts(scenario), 0);
    scenario.local().setApiFault({ kind: 'none' });
    await assertSound(scenario, { voters: 3, calls: { add: 2, promote: 2 } });
  });
}

test('F9: claims whose answers are lost, and reads that are stale, form one cluster', async (t) => {
  const scenario = await aCluster(t, { size: 3, apiFault: { kind: 'lose-acks' } });
  await scenario.journal.untilSaid(1, { decision: 'join-as-learner' }, 0);
  scenario.local().setApiFault({ kind: 'stale-reads' });
  await untilWhole(scenario, 3);
  scenario.local().setApiFault({ kind: 'none' });
  await assertSound(scenario, { voters: 3, calls: { add: 2, promote: 2 } });
});

test('F9: an absent or unreadable record is unknown, never unformed', async (t) => {
  const scenario = await aCluster(t, { size: 1, apiFault: { kind: 'status', code: 500 } });
  await scenario.journal.untilSaid(0, { reason: 'FormationUnknown' }, 0);
  scenario.local().setApiFault({ kind: 'none' });
  const record = await readFormation(scenario);
  await writeFormation(scenario, undefined);
  await scenario.journal.until('absent', () =>
    (scenario.journal.statuses.get(0)?.decision.message ?? '').includes('absent'),
  );
  await writeFormation(scenario, '{"phase":"Unformed"');
  await scenario.journal.until('unparsable', () =>
    (scenario.journal.statuses.get(0)?.decision.message ?? '').includes('does not parse'),
  );
  assert.equal(callsMade(scenario, 'add') + freshStarts(scenario), 0);
  await writeFormation(scenario, record);
  await assertSound(scenario, { voters: 1, calls: {} });
});

test('F10: a seed that lost its volume rejoins the cluster it formed and never forms another', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  await scenario.local().wipeVolume(0);
  const after = idsByName(await untilWhole(scenario, 3));
  assert.notEqual(after.get('demo-0'), before.get('demo-0'), 'a new identity');
  await writer.untilMore(20);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 3, remove: 1 } });
});

function hasStarted(scenario: Awaited<ReturnType<typeof aCluster>>, ordinal: number): boolean {
  return scenario.journal.events.some(
    (event) => event.kind === 'container-started' && event.container === 'agent' && event.ordinal === ordinal,
  );
}
