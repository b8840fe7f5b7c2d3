import { formatEtcdVersion } from '../../src/model/etcd-version.ts';
import { describeFault } from './fault.ts';
import type { Plan } from './plan.ts';

/** A plan for people: the cluster, and the schedule one line each. */
export function describePlan(plan: Plan): string {
  const { version, replicas, writeWeight, writeEveryMs, guardsDisks, foreignOrdinal, plain, human } = plan;
  const foreign = foreignOrdinal === undefined ? '' : `, foreign data on ordinal ${foreignOrdinal}`;
  const old =
    plain === undefined
      ? ''
      : `, a plain etcd's data at ${plain.place} of ordinal ${plain.ordinal} (${plain.record})`;
  const word = human === undefined ? '' : `, a human who would ${human}`;
  const disks = guardsDisks ? 'one disk at a time' : 'any number of disks';
  return [
    `world ${plan.seed}: etcd ${formatEtcdVersion(version)}, ${replicas} replicas, a write of ${writeWeight} every ${writeEveryMs} ms, ${disks}${foreign}${old}${word}`,
    ...plan.faults.map(describeFault),
    `${(plan.healAtMs / 1_000).toFixed(2).padStart(7)} s  all heals, scaled to ${plan.lastReplicas}`,
  ].join('\n');
}
