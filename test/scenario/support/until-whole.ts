import { createEtcd3MemberApi } from '../../../src/etcd/etcd3-member-api.ts';
import type { EtcdId, Member } from '../../../src/model/member.ts';
import { isStarted } from '../../../src/model/member.ts';
import { memberNameOf } from '../../../src/model/naming.ts';
import type { Scenario } from './a-cluster.ts';
import { PATIENCE_MS } from './journal.ts';

/** How long to wait for news before a check that failed is made again anyway. */
const CHECK_AGAIN_MS = 200;

/**
 * Resolves once the cluster is whole at size `n`: exactly the Pods 0 to n-1, each agent says that it serves,
 * and each etcd confirms by a linearizable read that these are the voters and that there are no learners.
 */
export async function untilWhole(
  scenario: Scenario,
  n: number,
  patienceMs: number = PATIENCE_MS,
): Promise<readonly Member[]> {
  const { journal, t } = scenario;
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const leftMs = Math.max(1, deadlineMs - performance.now());
    await journal.until(`${n} agents serve, and no other`, () => allServe(scenario, n), leftMs);
    const lists = await Promise.all(scenario.pods().map((ordinal) => confirmedList(scenario, ordinal)));
    const [first] = lists;
    if (first !== undefined && lists.length === n && lists.every((list) => isWhole(scenario, list, n))) {
      return first;
    }
    if (performance.now() >= deadlineMs) {
      throw new Error(
        `not whole at ${n} within ${patienceMs / 1000} s: ${JSON.stringify(lists)}\n${journal.describe()}`,
      );
    }
    await journal.next(CHECK_AGAIN_MS, t.signal);
  }
}

/** The ID of each member, by name. */
export function idsByName(members: readonly Member[]): ReadonlyMap<string, EtcdId> {
  return new Map(members.map((member) => [member.name, member.id]));
}

/** The member list as a quorum has it, asked of `ordinal`; empty when it does not answer. */
export async function confirmedList(scenario: Scenario, ordinal: number): Promise<readonly Member[]> {
  const api = createEtcd3MemberApi(scenario.clients);
  const answer = await api.listMembers(scenario.clientUrl(ordinal), true, scenario.t.signal);
  if (answer.kind === 'unknown') {
    return [];
  }
  scenario.journal.clusterIds.add(answer.value.clusterId);
  return answer.value.members;
}

function allServe(scenario: Scenario, n: number): boolean {
  const pods = scenario.pods();
  return (
    pods.length === n &&
    pods.every((ordinal, index) => {
      const status = scenario.journal.statuses.get(ordinal);
      return (
        ordinal === index &&
        status?.decision.stage === 'serving' &&
        status.etcd.state === 'running' &&
        !status.etcd.isLearner
      );
    })
  );
}

function isWhole(scenario: Scenario, members: readonly Member[], n: number): boolean {
  const { names } = scenario.local().template;
  const wanted = Array.from({ length: n }, (_, ordinal) => memberNameOf(names, ordinal));
  return (
    members.length === n &&
    members.every((member) => isStarted(member) && !member.isLearner) &&
    wanted.every((name) => members.some((member) => member.name === name))
  );
}
