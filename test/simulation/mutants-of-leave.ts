/** The shipped preStop verdict with one mistake put into it, one function each. */
import { decideLeave } from '../../src/decide/decide-leave.ts';
import type { LeaveVerdict, LeaveView } from '../../src/decide/leave-verdict.ts';
import { known } from '../../src/model/known.ts';
import type { Intent } from '../../src/model/member-view.ts';

/** "A Pod that stops leaves." */
export function leavesOnRestart(view: LeaveView): LeaveVerdict {
  const verdict = decideLeave(view);
  return verdict.reason === 'StillWanted' ? (leaving(view) ?? verdict) : verdict;
}

/** "Nobody says that I am wanted." */
export function leavesUnasked(view: LeaveView): LeaveVerdict {
  return decideLeave(view.intent.known ? view : scaledBelow(view));
}

/** "Size 0 is below me." */
export function leavesAtZero(view: LeaveView): LeaveVerdict {
  const isZero = view.intent.known && view.intent.value.replicas === 0;
  return decideLeave(isZero ? scaledBelow(view) : view);
}

/** "The set goes, so I go." */
export function leavesWithSet(view: LeaveView): LeaveVerdict {
  const isDeleted = view.intent.known && view.intent.value.statefulSetDeleting;
  return decideLeave(isDeleted ? scaledBelow(view) : view);
}

/** "Whenever I lead, I hand over." */
export function handsToAndFro(view: LeaveView): LeaveVerdict {
  return decideLeave({ ...view, handedOver: false });
}

/** What a member would decide if it were the first beyond the wanted size. */
function scaledBelow(view: LeaveView): LeaveView {
  const intent: Intent = {
    statefulSetUid: '',
    replicas: Math.max(1, view.self.ordinal),
    statefulSetDeleting: false,
    ownPod: { uid: view.self.podUid, deleting: true },
  };
  return { ...view, intent: known(intent, view.nowMs) };
}

function leaving(view: LeaveView): LeaveVerdict | undefined {
  const { voters, etcd } = view;
  return voters.kind === 'linearizable' && voters.leader !== null && etcd.kind === 'running'
    ? {
        kind: 'leave',
        reason: 'ScaledAway',
        message: 'A mutant says so.',
        memberId: etcd.status.memberId,
        voterUrl: voters.leader.clientUrl,
      }
    : undefined;
}
