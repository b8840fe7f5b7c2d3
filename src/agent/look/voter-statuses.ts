import type { MaintenanceApi } from '../../etcd/member-api.ts';
import type { EtcdStatus } from '../../model/local-etcd.ts';
import { type EtcdId, votersOf } from '../../model/member.ts';
import type { VotersWord } from '../../model/voters-word.ts';

/** What each voter that answers says of itself; those whose peer port does not answer are not asked. */
export async function statusesOfVoters(
  deps: { readonly maintenance: MaintenanceApi },
  voters: VotersWord,
  signal: AbortSignal,
): Promise<ReadonlyMap<EtcdId, EtcdStatus>> {
  const statuses = new Map<EtcdId, EtcdStatus>();
  if (voters.kind !== 'linearizable') {
    return statuses;
  }
  const answering = votersOf(voters.members).filter((voter) => voter.contact.kind === 'answers');
  await Promise.all(
    answering.map(async (voter) => {
      const clientUrl = voter.clientUrls[0];
      const answer = clientUrl === undefined ? undefined : await deps.maintenance.status(clientUrl, signal);
      if (answer?.kind === 'answered') {
        statuses.set(voter.id, answer.value);
      }
    }),
  );
  return statuses;
}
