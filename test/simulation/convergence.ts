/** Invariant 12: once intent and faults are at rest, the cluster becomes what was asked and falls silent. */
import { isStarted, quorumOf } from '../../src/model/member.ts';
import { ORDINAL_MAX } from '../../src/model/naming.ts';
import { truthOf } from './etcd-state.ts';
import { soundVoters } from './invariants.ts';
import type { Pod } from './kube-state.ts';
import { ordinalOf, type World } from './world.ts';

/** Whether every wanted ordinal is a settled voter and nobody else is a member. */
export function isConverged(world: World): boolean {
  const { api, pods } = world.kube;
  if (api.record?.phase !== 'Formed' || pods.length !== api.replicas) {
    return false;
  }
  const { membership } = truthOf(world, api.record.clusterId);
  return (
    membership.voterIds.length === api.replicas &&
    membership.members.length === api.replicas &&
    membership.members.every(isStarted) &&
    pods.every((pod) => isSettled(pod)) &&
    api.pods.every((pod) => pod === null || !pod.isDeleting)
  );
}

function isSettled(pod: Pod): boolean {
  const { etcd, agent } = pod;
  return (
    pod.stage === 'running' &&
    etcd.kind === 'serving' &&
    etcd.proc.isClientOpen &&
    !etcd.proc.isPaused &&
    etcd.proc.leaderId !== null &&
    (agent?.decision?.kind === 'settled' || agent?.decision?.kind === 'compare-hashes')
  );
}

/** Whether enough voters still have their data, and their Pods are wanted, for a quorum to come back. */
export function canConverge(world: World): boolean {
  const { record, replicas } = world.kube.api;
  if (record === null || record.phase === 'Blocked') {
    return false;
  }
  if (record.phase === 'Unformed') {
    return true;
  }
  if (record.phase === 'Forming') {
    return record.seed.ordinal < replicas && isSeedSound(world, record.seed.ordinal);
  }
  return hasSoundQuorum(world, replicas);
}

/** The smallest size at which a quorum can come back; undefined when data is lost for good. */
export function sizeNeeded(world: World): number | undefined {
  const { record } = world.kube.api;
  for (let size = 1; size <= ORDINAL_MAX + 1; size++) {
    const isEnough =
      record?.phase === 'Forming'
        ? record.seed.ordinal < size && isSeedSound(world, record.seed.ordinal)
        : hasSoundQuorum(world, size);
    if (isEnough) {
      return size;
    }
  }
  return undefined;
}

/** A seed with torn data may be the only copy of something: a human decides. */
function isSeedSound(world: World, ordinal: number): boolean {
  return (world.kube.volumes[ordinal]?.data?.damage ?? 'none') === 'none';
}

function hasSoundQuorum(world: World, replicas: number): boolean {
  const { record } = world.kube.api;
  if (record?.phase !== 'Formed') {
    return record?.phase === 'Unformed';
  }
  const { membership } = truthOf(world, record.clusterId);
  return soundVoters(world, membership, replicas) >= quorumOf(membership.voterIds.length);
}

/** What everybody does, for the message of a run that did not converge. */
export function describeWorld(world: World): string {
  const { api, pods } = world.kube;
  const record = api.record?.phase === 'Formed' ? api.record : undefined;
  const members = record === undefined ? [] : truthOf(world, record.clusterId).membership.members;
  const lines = [
    `record ${JSON.stringify(api.record)}, replicas ${api.replicas}`,
    `members ${members.map((member) => `${ordinalOf(member.peerUrls[0] ?? '')}=${member.id}${member.isLearner ? ' learner' : ''}${isStarted(member) ? '' : ' unstarted'}`).join(', ')}`,
    ...pods.map((pod) => {
      const decision = pod.agent?.decision;
      const etcd = pod.etcd.kind === 'serving' ? `${pod.etcd.proc.id} leader ${pod.etcd.proc.leaderId}` : pod.etcd.kind;
      return `m${pod.ordinal} ${pod.uid} ${pod.stage}, etcd ${etcd}: ${decision?.kind} ${decision?.reason}: ${decision?.message}`;
    }),
  ];
  return lines.join('\n  ');
}
