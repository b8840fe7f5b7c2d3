import type { AgentStatus } from '../../model/agent-status.ts';
import type { Side } from '../../model/certificates.ts';
import type { MembersWord } from './authority-plan.ts';

/** Digests of what is stored for each side: of the authorities, and of the certificate. */
export type StoredDigests = {
  readonly trust: Readonly<Record<Side, string>>;
  readonly leaves: ReadonlyMap<Side, string>;
};

/**
 * What members say of what they use; `statuses` has one for each Pod, undefined where its agent was not heard. Nobody
 * to ask is nobody who could be cut off.
 */
export function membersWord(
  statuses: readonly (AgentStatus | undefined)[],
  { trust, leaves }: StoredDigests,
): MembersWord {
  if (statuses.some((status) => status === undefined)) {
    return { isTrustLoaded: 'unknown', areLeavesTaken: 'unknown' };
  }
  const certificates = statuses.flatMap((status) => status?.certificates ?? []);
  const stored = certificates.filter(({ side }) => leaves.has(side));
  return {
    isTrustLoaded: stored.every(({ side, loadedAuthorities }) => loadedAuthorities === trust[side]),
    areLeavesTaken: stored.every(({ side, certificate }) => certificate === leaves.get(side)),
  };
}
