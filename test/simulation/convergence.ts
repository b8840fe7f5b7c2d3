/** Invariant 12: once intent and faults are at rest, the cluster becomes what was asked and falls silent. */
import { isStarted } from '../../src/model/member.ts';
import { truthOf } from './etcd-state.ts';
import type { Pod } from './kube-state.ts';
import { ordinalOf, type World } from './world.ts';

/** Whether every wanted ordinal is a settled voter and nobody else is a member. */
export function isConverged(world: World): boolean {
  const { api, pods, isRecreating } = world.kube;
  if (isRecreating || api.record?.phase !== 'Formed' || pods.length !== api.replicas) {
    return false;
  }
  const { membership } = truthOf(world, api.record.clusterId);
  return (
    membership.voterIds.length === api.replicas &&
    membership.members.length === api.replicas &&
    membership.members.every(isStarted) &&
    membership.members.every(({ peerUrls }) => ordinalOf(peerUrls[0] ?? '') !== undefined) &&
    pods.every((pod) => isSettled(pod) && api.pods[pod.ordinal]?.uid === pod.uid) &&
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
      const etcd =
        pod.etcd.kind === 'serving' ? `${pod.etcd.proc.id} leader ${pod.etcd.proc.leaderId}` : pod.etcd.kind;
      return `m${pod.ordinal} ${pod.uid} ${pod.stage}, etcd ${etcd}: ${decision?.kind} ${decision?.reason}: ${decision?.message}`;
    }),
  ];
  return lines.join('\n  ');
}
