/** F8, F22, F24, F40, F56: kill -9 between any two actions of an agent, in everything it does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCluster } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { killAtEachStep, type Steps, type Victims } from './support/kill-at-each-step.ts';
import { assertSound } from './support/universal-oracle.ts';
import { untilWhole } from './support/until-whole.ts';

/** Dozens of deaths in a row: the back-off would only make them slow. */
const NO_BACK_OFF = { firstMs: 20, maxMs: 50, forgivenAfterMs: 600_000 };
/** Restarts of Node.js, one after another, on a machine that does other things too. */
const PATIENCE_MS = 180_000;
/** Ends of etcd: with each agent that dies at the gate, and by our own hand. */
const ANY = 1_000;

for (const victims of [['agent'], ['agent', 'etcd']] as const satisfies readonly Victims[]) {
  const who = victims.join(' and ');
  /** An etcd that dies between its release and its first write may have voted, for all anybody knows. */
  const again = victims.length - 1;

  test(`F56: ${who} killed at each step while three members form and join`, async (t) => {
    const scenario = await aCluster(t, { size: 3, backOff: NO_BACK_OFF });
    const steps = killAtEachStep(scenario, victims);
    await untilWhole(scenario, 3, PATIENCE_MS);
    steps.stop();
    assertReached(steps, [
      '0: claim-seed Unformed',
      '0: seed SeedClaimed',
      '0: seal QuorumProven',
      '1: join-as-learner NotListed',
      '1: start-joined Registered',
      '2: start-joined Registered',
    ]);
    await assertSound(scenario, {
      voters: 3,
      calls: { add: 2 + 2 * again, promote: 2, remove: 2 * again },
      etcdExits: ANY,
      freshStarts: ANY,
    });
  });

  test(`F56: ${who} killed at each step while a lost volume is replaced`, async (t) => {
    const scenario = await aCluster(t, { size: 3, backOff: NO_BACK_OFF });
    await untilWhole(scenario, 3);
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    const steps = killAtEachStep(scenario, victims, ({ ordinal }) => ordinal === 1);
    await scenario.local().wipeVolume(1);
    await untilWhole(scenario, 3, PATIENCE_MS);
    steps.stop();
    assertReached(steps, ['1: remove-lost-identity LostIdentity', '1: join-as-learner NotListed']);
    await assertSound(scenario, {
      voters: 3,
      writers: [writer],
      calls: { add: 3 + again, promote: 3, remove: 1 + again },
      etcdExits: ANY,
    });
  });

  test(`F56: ${who} killed at each step while removed members set their data aside and join anew`, async (t) => {
    const scenario = await aCluster(t, { size: 3, backOff: NO_BACK_OFF });
    await untilWhole(scenario, 3);
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    scenario.local().scale(1);
    await untilWhole(scenario, 1);
    const steps = killAtEachStep(scenario, victims, ({ ordinal }) => ordinal > 0);
    scenario.local().scale(3);
    await untilWhole(scenario, 3, PATIENCE_MS);
    steps.stop();
    assertReached(steps, ['1: set-data-aside RemovedData', '2: set-data-aside RemovedData']);
    await assertSound(scenario, {
      voters: 3,
      writers: [writer],
      calls: { add: 4 + 2 * again, promote: 4, remove: 2 + 2 * again },
      etcdExits: ANY,
    });
  });
}

test('F39, F56: agents killed at each step of leaving: what they leave undone the janitor finishes', async (t) => {
  const scenario = await aCluster(t, { size: 5, backOff: NO_BACK_OFF });
  await untilWhole(scenario, 5);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  const steps = killAtEachStep(
    scenario,
    ['agent'],
    ({ line }) => line['verdict'] !== undefined || line['membershipCall'] === 'MemberRemove',
  );
  scenario.local().scale(3);
  await untilWhole(scenario, 3, PATIENCE_MS);
  steps.stop();
  assert.ok(steps.killedAt.size > 0);
  await assertSound(scenario, {
    voters: 3,
    writers: [writer],
    calls: { add: 4, promote: 4, remove: 2 },
    etcdExits: ANY,
  });
});

test('F39, F56: the janitor killed at each of its steps finishes all the same', async (t) => {
  const scenario = await aCluster(t, { size: 5, backOff: NO_BACK_OFF });
  await untilWhole(scenario, 5);
  const writer = aWriter(scenario);
  await writer.untilMore(20);
  const steps = killAtEachStep(scenario, ['agent'], ({ ordinal }) => ordinal < 3);
  scenario.local().scale(3);
  await Promise.all([3, 4].map((ordinal) => scenario.local().deletePod(ordinal, { force: true })));
  await untilWhole(scenario, 3, PATIENCE_MS);
  steps.stop();
  const removals = [...steps.killedAt].filter((step) => step.includes('remove-orphan OrphanedMember'));
  assert.ok(removals.length > 0, [...steps.killedAt].join('; '));
  await assertSound(scenario, {
    voters: 3,
    writers: [writer],
    calls: { add: 4, promote: 4, remove: 2 },
    etcdExits: ANY,
  });
});

function assertReached(steps: Steps, wanted: readonly string[]): void {
  const missed = wanted.filter((step) => !steps.killedAt.has(step));
  assert.deepEqual(missed, [], `killed only at ${[...steps.killedAt].join('; ')}`);
}
