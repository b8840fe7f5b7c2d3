/** F6, F34, F57, F58 as on Kubernetes, where members know one another by name and not by address. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { podAddressOf } from '../../src/local/cluster-layout.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { aCluster, type Scenario } from './support/a-cluster.ts';
import { aWriter } from './support/acknowledged-writer.ts';
import { holdDown } from './support/hold-down.ts';
import { aNameServer, type NameServer, trueAddresses } from './support/name-server.ts';
import { NAME_SERVER_ADDRESS, NO_OWN_NAMES, runWithOwnNames } from './support/own-names.ts';
import { assertSound, countCalls, freshStarts } from './support/universal-oracle.ts';
import { idsByName, untilWhole } from './support/until-whole.ts';

const FORMED = { add: 2, promote: 2 } as const;
const ALL = [0, 1, 2, 3, 4];

if (NAME_SERVER_ADDRESS === undefined) {
  test('with names in place of addresses', { skip: NO_OWN_NAMES }, (t) =>
    runWithOwnNames(t, import.meta.filename),
  );
} else {
  for (const version of TESTED_ETCD_VERSIONS) {
    test(`members that know one another by name form a cluster and heal it (${version})`, async (t) => {
      const { scenario } = await aNamedCluster(t, 3, version);
      const before = idsByName(await untilWhole(scenario, 3));
      const writer = aWriter(scenario);
      await writer.untilMore(20);
      await scenario.local().wipeVolume(1);
      assert.notEqual(idsByName(await untilWhole(scenario, 3)).get('demo-1'), before.get('demo-1'));
      await assertSound(scenario, {
        voters: 3,
        writers: [writer],
        calls: { add: 3, promote: 3, remove: 1 },
      });
    });
  }

  test('F6: without DNS a Pod that lost its volume waits, and never starts a cluster', async (t) => {
    const { scenario, dns } = await aNamedCluster(t, 3);
    await untilWhole(scenario, 3);
    const writer = aWriter(scenario);
    dns.setFault({ kind: 'silent' });
    const from = scenario.journal.lines.length;
    await scenario.local().wipeVolume(1);
    await scenario.journal.untilSaid(1, { decision: 'wait' }, from);
    await writer.untilMore(100);
    assert.equal(freshStarts(scenario), 1);
    dns.setFault({ kind: 'none' });
    await assertSound(scenario, { voters: 3, writers: [writer], calls: { add: 3, promote: 3, remove: 1 } });
  });

  test('F34: a joiner does not start while the name of a dead voter leads to the joiner itself', async (t) => {
    const { scenario, dns } = await aNamedCluster(t, 3);
    const { journal } = scenario;
    await untilWhole(scenario, 3);
    const writer = aWriter(scenario);
    const stop = journal.onLine(({ ordinal, line }) => {
      if (line['membershipCall'] === 'MemberAdd' && line['msg'] === 'MemberAdd done' && ordinal === 3) {
        stop();
        scenario.kill(3, 'agent', 'SIGSTOP');
      }
    });
    scenario.local().scale(4);
    await journal.until('3 is registered', () => countCalls(scenario, 'add').done === 3);
    const down = holdDown(scenario, 2);
    const { block } = scenario.local().template;
    dns.publish(scenario, { ...trueAddresses(scenario, [0, 1, 3]), 2: podAddressOf(block, 3) });
    scenario.kill(3, 'agent', 'SIGCONT');
    await journal.untilSaid(3, { reason: 'PeerMisdirected' });
    await writer.untilMore(50);
    assert.equal(journal.said(3, { decision: 'start-joined' }).length, 0);
    dns.publish(scenario, trueAddresses(scenario, ALL));
    down.letUp();
    await assertSound(scenario, { voters: 4, writers: [writer], calls: { add: 3, promote: 3 } });
  });

  test('F57: a member whose name leads to another for a while comes back when it does no more', async (t) => {
    const { scenario, dns } = await aNamedCluster(t, 3);
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    const { block } = scenario.local().template;
    dns.publish(scenario, { ...trueAddresses(scenario, [0, 1]), 2: podAddressOf(block, 1) });
    scenario.kill(2, 'etcd');
    await writer.untilMore(200);
    dns.publish(scenario, trueAddresses(scenario, ALL));
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
    await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
  });

  test('F58: without DNS members serve on, and an agent that restarts finds its own etcd', async (t) => {
    const { scenario, dns } = await aNamedCluster(t, 3);
    const { journal } = scenario;
    const before = idsByName(await untilWhole(scenario, 3));
    const writer = aWriter(scenario);
    dns.setFault({ kind: 'silent' });
    const from = journal.lines.length;
    for (const ordinal of [0, 1, 2]) {
      scenario.kill(ordinal, 'agent');
    }
    for (const ordinal of [0, 1, 2]) {
      // The leader says that it cannot find the others, and serves.
      await journal.untilSaid(ordinal, { stage: 'serving' }, from);
    }
    await writer.untilMore(200);
    dns.setFault({ kind: 'none' });
    assert.deepEqual(idsByName(await untilWhole(scenario, 3)), before);
    await assertSound(scenario, { voters: 3, writers: [writer], calls: FORMED });
  });
}

/** A cluster whose members have names for URLs, and the server that knows them. */
async function aNamedCluster(
  t: TestContext,
  size: number,
  version = '3.6.16',
): Promise<{ readonly scenario: Scenario; readonly dns: NameServer }> {
  const dns = await aNameServer(t, { address: NAME_SERVER_ADDRESS ?? '', port: 53 });
  const agentEnv = { ...dns.agentEnv, QUORATE_HOST_TEMPLATE: '{fqdn}' };
  const scenario = await aCluster(t, { size, version, agentEnv });
  dns.publish(scenario, trueAddresses(scenario, ALL));
  return { scenario, dns };
}
