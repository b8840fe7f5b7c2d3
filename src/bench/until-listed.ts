/** What a member list must look like for a step to be over. */
import type { MemberList } from '../etcd/member-api.ts';
import type { EtcdId, Member } from '../model/member.ts';
import { type ClusterNames, clientUrlOf, peerUrlOf } from '../model/naming.ts';
import { within } from '../runtime/abort.ts';
import type { EtcdAccess } from './etcd-access.ts';

export type Wanted = {
  readonly size: number;
  /** An ID that must be gone: that of a member that lost its disk. */
  readonly without: EtcdId | null;
};

/** Whether the members 0 to `size` - 1 are listed, all of them voters, and nobody else. Pure. */
export function isAsWanted(list: MemberList, names: ClusterNames, { size, without }: Wanted): boolean {
  const wanted = Array.from({ length: size }, (_, ordinal) => peerUrlOf(names, ordinal));
  const urls = list.members.map((member) => member.peerUrls.join());
  return (
    list.members.every((member) => !member.isLearner && member.id !== without) &&
    urls.sort().join() === wanted.sort().join()
  );
}

/** The member of `ordinal` in `list`. Pure. */
export function memberOf(list: MemberList, names: ClusterNames, ordinal: number): Member | undefined {
  const peerUrl = peerUrlOf(names, ordinal);
  return list.members.find((member) => member.peerUrls.includes(peerUrl));
}

/** For what comes without news, such as a call that was applied although its answer was lost. */
const LOOK_MS = 250;

/**
 * Resolves once the member of ordinal `through` gives a linearizable list that is as wanted. Asks anew when
 * `news` resolves; that may fire early but not late, and must take its signal.
 *
 * @throws Error saying what was last seen when `signal` fires
 */
export async function untilListed(
  access: Pick<EtcdAccess, 'members'>,
  names: ClusterNames,
  wanted: Wanted,
  through: number,
  news: () => (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let seen = 'no list yet';
  while (!signal.aborted) {
    const next = news();
    const answer = await access.members.listMembers(clientUrlOf(names, through), true, signal);
    if (answer.kind === 'answered' && isAsWanted(answer.value, names, wanted)) {
      return;
    }
    seen = answer.kind === 'answered' ? describe(answer.value) : answer.why;
    await next(within(signal, LOOK_MS)).catch(() => undefined);
  }
  throw new Error(`the member list is not as wanted: ${seen}`);
}

function describe(list: MemberList): string {
  return list.members
    .map((member) => `${member.peerUrls.join('+')}${member.isLearner ? ' (learner)' : ''}`)
    .join(', ');
}
