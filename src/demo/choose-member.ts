import type { MaintenanceApi } from '../etcd/member-api.ts';
import type { EtcdStatus } from '../model/local-etcd.ts';
import type { Random } from './random.ts';
import type { Who } from './step.ts';

export type MemberAddress = { readonly ordinal: number; readonly clientUrl: string };

/**
 * The ordinal that `who` means now, asked of the etcds themselves; `invalid` is one clause for people. An
 * ordinal means itself, whether or not there is such a member.
 */
export async function chooseMember(
  who: Who,
  among: readonly MemberAddress[],
  maintenance: MaintenanceApi,
  random: Random,
  signal: AbortSignal,
): Promise<number | { readonly invalid: string }> {
  if (typeof who === 'number') {
    return who;
  }
  const leader = await findLeader(among, maintenance, signal);
  if (leader === undefined) {
    return { invalid: 'no member says that it leads' };
  }
  if (who === 'leader') {
    return leader;
  }
  const followers = among.filter((member) => member.ordinal !== leader);
  return followers[random.below(followers.length)]?.ordinal ?? { invalid: 'there is no follower' };
}

/** Of those who say that they lead, the one of the highest term: a deposed leader may not know yet. */
export async function findLeader(
  among: readonly MemberAddress[],
  maintenance: MaintenanceApi,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answers = await Promise.all(
    among.map(async ({ ordinal, clientUrl }) => {
      const answer = await maintenance.status(clientUrl, signal);
      return { ordinal, status: answer.kind === 'answered' ? answer.value : undefined };
    }),
  );
  let leader: { readonly ordinal: number; readonly term: bigint } | undefined;
  for (const { ordinal, status } of answers) {
    if (status !== undefined && leads(status) && (leader === undefined || status.raftTerm > leader.term)) {
      leader = { ordinal, term: status.raftTerm };
    }
  }
  return leader?.ordinal;
}

function leads(status: EtcdStatus): boolean {
  return status.leaderId === status.memberId;
}
