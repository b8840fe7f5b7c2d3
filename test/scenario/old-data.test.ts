/** Data that was there before the cluster: of one that was deleted, or of a plain etcd. A human decides. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ApiFault } from '../../src/local/api-fault.ts';
import { pathsOf } from '../../src/local/cluster-layout.ts';
import type { AgentStatus } from '../../src/model/agent-status.ts';
import {
  type BlockedRecord,
  type FormationRecord,
  formatFormationRecord,
  parseFormationRecord,
} from '../../src/model/formation-record.ts';
import { type Marker, parseMarker } from '../../src/model/marker.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import { aCluster, makeFolder, type Scenario } from './support/a-cluster.ts';
import { aPlainEtcd, assertPlainKeys } from './support/a-plain-etcd.ts';
import { aWriter, type Writer } from './support/acknowledged-writer.ts';
import { readFormation, writeFormation } from './support/edit-formation.ts';
import { assertSound } from './support/universal-oracle.ts';
import { idsByName, untilWhole } from './support/until-whole.ts';
import { forgetCluster, quarantined } from './support/volumes.ts';

const ORDINALS = [0, 1, 2];

test('F18: a cluster made again on the volumes of an old one touches nothing, and goes on with what a human adopts', async (t) => {
  const { scenario, writer, before, data, from } = await aRemadeCluster(t);
  const { journal } = scenario;
  const { clusterUid } = await untilBlocked(scenario, ORDINALS);
  assert.deepEqual(
    ORDINALS.map((ordinal) => journal.statuses.get(ordinal)?.data),
    data,
  );
  assertUntouched(scenario, from);
  const [first] = data;
  assert.ok(first != null);
  const { clusterId, generation, maxLearners } = first;
  assert.ok(generation !== null && maxLearners !== null);
  await humanWrites(scenario, { phase: 'Formed', clusterUid, generation, maxLearners, clusterId });
  assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
  await journal.until('every volume notes the new cluster', () =>
    ORDINALS.every((ordinal) => markerOn(scenario, ordinal).clusterUid === clusterUid),
  );
  assert.equal(journal.said(undefined, { decision: 'set-data-aside' }).length, 0);
});

test('F18: without the API no agent starts what an earlier cluster of its name left', async (t) => {
  const { scenario, from } = await aRemadeCluster(t, { kind: 'unreachable' });
  await scenario.journal.until('all wait for the API', () =>
    ORDINALS.every(
      (ordinal) => scenario.journal.statuses.get(ordinal)?.decision.reason === 'FormationUnknown',
    ),
  );
  assertUntouched(scenario, from);
});

test('F18: what a human discards is set aside on every volume, kept there, and a new cluster forms', async (t) => {
  const { scenario, data, from } = await aRemadeCluster(t);
  const { journal } = scenario;
  const { clusterUid, generation, maxLearners } = await untilBlocked(scenario, ORDINALS);
  assertUntouched(scenario, from);
  await humanWrites(scenario, {
    phase: 'Unformed',
    clusterUid,
    generation,
    maxLearners,
    discarding: true,
  });
  await untilWhole(scenario, 3);
  for (const ordinal of ORDINALS) {
    const said = journal.said(ordinal, { decision: 'set-data-aside', reason: 'DataDiscarded' }, from);
    assert.equal(said.length, 1);
    const [place = '', ...others] = quarantined(scenario, ordinal);
    assert.match(place, /-DataDiscarded$/);
    assert.deepEqual(others, []);
    const kept = join(
      pathsOf(scenario.folder).volumeOf(ordinal),
      'quarantine',
      place,
      'data',
      'member',
      'wal',
    );
    assert.ok(existsSync(kept));
    assert.notEqual(journal.statuses.get(ordinal)?.etcd.clusterId, data[ordinal]?.clusterId);
  }
  const left = await scenario.clients.of(scenario.clientUrl(0)).getAll().prefix('w/').keys();
  assert.deepEqual(left, []);
  const record = parseFormationRecord((await readFormation(scenario)) ?? '');
  assert.ok(!('invalid' in record) && record.phase === 'Formed');
  assert.ok(!('discarding' in record));
  await assertSound(scenario, {
    voters: 3,
    writers: [await settledWriter(scenario, 'v')],
    calls: { add: 4, promote: 4 },
    clusterIds: 2,
    freshStarts: 2,
  });
});

for (const { version, place, size } of [
  { version: '3.5.35', place: 'default.etcd', size: 1 },
  { version: '3.7.3', place: 'default.etcd', size: 3 },
  { version: '3.7.3', place: '.', size: 1 },
] as const) {
  test(`a plain etcd at ${place} on a volume is adopted at size ${size}, gets its own URL, and grows (${version})`, async (t) => {
    const folder = makeFolder();
    const plain = await aPlainEtcd(t, version, pathsOf(folder).volumeOf(0), place);
    const scenario = await aCluster(t, { size, version, folder });
    const { journal } = scenario;
    const { clusterUid } = await untilBlocked(scenario, [0]);
    const { clusterId } = plain;
    assert.deepEqual(journal.statuses.get(0)?.data, {
      clusterId,
      memberId: plain.memberId,
      generation: null,
      maxLearners: null,
    });
    assertUntouched(scenario, 0);
    assert.ok(!existsSync(pathsOf(folder).dataOf(0)));
    await humanWrites(scenario, { phase: 'Formed', clusterUid, generation: 1, maxLearners: 1, clusterId });
    await untilWhole(scenario, size);
    await assertPlainKeys(scenario, plain, 0);
    await journal.until('its peer URL is corrected', () => updatesDone(scenario) > 0);
    scenario.local().scale(3);
    const members = await untilWhole(scenario, 3);
    assert.equal(idsByName(members).get('demo-0'), plain.memberId);
    const { names } = scenario.local().template;
    assert.deepEqual(
      new Set(members.flatMap(({ peerUrls }) => peerUrls)),
      new Set(ORDINALS.map((ordinal) => peerUrlOf(names, ordinal))),
    );
    const writer = await settledWriter(scenario, 'w');
    await assertSound(scenario, {
      voters: 3,
      writers: [writer],
      calls: { add: 2, promote: 2 },
      freshStarts: 0,
    });
    for (const ordinal of ORDINALS) {
      await assertPlainKeys(scenario, plain, ordinal);
    }
    assert.equal(updatesDone(scenario), 1);
    assert.equal(journal.said(undefined, { decision: 'set-data-aside' }).length, 0);
  });
}

type Remade = {
  readonly scenario: Scenario;
  /** What it wrote before was acknowledged by the cluster that is gone. */
  readonly writer: Writer;
  readonly before: ReadonlyMap<string, string>;
  readonly data: readonly AgentStatus['data'][];
  /** Lines from this number on were said by the agents of the new cluster. */
  readonly from: number;
};

/** A cluster of three that was deleted with everything Kubernetes knew of it, and made again on its volumes. */
async function aRemadeCluster(t: TestContext, apiFault: ApiFault = { kind: 'none' }): Promise<Remade> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const scenario = await aCluster(t, { size: 3, seed });
  const { journal } = scenario;
  const before = idsByName(await untilWhole(scenario, 3));
  const writer = await settledWriter(scenario, 'w');
  const data = ORDINALS.map((ordinal) => journal.statuses.get(ordinal)?.data ?? null);
  assert.ok(data.every((each) => each !== null));
  await scenario.stop();
  forgetCluster(scenario);
  const from = journal.lines.length;
  await scenario.start({ apiFault });
  return { scenario, writer, before, data, from };
}

/** A writer some of whose writes were acknowledged, and that has stopped. */
async function settledWriter(scenario: Scenario, prefix: string): Promise<Writer> {
  const writer = aWriter(scenario, prefix);
  await writer.untilMore(20);
  await writer.stop();
  return writer;
}

async function untilBlocked(scenario: Scenario, ordinals: readonly number[]): Promise<BlockedRecord> {
  await scenario.journal.until('the agents wait for a human', () =>
    ordinals.every(
      (ordinal) => scenario.journal.statuses.get(ordinal)?.decision.reason === 'FormationBlocked',
    ),
  );
  const record = parseFormationRecord((await readFormation(scenario)) ?? '');
  assert.ok(!('invalid' in record) && record.phase === 'Blocked');
  return record;
}

/** Nothing was started since line `from`, and nothing was ever put aside or changed. */
function assertUntouched(scenario: Scenario, from: number): void {
  const { journal } = scenario;
  assert.equal(journal.said(undefined, { stage: 'starting' }, from).length, 0, 'nothing was started');
  for (const decision of ['set-data-aside', 'take-in-data', 'seed', 'claim-seed', 'join-as-learner']) {
    assert.equal(journal.said(undefined, { decision }, from).length, 0, decision);
  }
  const calls = journal.lines.slice(from).filter(({ line }) => 'membershipCall' in line);
  assert.deepEqual(calls, []);
  assert.deepEqual(
    ORDINALS.flatMap((ordinal) => quarantined(scenario, ordinal)),
    [],
  );
}

function humanWrites(scenario: Scenario, record: FormationRecord): Promise<void> {
  return writeFormation(scenario, formatFormationRecord(record));
}

function updatesDone(scenario: Scenario): number {
  return scenario.journal.said(undefined, { membershipCall: 'MemberUpdate', msg: 'MemberUpdate done' })
    .length;
}

function markerOn(scenario: Scenario, ordinal: number): Marker {
  const path = join(pathsOf(scenario.folder).volumeOf(ordinal), 'quorate.json');
  const marker = parseMarker(readFileSync(path, 'utf8'));
  assert.ok(!('invalid' in marker));
  return marker;
}
