/** Mistakes with data that was there before the cluster, each put into the shipped decision table. */
import { decide } from '../../src/decide/decide.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { peerUrlOf } from '../../src/model/naming.ts';

const BECAUSE = { stage: 'starting', reason: 'OwnData', message: 'A mutant says so.' } as const;

/** "The data bears a cluster ID, so it is the cluster's." */
export function adoptsUnasked(view: MemberView): Decision {
  const decision = decide(view);
  const wal = walOf(view);
  return isBlocked(decision) && wal?.kind === 'present'
    ? { ...BECAUSE, kind: 'resume', memberId: wal.memberId, maxLearners: 8, initialCorruptCheck: false }
    : decision;
}

/** "A new cluster begins empty." */
export function discardsUnasked(view: MemberView): Decision {
  const decision = decide(view);
  return isBlocked(decision) && walOf(view)?.kind === 'present'
    ? { ...BECAUSE, kind: 'set-data-aside', reason: 'DataDiscarded' }
    : decision;
}

/** "The marker beside the data says whose it is", whichever cluster this Pod is of. */
export function trustsOldMarkers(view: MemberView): Decision {
  const { clusterUid: _unread, ...self } = view.self;
  return decide({ ...view, self });
}

/** "I tell the voters my URL whenever I start." */
export function updatesUrlAlways(view: MemberView): Decision {
  const word = view.voters.kind === 'linearizable' ? view.voters : undefined;
  const leader = word?.leader ?? undefined;
  const self = view.etcd.kind === 'running' ? view.etcd.status : undefined;
  const isNew = word?.members.some((member) => member.id === self?.memberId && member.isLearner);
  return isNew === true && self !== undefined && leader !== undefined
    ? {
        ...BECAUSE,
        kind: 'correct-peer-url',
        memberId: self.memberId,
        peerUrl: peerUrlOf(view.self.names, view.self.ordinal),
        leaderUrl: leader.clientUrl,
      }
    : decide(view);
}

/** "It lies somewhere on the volume, so etcd will find it." */
export function resumesWhereItLies(view: MemberView): Decision {
  const decision = decide(view);
  return decision.kind === 'take-in-data'
    ? {
        ...BECAUSE,
        kind: 'resume',
        memberId: decision.memberId,
        maxLearners: 1,
        initialCorruptCheck: false,
      }
    : decision;
}

function walOf({ volume }: MemberView) {
  return volume.kind === 'readable' ? volume.wal : undefined;
}

function isBlocked(decision: Decision): boolean {
  return decision.kind === 'block-formation' || decision.reason === 'FormationBlocked';
}
