import type { Scenario } from './a-cluster.ts';
import { untilWhole } from './until-whole.ts';

/** Stops all members and starts them again with another etcd, as a node that goes down during an upgrade. */
export async function changeVersionAtOnce(scenario: Scenario, version: string): Promise<void> {
  await scenario.local().setEtcdVersion(version, scenario.t.signal);
  await scenario.stop();
  await scenario.start();
}

/** Gives the members another etcd one by one, the leader last, each time the cluster is whole again. */
export async function rollVersion(scenario: Scenario, version: string): Promise<void> {
  await scenario.local().setEtcdVersion(version, scenario.t.signal);
  const size = scenario.pods().length;
  const left = new Set(scenario.pods());
  while (left.size > 0) {
    const ordinals = [...left];
    const ordinal = ordinals.find((each) => !leads(scenario, each)) ?? ordinals[0] ?? 0;
    left.delete(ordinal);
    await scenario.local().deletePod(ordinal);
    await untilWhole(scenario, size);
  }
}

function leads(scenario: Scenario, ordinal: number): boolean {
  const etcd = scenario.journal.statuses.get(ordinal)?.etcd;
  return etcd !== undefined && etcd.leaderId === etcd.memberId;
}
