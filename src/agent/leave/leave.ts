import { decideLeave } from '../../decide/decide-leave.ts';
import type { LeaveAsked, LeaveVerdict } from '../../decide/leave-verdict.ts';
import type { MaintenanceApi, MemberApi } from '../../etcd/member-api.ts';
import type { ClusterApi } from '../../kube/cluster-api.ts';
import { type Known, known, unknown } from '../../model/known.ts';
import type { EtcdId } from '../../model/member.ts';
import type { Intent, Self } from '../../model/member-view.ts';
import { memberNameOf } from '../../model/naming.ts';
import type { VotersWord } from '../../model/voters-word.ts';
import { pause, within } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import { errorText } from '../../runtime/error-text.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { LocalEtcdProbe } from '../look/local-etcd-probe.ts';
import { statusesOfVoters } from '../look/voter-statuses.ts';
import { surveyVoters, type VotersSurveyDeps } from '../look/voters-survey.ts';
import type { MembershipCalls } from '../membership-calls.ts';

export type LeaveDeps = VotersSurveyDeps & {
  readonly self: Self;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly api: ClusterApi;
  readonly etcd: LocalEtcdProbe;
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly membershipCalls: MembershipCalls;
  /** Called once a quorum has said that the member is gone for good. */
  readonly noteRemoved: (memberId: EtcdId) => Promise<void>;
  /** The Pod's termination grace period. */
  readonly graceMs: number;
};

/** Half for leaving, half for etcd to stop in order: it needs about 7 s at worst (its request time-out). */
const SHARE_OF_GRACE = 0.5;
/** Between two looks while a sibling leaves first or a quorum is missing. */
const LOOK_AGAIN_MS = 20;
const LOOK_AGAIN_MS_MAX = 100;
const REFUSED_MS = 500;

/** The preStop hook: leaves for good, hands over leadership, or stays, and says which. */
export async function leave(deps: LeaveDeps, signal: AbortSignal): Promise<LeaveVerdict> {
  const calledAtMs = deps.clock.nowMs();
  const budgetMs = deps.graceMs * SHARE_OF_GRACE;
  const bounded = within(signal, budgetMs);
  let said = '';
  let asked: LeaveAsked = { handedOver: false, leavingSinceMs: null };
  for (let pauseMs = LOOK_AGAIN_MS; ; pauseMs = Math.min(pauseMs * 2, LOOK_AGAIN_MS_MAX)) {
    const verdict = await nextVerdict(deps, calledAtMs, calledAtMs + budgetMs, asked, bounded);
    const word = `${verdict.kind}: ${verdict.message}`;
    if (word !== said) {
      deps.logger.info({ verdict: verdict.kind, reason: verdict.reason }, verdict.message);
      said = word;
    }
    switch (verdict.kind) {
      case 'stay':
        return verdict;
      case 'already-gone':
        await noteSafely(deps, verdict.memberId);
        return verdict;
      case 'look-again':
        await pause(pauseMs, bounded);
        break;
      case 'move-leader': {
        asked = { ...asked, handedOver: true };
        const outcome = await deps.membershipCalls.count('MoveLeader', { target: verdict.target }, () =>
          deps.members.moveLeader(verdict.leaderUrl, verdict.target, bounded),
        );
        if (outcome.kind !== 'done') {
          await pause(pauseMs, bounded);
        }
        break;
      }
      case 'leave': {
        asked = { ...asked, leavingSinceMs: asked.leavingSinceMs ?? deps.clock.nowMs() };
        const outcome = await deps.membershipCalls.count('MemberRemove', { memberId: verdict.memberId }, () =>
          deps.members.remove(verdict.voterUrl, verdict.memberId, bounded),
        );
        if (outcome.kind === 'done') {
          await noteSafely(deps, verdict.memberId);
          return verdict;
        }
        // etcd refuses until its connections are 5 s old; asking more often changes nothing.
        await pause(outcome.kind === 'refused' ? REFUSED_MS : pauseMs, bounded);
        break;
      }
    }
  }
}

/** The member has left whether that can be noted or not; without the note the next start has to find it out. */
async function noteSafely(deps: LeaveDeps, memberId: EtcdId): Promise<void> {
  try {
    await deps.noteRemoved(memberId);
  } catch (error) {
    deps.logger.warn({ err: error, memberId }, `the removal could not be noted: ${errorText(error)}`);
  }
}

async function nextVerdict(
  deps: LeaveDeps,
  calledAtMs: number,
  deadlineMs: number,
  asked: LeaveAsked,
  signal: AbortSignal,
): Promise<LeaveVerdict> {
  const [etcd, intent] = await Promise.all([deps.etcd.look(signal), readIntent(deps, signal)]);
  const clusterId = etcd.kind === 'running' ? etcd.status.clusterId : null;
  const voters: VotersWord =
    clusterId === null
      ? { kind: 'unasked' }
      : await surveyVoters(deps, { ordinals: [deps.self.ordinal], clusterId, contacts: true }, signal);
  return decideLeave({
    nowMs: deps.clock.nowMs(),
    calledAtMs,
    deadlineMs,
    self: deps.self,
    intent,
    etcd,
    voters,
    raftIndexes: await raftIndexesOf(deps, voters, signal),
    ...asked,
  });
}

async function readIntent(deps: LeaveDeps, signal: AbortSignal): Promise<Known<Intent>> {
  const [set, pod] = await Promise.all([
    deps.api.readWantedSet(signal),
    deps.api.readPod(memberNameOf(deps.self.names, deps.self.ordinal), signal),
  ]);
  if (!set.known) {
    return unknown(set.why);
  }
  if (!pod.known) {
    return unknown(pod.why);
  }
  const ownPod = pod.value.kind === 'absent' ? null : { uid: pod.value.podUid, deleting: pod.value.deleting };
  const { uid, replicas, deleting } = set.value;
  return known({ statefulSetUid: uid, replicas, statefulSetDeleting: deleting, ownPod }, deps.clock.nowMs());
}

/** How far each voter has come, for choosing who leads next; those that do not answer are left out. */
async function raftIndexesOf(
  deps: LeaveDeps,
  voters: VotersWord,
  signal: AbortSignal,
): Promise<ReadonlyMap<EtcdId, bigint>> {
  const statuses = await statusesOfVoters(deps, voters, signal);
  return new Map([...statuses].map(([id, status]) => [id, status.raftIndex]));
}
