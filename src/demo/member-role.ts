import type { AgentStatus } from '../model/agent-status.ts';
import { isAboutThisEtcd, type SeenMember } from './member-board.ts';

/** What a member is right now, in one word for people. */
export type MemberRole =
  | 'leader'
  | 'voter'
  | 'learner'
  /** Its etcd runs and does not serve yet. */
  | 'starting'
  /** Its etcd waits for its agent's decision. */
  | 'at-gate'
  /** Its Pod is being deleted. */
  | 'leaving'
  /** Its etcd does not run. */
  | 'down'
  /** Its etcd runs and does not answer its agent. */
  | 'unresponsive'
  /** Its etcd runs, and nobody knows more. */
  | 'unknown';

/** The role of `member`, by its own word. */
export function roleOf({ isDeleting, etcdPid, etcdStartedAtMs, agentPid, status }: SeenMember): MemberRole {
  if (etcdPid === null) {
    return 'down';
  }
  if (isDeleting) {
    return 'leaving';
  }
  if (status === null) {
    return agentPid === null ? 'unknown' : 'starting';
  }
  return isAboutThisEtcd(status, etcdStartedAtMs) ? roleOfEtcd(status.etcd) : 'starting';
}

function roleOfEtcd(etcd: AgentStatus['etcd']): MemberRole {
  switch (etcd.state) {
    case 'absent':
    case 'gate-unusable':
    case 'starting':
      return 'starting';
    case 'at-gate':
    case 'unresponsive':
      return etcd.state;
    case 'running':
      if (etcd.isLearner) {
        return 'learner';
      }
      return etcd.leaderId !== null && etcd.leaderId === etcd.memberId ? 'leader' : 'voter';
  }
}
