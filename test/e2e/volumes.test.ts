/** Volumes are lost, or outlive their cluster. */
import assert from 'node:assert/strict';
import type { Condition } from '../../src/api/kubernetes.ts';
import { applyCluster, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import { gatewayOf } from './support/etcd-ask.ts';
import type { MemberList } from './support/etcd-gateway.ts';
import type { WarningPattern } from './support/expected-warning.ts';
import type { Seen } from './support/namespace-view.ts';
import { assertNothingHappens } from './support/nothing-happens.ts';
import { assertSound } from './support/oracle.ts';
import { renewCertificates } from './support/program-pod.ts';
import { replacePods } from './support/replace-pods.ts';
import { seconds } from './support/seconds.ts';

for (const who of ['leader', 'follower'] as const) {
  e2eTest(
    `the Pod of the ${who} is deleted with its volume: its place is taken by a new member, and the old one is removed`,
    { minutes: 10 },
    async (ground) => {
      const cluster = await applyCluster(ground, { spec: { size: 3 } });
      await cluster.untilSettled({ size: 3 });
      const writer = await startWriter(cluster);
      await writer.untilMore(50);
      await writer.section('the volume is lost');
      const leader = cluster.leader();
      const pod = cluster.pods().find(({ name }) => (name === leader) === (who === 'leader'))?.name;
      assert.ok(pod !== undefined);
      const [before, claims] = [idsOf(cluster), cluster.space.view.claims()];
      const startedMs = performance.now();
      await replacePods(cluster, [pod], { claims: true });
      ground.note(`the new Pod is there ${seconds(performance.now() - startedMs)} after the deletion`);
      await cluster.untilSettled({ size: 3 });
      ground.note(`settled ${seconds(performance.now() - startedMs)} after the deletion`);
      await writer.untilMore(20);
      await assertSound(cluster, {
        size: 3,
        writer,
        warnings: [{ about: 'EtcdCluster/demo', reason: 'MemberGivesUp', message: /LostIdentity/ }],
      });
      const after = idsOf(cluster);
      for (const { name } of cluster.pods()) {
        assert.equal(after.get(name) === before.get(name), name !== pod, `the member ID of ${name}`);
      }
      const claim = `data-${pod}`;
      assert.notEqual(cluster.space.view.claims().get(claim), claims.get(claim), 'the volume is another');
    },
  );
}

/** So long nothing may be done; each agent looks several times a second. */
const QUIET_MS = 15_000;

e2eTest(
  'two of three volumes are lost: that is named, and nothing is removed, added, set aside or written anew',
  { minutes: 10 },
  async (ground) => {
    const cluster = await applyCluster(ground, { spec: { size: 3 } });
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await writer.untilMore(50);
    await writer.finish();
    const { view } = cluster.space;
    const before = await facts(cluster);
    const startedMs = performance.now();
    await replacePods(cluster, ['demo-1', 'demo-2'], { claims: true });
    const lost = await view.until('QuorumLost is named', () => condition(cluster, 'QuorumLost', 'True'));
    ground.note(
      `QuorumLost named ${seconds(performance.now() - startedMs)} after the deletion: ${lost.message}`,
    );
    const data = await view.until('DataLost is named', () => condition(cluster, 'DataLost', 'True'));
    ground.note(
      `DataLost named ${seconds(performance.now() - startedMs)} after the deletion: ${data.message}`,
    );
    assert.match(data.message, /demo-1/);
    assert.match(data.message, /demo-2/);
    await view.until('the phase is Failed', () => cluster.status().phase === 'Failed');
    const calls = destructiveLines(cluster);
    await assertNothingHappens(ground, cluster.space, QUIET_MS, touchesMembers);
    assert.deepEqual(destructiveLines(cluster), calls, 'what agents did to members and data');
    assert.deepEqual(calls, [], 'what agents did to members and data');
    assert.deepEqual(await facts(cluster), before, 'record, member list and volume of the one that is left');
    ground.note(`status: ${cluster.status().message}`);
  },
);

e2eTest(
  'a cluster is deleted and applied again: it is blocked by the volumes of the old one, which stay as they are',
  { minutes: 10 },
  async (ground) => {
    const first = await applyCluster(ground, { spec: { size: 3 } });
    await first.untilSettled({ size: 3 });
    const { space } = first;
    const claims = [...space.view.claims()];
    const { clusterID } = first.status();
    await space.kubectl.must(['delete', 'etcdcluster', 'demo', '--timeout=90s'], { timeoutMs: 120_000 });
    await space.view.until('its Pods are gone', () => space.view.pods('demo').length === 0);
    assert.deepEqual([...space.view.claims()], claims, 'volumes after the deletion');
    const second = await applyCluster(ground, { spec: { size: 3 } });
    await space.view.until('the phase is Failed', () => second.status().phase === 'Failed');
    const blocked = await space.view.until('it is not available', () =>
      condition(second, 'Available', 'False'),
    );
    assert.equal(blocked.reason, 'FormationBlocked');
    for (const [claim] of claims) {
      assert.ok(blocked.message.includes(claim), `the message names ${claim}: ${blocked.message}`);
    }
    assert.match(blocked.message, /annotate/);
    ground.note(`status: ${second.status().message}`);
    await assertNothingHappens(ground, space, QUIET_MS, touchesMembers);
    assert.equal(space.view.record('demo')?.phase, 'Blocked');
    assert.deepEqual([...space.view.claims()], claims, 'volumes after the second apply');
    assert.notEqual(second.status().clusterID, clusterID);
  },
);

/** What is said of a cluster that waits for a human's word. */
const BLOCKED: readonly WarningPattern[] = [
  { about: 'EtcdCluster/demo', reason: 'ClusterFailed' },
  { about: 'EtcdCluster/demo', reason: 'MemberNeedsHuman', message: /FormationBlocked/ },
];

e2eTest(
  'a cluster that is blocked by old volumes goes on with their data when they are adopted',
  { minutes: 10 },
  async (ground) => {
    const first = await applyCluster(ground, { spec: { size: 3 } });
    await first.untilSettled({ size: 3 });
    const { clusterID } = first.status();
    const writer = await startWriter(first);
    await writer.untilMore(50);
    await writer.section('deleted and adopted');
    const second = await applyAgain(first);
    await renewCertificates(second);
    const startedMs = performance.now();
    await second.space.kubectl.must(['annotate', 'etcdcluster', 'demo', 'etcd.etcd.io/adopt=true']);
    await second.untilSettled({ size: 3 });
    ground.note(`settled ${seconds(performance.now() - startedMs)} after the word`);
    assert.equal(second.status().clusterID, clusterID, 'it is the same cluster');
    await writer.untilMore(20);
    await assertSound(second, { size: 3, writer, warnings: BLOCKED });
  },
);

e2eTest(
  'a cluster that is blocked by old volumes starts empty when they are discarded, and their data is set aside',
  { minutes: 10 },
  async (ground) => {
    const first = await applyCluster(ground, { spec: { size: 3 } });
    await first.untilSettled({ size: 3 });
    const { clusterID } = first.status();
    const second = await applyAgain(first);
    const startedMs = performance.now();
    await second.space.kubectl.must(['annotate', 'etcdcluster', 'demo', 'etcd.etcd.io/discard=true']);
    await second.untilSettled({ size: 3 });
    ground.note(`settled ${seconds(performance.now() - startedMs)} after the word`);
    assert.notEqual(second.status().clusterID, clusterID, 'it is another cluster');
    const writer = await startWriter(second);
    await assertSound(second, {
      size: 3,
      writer,
      quarantined: ['demo-0', 'demo-1', 'demo-2'],
      warnings: [
        ...BLOCKED,
        { about: 'EtcdCluster/demo', reason: 'MemberGivesUp', message: /DataDiscarded|ForeignData/ },
      ],
    });
  },
);

/** Deletes a cluster, applies the same again, and waits until that is blocked. */
async function applyAgain(first: TestCluster): Promise<TestCluster> {
  const { ground, space } = first;
  await space.kubectl.must(['delete', 'etcdcluster', 'demo', '--timeout=90s'], { timeoutMs: 120_000 });
  await space.view.until('its Pods are gone', () => space.view.pods('demo').length === 0);
  const second = await applyCluster(ground, { spec: { size: 3 } });
  await space.view.until(
    'it is blocked',
    () => condition(second, 'Available', 'False')?.reason === 'FormationBlocked',
  );
  return second;
}

function idsOf(cluster: TestCluster): ReadonlyMap<string, string | undefined> {
  return new Map((cluster.status().members ?? []).map(({ name, id }) => [name, id]));
}

function condition(cluster: TestCluster, type: string, status: string): Condition | undefined {
  return cluster.status().conditions?.find((each) => each.type === type && each.status === status);
}

type Facts = { readonly record: unknown; readonly list: MemberList; readonly claim: string | undefined };

/** What must outlive the loss: as demo-0 has it, since no quorum can be asked any more. */
async function facts(cluster: TestCluster): Promise<Facts> {
  const { space, name } = cluster;
  const gateway = gatewayOf(cluster);
  return {
    record: space.view.record(name),
    list: await gateway.listMembersLocally('demo-0'),
    claim: space.view.claims().get('data-demo-0'),
  };
}

/** Log lines of agents that called for a change of members, or set data aside, after the cluster was formed. */
function destructiveLines({ space }: TestCluster): readonly string[] {
  return space.logs
    .lines('agent')
    .filter(
      ({ line }) =>
        line['membershipCall'] === 'MemberRemove' ||
        line['decision'] === 'set-data-aside' ||
        line['decision'] === 'claim-seed',
    )
    .filter(({ file }) => !file.startsWith('demo-0.'))
    .map(({ line }) => JSON.stringify(line));
}

/** The record or a volume: whatever would make the loss worse. Pods come and go as Kubernetes has them. */
function touchesMembers({ kind, name }: Seen): boolean {
  return kind === 'ConfigMap' ? name === 'demo-formation' : kind === 'PersistentVolumeClaim';
}
