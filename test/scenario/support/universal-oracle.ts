/**
 * What must hold after every scenario, whatever was done in it:
 *
 *  1. every acknowledged write is readable, linearizably, from every voter;
 *  2. all voters have equal hashes at a common revision;
 *  3. there was exactly one cluster ID;
 *  4. the voters are the wanted ones and there is no learner;
 *  5. no process ended that this test or Kubernetes did not end, and none is in a restart loop;
 *  6. no more membership calls took effect than were needed;
 *  7. no etcd but the seed's ever started a new cluster;
 *  8. no agent reported an error of its own.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createEtcd3MaintenanceApi } from '../../../src/etcd/etcd3-maintenance-api.ts';
import type { ClusterEvent } from '../../../src/local/cluster-event.ts';
import { CONTAINERS, pathsOf } from '../../../src/local/cluster-layout.ts';
import { ORDINAL_MAX } from '../../../src/model/naming.ts';
import type { Scenario } from './a-cluster.ts';
import type { Writer } from './acknowledged-writer.ts';
import type { SaidLine } from './journal.ts';
import { untilWhole } from './until-whole.ts';

/** Calls that took effect or may have; those not named must not have been made at all. */
export type CallLimits = { readonly add?: number; readonly promote?: number; readonly remove?: number };

export type Expected = {
  readonly voters: number;
  /** Of the whole scenario, forming included. */
  readonly calls: CallLimits;
  readonly writers?: readonly Writer[];
  /** Ends of etcd that are part of the scenario, such as starts on data that is corrupt. */
  readonly etcdExits?: number;
  /** Starts of etcd on an empty volume as `new`; 1 unless the seed is made to start over. */
  readonly freshStarts?: number;
  /** How many cluster IDs there may have been at most; 1 unless the scenario makes a second cluster. */
  readonly clusterIds?: number;
};

/** Waits until the cluster is whole, stops the writers, and checks everything. */
export async function assertSound(scenario: Scenario, expected: Expected): Promise<void> {
  await untilWhole(scenario, expected.voters);
  await Promise.all((expected.writers ?? []).map((writer) => writer.stop()));
  try {
    await Promise.all((expected.writers ?? []).map((writer) => assertNothingLost(scenario, writer)));
    await assertEqualHashes(scenario);
    const { clusterIds } = scenario.journal;
    assert.ok(
      clusterIds.size <= (expected.clusterIds ?? 1),
      `cluster IDs ever seen: ${[...clusterIds].join(', ')}`,
    );
    assertNoStrayExits(scenario, expected.etcdExits ?? 0);
    assertCalls(scenario, expected.calls);
    assert.ok(
      freshStarts(scenario) <= (expected.freshStarts ?? 1),
      `etcd started as new ${freshStarts(scenario)} times`,
    );
    assertNoAgentErrors(scenario);
  } catch (error) {
    if (error instanceof Error) {
      error.message += `\n${scenario.journal.describe()}`;
    }
    throw error;
  }
}

/** Reads through each member, so that a member that lacks something cannot hide behind another. */
async function assertNothingLost(scenario: Scenario, writer: Writer): Promise<void> {
  const prefix = [...writer.acknowledged.keys()][0]?.split('/')[0];
  assert.ok(prefix !== undefined, 'not one write was acknowledged');
  for (const ordinal of scenario.pods()) {
    const found = await scenario.clients
      .of(scenario.clientUrl(ordinal))
      .getAll()
      .prefix(`${prefix}/`)
      .strings();
    const lost = [...writer.acknowledged].filter(([key, value]) => found[key] !== value).map(([key]) => key);
    assert.deepEqual(lost, [], `acknowledged writes that member ${ordinal} does not have`);
  }
}

/** Tries to compare at one revision while nothing is written; each try is a handful of calls. */
const HASH_TRIES_MAX = 20;

async function assertEqualHashes(scenario: Scenario): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const hashes = await hashesOf(scenario);
    const comparable = new Set(hashes.map((each) => `${each.revision}/${each.compactRevision}`)).size === 1;
    if (comparable) {
      assert.equal(new Set(hashes.map((each) => each.hash)).size, 1, `hashes differ: ${describe(hashes)}`);
      return;
    }
    assert.ok(attempt < HASH_TRIES_MAX, `no common revision: ${describe(hashes)}`);
    await scenario.journal.next(100, scenario.t.signal);
  }
}

type Hash = { readonly hash: number; readonly revision: bigint; readonly compactRevision: bigint };

async function hashesOf(scenario: Scenario): Promise<readonly Hash[]> {
  const maintenance = createEtcd3MaintenanceApi(scenario.clients);
  const urls = scenario.pods().map(scenario.clientUrl);
  const answers = await Promise.all(urls.map((url) => maintenance.hashKv(url, 0n, scenario.t.signal)));
  return answers.map((answer) => {
    assert.ok(answer.kind === 'answered', answer.kind === 'unknown' ? answer.why : '');
    return answer.value;
  });
}

function describe(hashes: readonly Hash[]): string {
  return hashes
    .map((each) => `${each.hash} at ${each.revision} (compacted ${each.compactRevision})`)
    .join('; ');
}

/** An agent that dies at the gate takes its etcd along, so an agent killed may cost one more end of etcd. */
function assertNoStrayExits(scenario: Scenario, etcdExitsAllowed: number): void {
  const { journal, killed } = scenario;
  const doomed = new Set<string>();
  const stray: ClusterEvent[] = [];
  for (const event of journal.events) {
    if (event.kind === 'pod-deleting' || event.kind === 'pod-gone') {
      doomed.add(event.podUid);
    }
    const isKilled = 'pid' in event && event.pid !== null && killed.has(event.pid);
    if (event.kind === 'container-exited' && !doomed.has(event.podUid) && !isKilled) {
      stray.push(event);
    }
  }
  const agentsKilled = [...killed.values()].filter((each) => each.container === 'agent').length;
  const unequal = unequalLists(scenario);
  // Who gets no answer in time starts on its own data, and learns only then that it was removed (F43, F84).
  const removed = journal.said(undefined, { decision: 'set-data-aside', reason: 'RemovedData' }).length;
  const allowed = { agent: 0, etcd: etcdExitsAllowed + agentsKilled + unequal + removed };
  for (const container of CONTAINERS) {
    const ends = stray.filter((event) => 'container' in event && event.container === container);
    assert.ok(
      ends.length <= allowed[container],
      `processes of ${container} that ended by themselves, of which ${allowed[container]} are expected: ${JSON.stringify(ends)}`,
    );
  }
}

/**
 * A first start fails when somebody registers in the very moment; the agents avoid it by taking turns, and
 * where they miss one another the next start has the new list.
 */
const UNEQUAL_LISTS_MAX = 2;

/** How often that happened; each time costs one end of etcd, and a registration made anew. */
function unequalLists(scenario: Scenario): number {
  return Math.min(UNEQUAL_LISTS_MAX, etcdLogLines(scenario, ['error validating peerURLs']).length);
}

const CALLS = { add: 'MemberAdd', promote: 'MemberPromote', remove: 'MemberRemove' } as const;

/** What came of the calls of one kind. `unknown` ones may have taken effect, or were dropped by raft. */
export type CallCount = { readonly done: number; readonly refused: number; readonly unknown: number };

/** Counts the calls of one kind by what came of them. */
export function countCalls(scenario: Scenario, kind: keyof typeof CALLS): CallCount {
  const outcomes = scenario.journal.said(undefined, { membershipCall: CALLS[kind] }).map(outcomeOf);
  const count = (wanted: string): number => outcomes.filter((outcome) => outcome === wanted).length;
  return { done: count('done'), refused: count('refused'), unknown: count('unknown') };
}

/** How many calls of a kind took effect, or may have. */
export function callsMade(scenario: Scenario, kind: keyof typeof CALLS): number {
  const { done, unknown } = countCalls(scenario, kind);
  return done + unknown;
}

function outcomeOf({ line: { outcome } }: SaidLine): unknown {
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome ? outcome.kind : undefined;
}

/** raft drops a change that follows another or an election too closely; only its deadline tells. */
const DROPPED_MAX = 3;

function assertCalls(scenario: Scenario, limits: CallLimits): void {
  for (const kind of ['add', 'promote', 'remove'] as const) {
    const { done, refused, unknown } = countCalls(scenario, kind);
    if (refused + unknown > 0) {
      scenario.t.diagnostic(`${CALLS[kind]}: ${done} done, ${refused} refused, ${unknown} unanswered`);
    }
    const limit = (limits[kind] ?? 0) + (kind === 'promote' ? 0 : unequalLists(scenario));
    assert.ok(done <= limit, `${CALLS[kind]} was done ${done} times; ${limit} are enough`);
    assert.ok(unknown <= DROPPED_MAX, `${CALLS[kind]} was not answered ${unknown} times`);
  }
}

/** How often any etcd started a new cluster on an empty volume, as its own log says. */
export function freshStarts(scenario: Scenario): number {
  return etcdLogLines(scenario, ['"initial-cluster-state":"new"', '"member-initialized":false']).length;
}

/** Lines with all of `parts` in the logs of every etcd. */
function etcdLogLines(scenario: Scenario, parts: readonly string[]): readonly string[] {
  const paths = pathsOf(scenario.folder);
  const logs = Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) => paths.logOf(ordinal, 'etcd'));
  return logs
    .filter((log) => existsSync(log))
    .flatMap((log) => readFileSync(log, 'utf8').split('\n'))
    .filter((line) => parts.every((part) => line.includes(part)));
}

const PINO_ERROR = 50;

function assertNoAgentErrors(scenario: Scenario): void {
  const errors = scenario.journal.lines.filter(({ line }) => Number(line['level']) >= PINO_ERROR);
  assert.deepEqual(errors, [], 'an agent reported errors of its own');
}
