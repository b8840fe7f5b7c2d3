/** Nodes are drained, die, and are cut off; other tests would feel it, so these run alone. */
import assert from 'node:assert/strict';
import { applyCluster, type TestCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import type { WarningPattern } from '../support/expected-warning.ts';
import { actOnNode } from '../support/nodes.ts';
import { assertSound } from '../support/oracle.ts';
import { readRunFacts } from '../support/run-facts.ts';
import { seconds } from '../support/seconds.ts';

const DRAIN_SECONDS = 60;
/** A Pod that may not be evicted is asked for again every 5 s. */
const REFUSED_SECONDS = 12;

/** What Kubernetes and quorate say of Pods whose node is away. */
const NODE_WARNINGS: readonly WarningPattern[] = [
  { about: 'Pod', reason: 'NodeNotReady' },
  { about: 'Pod', reason: 'FailedScheduling' },
  { about: 'Pod', reason: 'Unhealthy' },
  { about: 'Pod', reason: 'FailedMount' },
  { about: 'Pod', reason: 'FailedCreatePodSandBox' },
  { about: 'Pod', reason: 'SandboxChanged' },
];

const facts = readRunFacts();

e2eTest(
  'a node is drained: one member goes, a second may not, and with the node back all are there',
  {
    minutes: 10,
    // Who runs the operator of each test on this machine shares the cluster with others.
    skip: facts.deployment === undefined ? 'a node that is cordoned would be missed by others' : undefined,
  },
  async (ground) => {
    // A name of its own: drain chooses Pods by label, in all namespaces.
    const name = `drained-${ground.facts.run}`;
    const cluster = await applyCluster(ground, { name, spec: { size: 3 } });
    await cluster.untilSettled({ size: 3 });
    const leader = cluster.leader();
    const [first, second] = [leader, ...cluster.pods().map((pod) => pod.name)].flatMap((pod, index, all) =>
      all.indexOf(pod) === index ? [nodeOf(cluster, pod)] : [],
    );
    assert.ok(
      first !== undefined && second !== undefined && first !== second,
      'members are on several nodes',
    );
    const writer = await startWriter(cluster, [first, second]);
    await writer.untilMore(50);
    await writer.section('drained');
    const drain = async (node: string, secondsMax: number): Promise<number> => {
      const flags = ['--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${secondsMax}s`];
      const only = `--pod-selector=etcd.etcd.io/cluster=${name}`;
      const { code } = await ground.kubectl.run(['drain', node, only, ...flags], {
        timeoutMs: secondsMax * 2_000,
      });
      return code;
    };
    try {
      assert.equal(await drain(first, DRAIN_SECONDS), 0, `draining ${first}`);
      await writer.untilMore(50);
      const isAway = cluster.pods().some(({ node }) => node === '');
      if (isAway) {
        // With volumes that cannot move, the budget is used up.
        assert.notEqual(await drain(second, REFUSED_SECONDS), 0, `draining ${second}, too`);
        await writer.untilMore(50);
      }
    } finally {
      await ground.kubectl.must(['uncordon', first, second]);
    }
    await writer.section('the nodes are back');
    await assertSound(cluster, { size: 3, writer, warnings: NODE_WARNINGS });
  },
);

if (facts.nodectl !== undefined) {
  for (const [what, down, up] of [
    ['dies', 'stop', 'start'],
    ['is cut off from all others', 'cut', 'heal'],
  ] as const) {
    e2eTest(
      `the node of the leader ${what}: another leads, that is named, and with the node back all are there`,
      { minutes: 12 },
      async (ground) => {
        const cluster = await applyCluster(ground, { spec: { size: 3 } });
        await cluster.untilSettled({ size: 3 });
        const before = (cluster.status().members ?? []).map(({ name, id }) => `${name} ${id}`);
        const [pod, node] = [cluster.leader(), nodeOf(cluster, cluster.leader())];
        // Another one would take over once Kubernetes gives the node up, which is a minute or more.
        await ground.operator.keepOff(node);
        const writer = await startWriter(cluster, [node]);
        await writer.untilMore(50);
        await writer.section(`${node} ${what}`);
        actOnNode(facts, node, down);
        const startedMs = performance.now();
        try {
          await cluster.space.view.until('another leads', () => (cluster.status().leader ?? pod) !== pod);
          ground.note(`another leads, by the status, after ${seconds(performance.now() - startedMs)}`);
          const named = await cluster.space.view.until('that is named', () =>
            cluster.status().conditions?.find(({ type, status }) => type === 'Degraded' && status === 'True'),
          );
          ground.note(`named after ${seconds(performance.now() - startedMs)}: ${named.message}`);
          assert.ok(named.message.includes(pod), named.message);
          await writer.untilMore(200);
        } finally {
          actOnNode(facts, node, up);
        }
        await writer.section(`${node} is back`);
        const backMs = performance.now();
        await cluster.untilSettled({ size: 3 }, NODE_BACK_MS_MAX);
        ground.note(`settled ${seconds(performance.now() - backMs)} after the node was back`);
        await assertSound(cluster, {
          size: 3,
          writer,
          warnings: NODE_WARNINGS,
          restartedNodes: down === 'stop' ? [node] : [],
        });
        const after = (cluster.status().members ?? []).map(({ name, id }) => `${name} ${id}`);
        assert.deepEqual(after, before, 'the members are the same as before');
      },
    );
  }
}

/** A node boots, its kubelet starts every Pod anew, and Kubernetes believes in it again. */
const NODE_BACK_MS_MAX = 240_000;

function nodeOf(cluster: TestCluster, pod: string): string {
  return cluster.pods().find(({ name }) => name === pod)?.node ?? '';
}
