/** What the agents' words and the kubelets' probes amount to: who votes, who leads, who serves. */
import type { AgentStatus } from '../../model/agent-status.ts';
import { missesQuorum } from './attention.ts';
import { clusterIdOf } from './formation.ts';
import type { HeardAgent, ObservedCluster, ObservedPod } from './observed-cluster.ts';

/** A word of an agent older than this says nothing about now: they report at least every 30 s. */
const WORD_MS_MAX = 45_000;
/** An agent that is up answers within this of the first question; before that, silence means nothing. */
export const FIRST_WORD_MS_MAX = 5_000;

type At = Pick<ObservedCluster, 'nowMs'>;

/** The agent's status, when it is recent enough to build on. */
export function freshStatus({ nowMs }: At, pod: ObservedPod): AgentStatus | undefined {
  const { agent } = pod;
  return agent.kind === 'heard' && agent.reachable && nowMs - agent.heardAtMs <= WORD_MS_MAX
    ? ofThisPod(pod, agent)
    : undefined;
}

/** The agent's status, however old. */
export function lastStatus(pod: ObservedPod): AgentStatus | undefined {
  return pod.agent.kind === 'heard' ? ofThisPod(pod, pod.agent) : undefined;
}

/** An address may be another Pod's by now. */
function ofThisPod(
  pod: ObservedPod,
  { status }: Extract<HeardAgent, { kind: 'heard' }>,
): AgentStatus | undefined {
  return status.podUid === pod.uid ? status : undefined;
}

/** Whether the agent is asked in vain; one that was not asked yet is not silent. */
export function isSilent(observed: At, pod: ObservedPod): boolean {
  if (pod.agent.kind === 'heard') {
    return freshStatus(observed, pod) === undefined;
  }
  const { askedSinceMs } = pod.agent;
  return askedSinceMs !== undefined && observed.nowMs - askedSinceMs > FIRST_WORD_MS_MAX;
}

/** Whether the agent says that its etcd votes in this cluster and follows a leader. */
export function saysItServes(observed: ObservedCluster, status: AgentStatus): boolean {
  const { etcd, decision } = status;
  return (
    etcd.state === 'running' &&
    !etcd.isLearner &&
    etcd.leaderId !== null &&
    !isForeign(observed, status) &&
    !missesQuorum(decision.reason)
  );
}

/**
 * Whether this Pod's member serves clients. The kubelet says so, by a read that needs a quorum; the agent,
 * where it is heard, may know better, but a dead agent makes no etcd unready.
 */
export function servesClients(observed: ObservedCluster, pod: ObservedPod): boolean {
  const status = freshStatus(observed, pod);
  return pod.ready && !pod.deleting && (status === undefined || !saysItCannotServe(observed, status));
}

/** `absent` is what an agent says that has just started and has not looked yet. */
function saysItCannotServe(observed: ObservedCluster, status: AgentStatus): boolean {
  const { state, isLearner } = status.etcd;
  return (state !== 'running' && state !== 'absent') || isLearner || isForeign(observed, status);
}

function isForeign(observed: ObservedCluster, { etcd }: AgentStatus): boolean {
  const clusterId = clusterIdOf(observed);
  return clusterId !== undefined && etcd.clusterId !== null && etcd.clusterId !== clusterId;
}

/** Whether this Pod's member votes and serves, by its readiness and by its agent's word; unknown is no. */
export function isHealthyVoter(observed: ObservedCluster, pod: ObservedPod): boolean {
  const status = freshStatus(observed, pod);
  return (
    status !== undefined &&
    servesClients(observed, pod) &&
    saysItServes(observed, status) &&
    status.decision.stage === 'serving'
  );
}

/** In a clause, what keeps a Pod's member from being a healthy voter. */
export function whyUnhealthy(observed: ObservedCluster, pod: ObservedPod): string {
  if (pod.deleting) {
    return 'its Pod is being deleted';
  }
  if (pod.trouble !== undefined) {
    return pod.trouble.reason;
  }
  const status = freshStatus(observed, pod);
  if (status === undefined) {
    return isSilent(observed, pod) ? 'its agent does not answer' : 'its agent was not heard yet';
  }
  return saysItServes(observed, status) && status.decision.stage === 'serving'
    ? 'its Pod is not ready'
    : status.decision.reason;
}

/** The leader's member ID, by the words of the highest raft term; undefined while nobody names one. */
export function leaderIdOf(observed: ObservedCluster): string | undefined {
  let best: { readonly id: string; readonly term: bigint } | undefined;
  for (const pod of observed.pods) {
    const status = freshStatus(observed, pod);
    const id = status?.etcd.leaderId ?? undefined;
    if (status?.etcd.state === 'running' && id !== undefined && !isForeign(observed, status)) {
      const term = raftNumber(status.etcd.raftTerm) ?? 0n;
      best = best === undefined || term > best.term ? { id, term } : best;
    }
  }
  return best?.id;
}

/** Whether the member in this Pod is the one with this ID, by its agent's word. */
export function isMember(observed: At, pod: ObservedPod, id: string | undefined): boolean {
  const status = freshStatus(observed, pod);
  return id !== undefined && status?.etcd.state === 'running' && status.etcd.memberId === id;
}

/** A raft term or index as a number; undefined where the text is none. */
export function raftNumber(text: string): bigint | undefined {
  return /^[0-9]{1,20}$/.test(text) ? BigInt(text) : undefined;
}
