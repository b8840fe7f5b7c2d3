/** What the agents' words amount to: who votes, who leads, who serves. */
import type { HeardAgent, ObservedCluster, ObservedPod } from './observed-cluster.ts';

/** A word of an agent older than this says nothing about now: they report at least every 30 s. */
const WORD_MS_MAX = 45_000;

/** The agent's status, when it is recent enough to build on. */
export function freshStatus(observed: Pick<ObservedCluster, 'nowMs'>, agent: HeardAgent) {
  return agent.kind === 'heard' && agent.reachable && observed.nowMs - agent.heardAtMs <= WORD_MS_MAX
    ? agent.status
    : undefined;
}

/** Whether this Pod's member votes and serves, by its readiness and by its agent's word. */
export function isHealthyVoter(observed: ObservedCluster, pod: ObservedPod): boolean {
  const status = freshStatus(observed, pod.agent);
  return (
    !pod.deleting &&
    pod.ready &&
    status !== undefined &&
    status.podUid === pod.uid &&
    status.etcd.state === 'running' &&
    !status.etcd.isLearner &&
    status.etcd.leaderId !== null &&
    status.decision.stage === 'serving'
  );
}

/** Whether this Pod's member leads, by its own agent's word. */
export function isLeader(observed: ObservedCluster, pod: ObservedPod): boolean {
  const status = freshStatus(observed, pod.agent);
  return status?.etcd.memberId != null && status.etcd.memberId === status.etcd.leaderId;
}

/** Pods below `size` whose members are no healthy voters, and ordinals below it without a Pod. */
export function sickBelow(observed: ObservedCluster, size: number): readonly string[] {
  const { name } = observed.cluster.metadata;
  return Array.from({ length: size }, (_, ordinal) => ordinal).flatMap((ordinal) => {
    const pod = observed.pods.find((each) => each.ordinal === ordinal);
    return pod !== undefined && isHealthyVoter(observed, pod) ? [] : [`${name}-${ordinal}`];
  });
}
