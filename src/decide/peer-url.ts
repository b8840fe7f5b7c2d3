import type { Decision } from '../model/decision.ts';
import type { EtcdStatus } from '../model/local-etcd.ts';
import type { MemberView } from '../model/member-view.ts';
import { peerUrlOf } from '../model/naming.ts';
import type { ContactedMember } from '../model/voters-word.ts';
import { wait } from './because.ts';
import { findQuorum } from './quorum.ts';

/**
 * This voter is listed under a peer URL that is not its own: it was adopted from a plain etcd. Its agent alone
 * knows better, and only while its own name leads to it. Never for a learner: etcd before 3.5.31 and 3.6.12
 * lists it as a voter from then on, without a vote and never to be promoted (etcd-io/etcd#21736). Undefined when there is nothing to correct.
 */
export function decidePeerUrl(view: MemberView, status: EtcdStatus): Decision | undefined {
  const finding = findQuorum(view.voters);
  const listed = listedSelf(view, status);
  if (!finding.found || listed === undefined || view.ownName === 'unasked' || isRight(view, listed)) {
    return undefined;
  }
  const peerUrl = peerUrlOf(view.self.names, view.self.ordinal);
  const twin = finding.quorum.members.find(
    (member) => member !== listed && member.peerUrls.includes(peerUrl),
  );
  if (twin !== undefined) {
    return wait(
      'serving',
      'PeerMisdirected',
      `Serving as ${listed.id}, listed under ${urlsOf(listed)}; its own URL ${peerUrl} is listed for member ${twin.id}.`,
    );
  }
  if (view.ownName !== 'published') {
    return wait(
      'serving',
      'OwnNameUnpublished',
      `Listed under ${urlsOf(listed)} and not under ${peerUrl}; correcting that once the name of this Pod leads to it.`,
    );
  }
  return {
    kind: 'correct-peer-url',
    stage: 'serving',
    reason: 'PeerUrlDiffers',
    message: `Listed under ${urlsOf(listed)}; others reach this member under ${peerUrl}, so the list is corrected.`,
    memberId: listed.id,
    peerUrl,
    leaderUrl: finding.quorum.leader.clientUrl,
  };
}

/** Whether a list that is at hand shows this voter under another peer URL than its own. */
export function isListedElsewhere(view: MemberView): boolean {
  const listed = view.etcd.kind === 'running' ? listedSelf(view, view.etcd.status) : undefined;
  return listed !== undefined && !isRight(view, listed);
}

function listedSelf(view: MemberView, status: EtcdStatus): ContactedMember | undefined {
  const { voters } = view;
  return voters.kind === 'linearizable'
    ? voters.members.find((member) => member.id === status.memberId && !member.isLearner)
    : undefined;
}

function isRight({ self }: MemberView, { peerUrls }: ContactedMember): boolean {
  return peerUrls.length === 1 && peerUrls[0] === peerUrlOf(self.names, self.ordinal);
}

function urlsOf({ peerUrls }: ContactedMember): string {
  return peerUrls.join(', ');
}
