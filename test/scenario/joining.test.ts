/** Failure catalogue, group C: joining. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podAddressOf } from '../../src/local/cluster-layout.ts';
import { DEFAULT_ETCD_VERSION, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { isStarted } from '../../src/model/member.ts';
import { startEtcd } from '../support/etcd-process.ts';
import { aCluster, type Scenario, temporaryFolder } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { freezeAtStart, holdDown } from './support/hold-down.ts';
import { aNameServer, trueAddresses } from './support/name-server.ts';
import { assertSound, callsMade } from './support/universal-oracle.ts';
import { confirmedList, idsByName, untilWhole } from './support/until-whole.ts';

for (const [what, harm] of [
  ['its agent is killed', (scenario: Scenario) => scenario.kill(1, 'agent')],
  ['its Pod is deleted by force', (scenario: Scenario) => scenario.local().deletePod(1, { force: true })],
] as const) {
  test(`F22: a joiner goes on under the ID it was registered with when ${what} right then`, async (t) => {
    const scenario = await aCluster(t, { size: 1 });
    await untilWhole(scenario, 1);
    const writer = aWriter(scenario);
    scenario.local().scale(2);
    await scenario.journal.untilSaid(1, { membershipCall: 'MemberAdd' });
    await harm(scenario);
    await assertSound(scenario, { voters: 2, writers: [writer], calls: { add: 1, promote: 1 } });
  });
}

test('F22: a joiner that loses its volume right after its registration joins under another ID', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  scenario.local().scale(2);
  await scenario.journal.untilSaid(1, { membershipCall: 'MemberAdd' });
  await scenario.local().wipeVolume(1);
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { add: 2, promote: 1, remove: 1 } });
});

test('F23: a MemberAdd without an answer is looked up, not repeated blindly', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  const stop = scenario.journal.onLine(({ line }) => {
    if (line['decision'] === 'join-as-learner') {
      stop();
      scenario.kill(0, 'etcd', 'SIGSTOP');
    }
  });
  scenario.local().scale(2);
  const { line } = await scenario.journal.untilSaid(1, { membershipCall: 'MemberAdd' });
  t.diagnostic(`the call ended as ${JSON.stringify(line['outcome'])}`);
  scenario.kill(0, 'etcd', 'SIGCONT');
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { add: 1, promote: 1 } });
});

test('F24: a learner whose agent died before the promotion is promoted by the next one', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  const stop = scenario.journal.onLine(({ ordinal, line }) => {
    if (line['decision'] === 'promote-self') {
      stop();
      scenario.kill(ordinal, 'agent');
    }
  });
  scenario.local().scale(2);
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { add: 1, promote: 1 } });
});

for (const version of TESTED_ETCD_VERSIONS) {
  test(`F25, F26: four joiners at once all become voters, and none is listed as one before it runs (${version})`, async (t) => {
    const scenario = await aCluster(t, { size: 1, version });
    await untilWhole(scenario, 1);
    const writer = aWriter(scenario);
    const grown = new AbortController();
    const watched = watchForUnstartedVoters(scenario, grown.signal);
    scenario.local().scale(5);
    await untilWhole(scenario, 5, 120_000);
    grown.abort();
    assert.equal(await watched, 0, 'voters that had not started');
    await assertSound(scenario, { voters: 5, writers: [writer], calls: { add: 4, promote: 4 } });
  });
}

test('F27: a lost volume is replaced while another voter is down, which is not removed', async (t) => {
  const scenario = await aCluster(t, { size: 5 });
  const before = idsByName(await untilWhole(scenario, 5));
  const writer = aWriter(scenario);
  const down = holdDown(scenario, 1);
  await scenario.local().wipeVolume(2);
  await scenario.journal.until('the wiped member serves again', () => isNewVoter(scenario, 2, before));
  await writer.untilMore(20);
  down.letUp();
  const after = idsByName(await untilWhole(scenario, 5));
  assert.equal(after.get('demo-1'), before.get('demo-1'));
  await assertSound(scenario, { voters: 5, writers: [writer], calls: { add: 5, promote: 5, remove: 1 } });
});

test('F28: an add that etcd refuses because its connections are young is made again', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const writer = aWriter(scenario);
  await untilWhole(scenario, 3);
  scenario.local().scale(4);
  await assertSound(scenario, { voters: 4, writers: [writer], calls: { add: 3, promote: 3 } });
});

test('F29, F30: a learner whose etcd stands still is not promoted, however far it had come', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  const { journal } = scenario;
  await untilWhole(scenario, 1);
  const from = journal.events.length;
  scenario.local().scale(3);
  const two = await freezeAtStart(scenario, 2, from);
  await journal.untilSaid(1, { reason: 'HoldingDoor' }, 0);
  scenario.kill(1, 'etcd', 'SIGSTOP');
  await journal.untilSaid(1, { decision: 'wait' });
  const writer = aWriter(scenario);
  await writer.untilMore(600);
  assert.equal(callsMade(scenario, 'promote'), 0);
  scenario.kill(1, 'etcd', 'SIGCONT');
  two.letUp();
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

test('F31, F59: a learner that no voter is known to reach does not become a voter', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  const { journal } = scenario;
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  scenario.local().scale(2);
  await journal.untilSaid(1, { membershipCall: 'MemberAdd' });
  scenario.kill(0, 'agent', 'SIGSTOP');
  await journal.untilSaid(1, { reason: 'VoterCannotReachMe' }, 0);
  await writer.untilMore(50);
  assert.equal(callsMade(scenario, 'promote'), 0);
  scenario.kill(0, 'agent', 'SIGCONT');
  await assertSound(scenario, { voters: 2, writers: [writer], calls: { add: 1, promote: 1 } });
});

test('F32: the only slot for learners, held by one that never starts, is freed once it is scaled away', async (t) => {
  const scenario = await aCluster(t, { size: 1, version: '3.5.35' });
  const { journal } = scenario;
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  const stop = journal.onLine(({ ordinal, line }) => {
    if (line['membershipCall'] === 'MemberAdd') {
      stop();
      scenario.kill(ordinal, 'agent', 'SIGSTOP');
    }
  });
  scenario.local().scale(3);
  const { ordinal: first } = await journal.untilSaid(undefined, { membershipCall: 'MemberAdd' });
  await journal.untilSaid(3 - first, { reason: 'LearnerSlotTaken' }, 0);
  scenario.kill(first, 'agent');
  scenario.local().scale(1);
  await untilWhole(scenario, 1);
  assert.ok(journal.said(0, { decision: 'remove-orphan' }).length > 0);
  scenario.local().scale(3);
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 2, remove: 1 } });
});

test('F33: nobody is registered under a name that leads elsewhere', async (t) => {
  const dns = await aNameServer(t);
  const scenario = await aCluster(t, { size: 1, agentEnv: dns.agentEnv });
  await untilWhole(scenario, 1);
  dns.publish(scenario, { 1: podAddressOf(scenario.local().template.block, 7) });
  scenario.local().scale(2);
  const { line } = await scenario.journal.untilSaid(1, { reason: 'OwnNameUnpublished' });
  assert.match(String(line['msg']), /resolves to another address/);
  assert.equal(callsMade(scenario, 'add'), 0);
  dns.publish(scenario, trueAddresses(scenario, [0, 1]));
  await assertSound(scenario, { voters: 2, calls: { add: 1, promote: 1 } });
});

test('F35: the word of another cluster under a peer’s address is not believed', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  const { journal } = scenario;
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  await writer.stop();
  const { block } = scenario.local().template;
  const from = journal.events.length;
  const down = holdDown(scenario, 1);
  await journal.until('etcd 1 is gone', () =>
    journal.events.slice(from).some((event) => event.kind === 'container-exited' && event.ordinal === 1),
  );
  const foreign = await startEtcd({
    version: DEFAULT_ETCD_VERSION,
    address: podAddressOf(block, 1),
    dataDirectory: temporaryFolder(t),
    signal: t.signal,
  });
  await scenario.local().wipeVolume(2);
  await journal.untilSaid(2, { reason: 'QuorumLost' });
  scenario.kill(0, 'etcd', 'SIGSTOP');
  await journal.untilSaid(2, { reason: 'ForeignCluster' });
  scenario.kill(0, 'etcd', 'SIGCONT');
  await foreign.stop('SIGKILL');
  down.letUp();
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 3, remove: 1 } });
});

test('F9, F84: an API that goes away while members join holds them up and loses nothing', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  const { journal } = scenario;
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  scenario.local().scale(3);
  await journal.untilSaid(undefined, { membershipCall: 'MemberAdd' });
  scenario.local().setApiFault({ kind: 'unreachable' });
  await writer.untilMore(100);
  scenario.local().setApiFault({ kind: 'none' });
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

test('F6, F25: a DNS outage while members join holds them up and loses nothing', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  scenario.local().setDnsFault({ kind: 'silent' });
  scenario.local().scale(3);
  await scenario.journal.untilSaid(1, { reason: 'OwnNameUnpublished' });
  await writer.untilMore(100);
  scenario.local().setDnsFault({ kind: 'truncate-all' });
  await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 2, promote: 2 } });
});

/** Looks at the list again and again until `signal`; how often a voter had not started. */
async function watchForUnstartedVoters(scenario: Scenario, signal: AbortSignal): Promise<number> {
  let seen = 0;
  while (!signal.aborted) {
    const members = await confirmedList(scenario, 0);
    seen += members.filter((member) => !member.isLearner && !isStarted(member)).length;
    await scenario.journal.next(50, signal);
  }
  return seen;
}

function isNewVoter(scenario: Scenario, ordinal: number, before: ReadonlyMap<string, string>): boolean {
  const status = scenario.journal.statuses.get(ordinal);
  return (
    status?.decision.stage === 'serving' &&
    status.etcd.memberId !== null &&
    status.etcd.memberId !== before.get(status.name)
  );
}
