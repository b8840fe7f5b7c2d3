import type { Decision } from '../model/decision.ts';
import type { LeaderWord, VotersWord } from '../model/voters-word.ts';
import { wait } from './because.ts';

/** A linearizable word of the voters, with a leader to send changes to. */
export type Quorum = Extract<VotersWord, { kind: 'linearizable' }> & { readonly leader: LeaderWord };

/** A quorum, or the decision to wait for one. */
export type QuorumFinding =
  | { readonly found: true; readonly quorum: Quorum }
  | { readonly found: false; readonly wait: Extract<Decision, { kind: 'wait' }> };

/** The word of a quorum with a leader, or why there is none; without one nothing is ever changed. */
export function findQuorum(word: VotersWord): QuorumFinding {
  switch (word.kind) {
    case 'unasked':
      return missing('PeersUnreachable', 'The voters have not been asked yet.');
    case 'silent':
      return missing(
        'PeersUnreachable',
        `No voter answers (${word.why}); waiting, never starting a new cluster.`,
      );
    case 'foreign':
      return missing(
        'ForeignCluster',
        `${word.from} answers for cluster ${word.clusterId}, which is not the recorded one; not believing it.`,
      );
    case 'local-list':
      return missing(
        'QuorumLost',
        `Voters answer, but no quorum does (${word.why}); waiting, changing nothing.`,
      );
    case 'linearizable':
      return word.leader === null
        ? missing('NoLeader', 'The voters are between two leaders.')
        : { found: true, quorum: { ...word, leader: word.leader } };
  }
}

function missing(
  reason: 'PeersUnreachable' | 'ForeignCluster' | 'QuorumLost' | 'NoLeader',
  message: string,
): QuorumFinding {
  return { found: false, wait: wait('gated', reason, message) };
}
