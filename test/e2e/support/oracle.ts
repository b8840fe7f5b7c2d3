/**
 * What must hold at the end of every test with a formed cluster:
 *
 *  1. status, Pods and members are as wanted, conditions say that all is well, about the object as it is;
 *  2. every acknowledged write is there, and no value has changed;
 *  3. each member, asked itself, has the same list: the status's and the Pods', without a learner;
 *  4. all members name one leader, and it is the status's;
 *  5. there is one cluster ID: of all members, of the status, and of the formation record;
 *  6. all members have the same hash at one revision;
 *  7. no container was restarted but those the test has struck, and etcds with a known excuse, which is told;
 *  8. no Warning was told that the test does not expect;
 *  9. nothing lies in quarantine that the test does not expect;
 * 10. no agent and no operator logged an error or was refused anything, and the operator has not ended by itself.
 */
import assert from 'node:assert/strict';
import { pause } from '../../../src/runtime/abort.ts';
import type { TestCluster } from './a-cluster.ts';
import type { Writer } from './a-writer.ts';
import { gatewayOf } from './etcd-ask.ts';
import type { EtcdHash } from './etcd-gateway.ts';
import { eventLines } from './event-view.ts';
import { excuseFor } from './excused-restarts.ts';
import { USUAL_WARNINGS, unexpectedWarnings, type WarningPattern } from './expected-warning.ts';
import type { Wanted } from './settled.ts';

export type Expected = Wanted & {
  readonly writer?: Writer;
  readonly warnings?: readonly WarningPattern[];
  /** Restarts of containers, such as `demo-0/etcd`; none of those not named. */
  readonly restarts?: Readonly<Record<string, number>>;
  /** Nodes whose containers may have been restarted, however often. */
  readonly restartedNodes?: readonly string[];
  /** Pods whose volume may hold data that was set aside. */
  readonly quarantined?: readonly string[];
  /** What an operator may have logged as an error. */
  readonly operatorErrors?: RegExp;
};

/** Waits until `cluster` is settled, stops the writer, and checks everything. */
export async function assertSound(cluster: TestCluster, expected: Expected): Promise<void> {
  await cluster.untilSettled(expected);
  await expected.writer?.finish();
  await assertMembers(cluster);
  await assertEqualHashes(cluster);
  assertRestarts(cluster, expected);
  assertWarnings(cluster, expected);
  await assertQuarantine(cluster, expected);
  assertAgentLogs(cluster);
  await assertOperator(cluster, expected);
}

/** Whether each member, asked itself, has the list, the leader and the cluster ID that status has. */
export async function assertMembers(cluster: TestCluster): Promise<void> {
  const { space, name } = cluster;
  const gateway = gatewayOf(cluster);
  const { members = [], clusterID, leaderID } = cluster.status();
  const inStatus = members.map(({ id = '', name: pod }) => `${pod} ${id}`).toSorted();
  assert.ok(clusterID !== undefined && leaderID !== undefined);
  const record = space.view.record(name);
  assert.equal(record?.phase, 'Formed');
  assert.equal(record.clusterId, clusterID, 'the cluster ID of the record and of the status');
  for (const pod of cluster.pods().map((each) => each.name)) {
    const list = await gateway.listMembers(pod);
    const listed = list.members.map((member) => `${member.name} ${member.id}`).toSorted();
    assert.deepEqual(listed, inStatus, `the member list that ${pod} has, and the status`);
    assert.deepEqual(
      list.members.filter(({ isLearner }) => isLearner),
      [],
      `learners that ${pod} lists`,
    );
    const status = await gateway.status(pod);
    assert.deepEqual(status.errors, [], `alarms that ${pod} tells of`);
    assert.equal(status.leaderId, leaderID, `the leader that ${pod} names, and the status`);
    assert.equal(list.clusterId, clusterID, `the cluster ID of ${pod}`);
    assert.ok(listed.includes(`${pod} ${status.memberId}`), `${pod} is itself in the list`);
  }
}

/** Only the agents' own reads are under way by now, and they write nothing. */
const HASH_TRIES_MAX = 20;
const HASH_AGAIN_MS = 250;

/** Whether all members of `cluster` hold the same data. */
export async function assertEqualHashes(cluster: TestCluster): Promise<void> {
  const gateway = gatewayOf(cluster);
  for (let attempt = 1; ; attempt++) {
    const hashes: EtcdHash[] = [];
    for (const { name } of cluster.pods()) {
      hashes.push(await gateway.hashKv(name));
    }
    const points = new Set(hashes.map(({ revision, compactRevision }) => `${revision}/${compactRevision}`));
    if (points.size === 1) {
      assert.equal(new Set(hashes.map(({ hash }) => hash)).size, 1, `hashes: ${JSON.stringify(hashes)}`);
      return;
    }
    assert.ok(attempt < HASH_TRIES_MAX, `no common revision: ${JSON.stringify(hashes)}`);
    await pause(HASH_AGAIN_MS, cluster.ground.signal);
  }
}

function assertRestarts(cluster: TestCluster, { restarts = {}, restartedNodes = [] }: Expected): void {
  const { ground, space } = cluster;
  const [etcdLines, agentLines] = [space.logs.lines('etcd'), space.logs.lines('agent')];
  const found = cluster
    .pods()
    .filter(({ node }) => !restartedNodes.includes(node))
    .flatMap(({ name, containers }) =>
      containers
        .filter((each) => each.restarts > 0)
        .map(({ name: container, restarts: count }): [string, number] => {
          const key = `${name}/${container}`;
          const surplus = count - (restarts[key] ?? 0);
          const excuse = container === 'etcd' ? excuseFor(name, etcdLines, agentLines) : undefined;
          if (surplus <= 0 || excuse === undefined || surplus > excuse.most) {
            return [key, count];
          }
          ground.note(`etcd of ${name} was restarted ${surplus} times: ${excuse.why}`);
          return [key, count - surplus];
        })
        .filter(([, count]) => count > 0),
    );
  assert.deepEqual(Object.fromEntries(found), restarts, 'restarts of containers');
}

function assertWarnings({ ground, space }: TestCluster, { warnings = [] }: Expected): void {
  const events = space.view.events();
  const odd = unexpectedWarnings(events, [...USUAL_WARNINGS, ...warnings]);
  assert.deepEqual(eventLines(odd).split('\n').slice(0, -1), [], 'Warnings that nobody expects');
  const usual = events.filter(({ type }) => type === 'Warning').length;
  if (usual > 0) {
    ground.note(`${usual} Warnings, all of them expected`);
  }
}

/** Asks the agent's container, which has Node and the volume. */
async function assertQuarantine(cluster: TestCluster, { quarantined = [] }: Expected): Promise<void> {
  const script =
    "const f=require('node:fs');const d='/var/lib/etcd/quarantine';console.log(f.existsSync(d)?f.readdirSync(d).join(' '):'')";
  for (const { name } of cluster.pods()) {
    const command = ['exec', name, '-c', 'agent', '--', '/usr/local/bin/node', '--eval', script];
    const found = (await cluster.space.kubectl.must(command)).trim();
    assert.ok(found === '' || quarantined.includes(name), `${name} has set data aside: ${found}`);
  }
}

const PINO_ERROR = 50;

function assertAgentLogs({ space }: TestCluster): void {
  const errors = space.logs.lines('agent').filter(({ line }) => Number(line['level']) >= PINO_ERROR);
  assert.deepEqual(errors, [], 'agents logged errors');
}

const REFUSED = /forbidden|\b403\b/i;

async function assertOperator({ ground }: TestCluster, { operatorErrors }: Expected): Promise<void> {
  assert.equal(await ground.operator.accident(), undefined, 'the operator');
  const own = ground.spaces.map(({ namespace }) => `"cluster":"${namespace}/`);
  // An operator of all tests tells of other clusters, too.
  const isOurs = (line: string): boolean =>
    line !== '' && (!line.includes('"cluster":"') || own.some((each) => line.includes(each)));
  const lines = (await ground.operator.log()).split('\n').filter(isOurs);
  const odd = lines.filter((line) => isError(line) && operatorErrors?.test(line) !== true);
  assert.deepEqual(odd, [], 'the operator logged errors');
  const warned = lines.filter((line) => line.includes('"level":40')).length;
  if (warned > 0) {
    ground.note(`the operator logged ${warned} warnings`);
  }
}

/** A line that is no JSON is a crash's. */
function isError(line: string): boolean {
  const level = /"level":([0-9]+)/.exec(line)?.[1];
  return level === undefined || Number(level) >= PINO_ERROR || REFUSED.test(line);
}
