import assert from 'node:assert/strict';
import { createEtcd3MaintenanceApi } from '../../../src/etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../../../src/etcd/etcd3-member-api.ts';
import type { EtcdId, Member } from '../../../src/model/member.ts';
import { memberNameOf } from '../../../src/model/naming.ts';
import type { Scenario } from './a-cluster.ts';
import { confirmedList } from './until-whole.ts';

/** The ID of the member of `ordinal` in `members`. */
export function idOf(scenario: Scenario, members: readonly Member[], ordinal: number): EtcdId {
  const name = memberNameOf(scenario.local().template.names, ordinal);
  const found = members.find((member) => member.name === name);
  assert.ok(found !== undefined, `${name} is listed`);
  return found.id;
}

/** The client URL of the member that leads, as the member of ordinal 0 says. */
export async function leaderUrl(scenario: Scenario): Promise<string> {
  const status = await createEtcd3MaintenanceApi(scenario.clients).status(
    scenario.clientUrl(0),
    scenario.t.signal,
  );
  const members = await confirmedList(scenario, 0);
  assert.ok(status.kind === 'answered');
  const leader = members.find((member) => member.id === status.value.leaderId);
  return leader?.clientUrls[0] ?? assert.fail('there is no leader');
}

/** Makes the member of `ordinal` the leader, and waits until its agent knows. */
export async function moveLeaderTo(scenario: Scenario, ordinal: number): Promise<void> {
  const target = idOf(scenario, await confirmedList(scenario, 0), ordinal);
  const from = await leaderUrl(scenario);
  if (from !== scenario.clientUrl(ordinal)) {
    const moved = await createEtcd3MemberApi(scenario.clients).moveLeader(from, target, scenario.t.signal);
    assert.equal(moved.kind, 'done');
  }
  await scenario.journal.until(
    `agent ${ordinal} knows that it leads`,
    () => scenario.journal.statuses.get(ordinal)?.etcd.leaderId === target,
  );
}
