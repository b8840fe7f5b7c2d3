import type { MemberApi } from '../../etcd/member-api.ts';
import type { AgentStatus } from '../../model/agent-status.ts';

/** Whether the member serves, and one clause that says why or why not. */
export type Readiness = { readonly ready: boolean; readonly why: string };

/** Ready is a voter of a formed cluster through which a linearizable read works right now. */
export async function readinessOf(
  status: AgentStatus,
  members: MemberApi,
  clientUrl: string,
  signal: AbortSignal,
): Promise<Readiness> {
  const { decision, etcd } = status;
  if (decision.stage !== 'serving' || etcd.state !== 'running' || etcd.isLearner) {
    return { ready: false, why: `${decision.reason}: ${decision.message}` };
  }
  const list = await members.listMembers(clientUrl, true, signal);
  return list.kind === 'answered'
    ? { ready: true, why: 'voter; a linearizable read works' }
    : { ready: false, why: `no linearizable read: ${list.why}` };
}
