/** F25, F41, F42, F46, F48: sizes edited while the last edit is still under way, and outages meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterEvent } from '../../src/local/cluster-event.ts';
import { aCluster, type Scenario } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { assertSound, countCalls } from './support/universal-oracle.ts';
import { idsByName, untilWhole } from './support/until-whole.ts';

test('F25: from 1 to 9 in three edits, each while the last is under way', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  const { journal } = scenario;
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  scenario.local().scale(3);
  await journal.untilSaid(undefined, { membershipCall: 'MemberAdd' });
  scenario.local().scale(5);
  await journal.untilSaid(undefined, { decision: 'start-joined' });
  scenario.local().scale(9);
  await untilWhole(scenario, 9, 180_000);
  await assertSound(scenario, { voters: 9, writers: [writer], calls: { add: 8, promote: 8 } });
});

for (const when of ['pre-stop-called', 'pre-stop-returned'] as const) {
  test(`F46: a scale-in from 5 to 3 that is cancelled at ${when} ends at 5`, async (t) => {
    const scenario = await aCluster(t, { size: 5 });
    const { journal } = scenario;
    const before = idsByName(await untilWhole(scenario, 5));
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    scenario.local().scale(3);
    await journal.until(when, () => journal.events.some((event) => event.kind === when));
    scenario.local().scale(5);
    await journal.until('every Pod that is being deleted is gone', () => {
      const count = (kind: ClusterEvent['kind']): number =>
        journal.events.filter((event) => event.kind === kind).length;
      return count('pod-gone') === count('pod-deleting');
    });
    const after = idsByName(await untilWhole(scenario, 5));
    for (const name of ['demo-0', 'demo-1', 'demo-2']) {
      assert.equal(after.get(name), before.get(name));
    }
    const { done: removed } = countCalls(scenario, 'remove');
    const calls = { add: 4 + removed, promote: 4 + removed, remove: 2 };
    await assertSound(scenario, { voters: 5, writers: [writer], calls });
  });
}

test('F46: a scale-out from 1 to 5 that is cancelled while members join ends at 1', async (t) => {
  const scenario = await aCluster(t, { size: 1 });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  scenario.local().scale(5);
  await scenario.journal.untilSaid(undefined, { decision: 'start-joined' });
  scenario.local().scale(1);
  await untilWhole(scenario, 1);
  const { done: added } = countCalls(scenario, 'add');
  await assertSound(scenario, { voters: 1, writers: [writer], calls: { add: 4, promote: 4, remove: added } });
});

test('F48: whoever sets the size, and by whatever step, the members follow', async (t) => {
  const scenario = await aCluster(t, { size: 1, version: '3.7.3' });
  await untilWhole(scenario, 1);
  const writer = aWriter(scenario);
  for (const size of [5, 2, 4]) {
    await kubectlScale(scenario, size);
    await untilWhole(scenario, size);
  }
  await assertSound(scenario, { voters: 4, writers: [writer], calls: { add: 6, promote: 6, remove: 3 } });
});

for (const fault of [{ kind: 'unreachable' }, { kind: 'stale-reads' }] as const) {
  test(`F39, F84: a scale-in while the API is ${fault.kind} is finished once it is back`, async (t) => {
    const scenario = await aCluster(t, { size: 5 });
    const { journal } = scenario;
    await untilWhole(scenario, 5);
    const writer = aWriter(scenario);
    await writer.untilMore(20);
    scenario.local().setApiFault(fault);
    scenario.local().scale(3);
    await journal.until('Pods 3 and 4 are gone', () => scenario.pods().length === 3);
    assert.equal(countCalls(scenario, 'remove').done, 0, 'what is not known to be wanted gone stays');
    scenario.local().setApiFault({ kind: 'none' });
    await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 4, promote: 4, remove: 2 } });
  });
}

test('F58: a scale-in needs no DNS', async (t) => {
  const scenario = await aCluster(t, { size: 3 });
  await untilWhole(scenario, 3);
  const writer = aWriter(scenario);
  scenario.local().setDnsFault({ kind: 'silent' });
  scenario.local().scale(1);
  await assertSound(scenario, { voters: 1, writers: [writer], calls: { add: 2, promote: 2, remove: 2 } });
});

/** `kubectl scale`: a patch of the scale subresource, past whoever else manages the set. */
async function kubectlScale(scenario: Scenario, replicas: number): Promise<void> {
  const { apiUrl, names } = scenario.local().template;
  const path = `/apis/apps/v1/namespaces/${names.namespace}/statefulsets/${names.cluster}/scale`;
  const response = await fetch(`${apiUrl}${path}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ spec: { replicas } }),
  });
  assert.equal(response.status, 200);
}
