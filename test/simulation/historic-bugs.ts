/**
 * Mistakes that real operators, charts and agents have made, each put into the shipped functions or the
 * shell. The simulator must catch every one. Numbers are those of the failure catalogue.
 */
import { courseOf } from '../../src/decide/course.ts';
import { decide } from '../../src/decide/decide.ts';
import { decideLeave, type LeaveVerdict, type LeaveView } from '../../src/decide/decide-leave.ts';
import { markerOf } from '../../src/decide/ownership.ts';
import type { Decision } from '../../src/model/decision.ts';
import { type FormationRecord, tokenOf } from '../../src/model/formation-record.ts';
import { known } from '../../src/model/known.ts';
import { isStarted } from '../../src/model/member.ts';
import type { Intent, MemberView } from '../../src/model/member-view.ts';
import { memberNameOf, peerUrlOf } from '../../src/model/naming.ts';
import { SHIPPED, SHIPPED_SHELL } from './create-world.ts';
import type { InvariantName } from './invariants.ts';
import type { Theme } from './plan.ts';
import type { Code } from './run-plan.ts';
import type { AgentCode, ShellRules } from './world.ts';

export type HistoricBug = {
  readonly name: string;
  readonly by: Code;
  /** Any of these may be what shows first. */
  readonly breaks: readonly InvariantName[];
  readonly theme: Theme;
};

type Decide = AgentCode['decide'];
type DecideLeave = AgentCode['decideLeave'];

const DISKS: Theme = { kinds: ['lose-disk', 'kill-etcd', 'isolate', 'dns-outage'], replicas: [3], lastReplicas: [3] };
const SCALING: Theme = { kinds: ['scale', 'edit-and-back', 'kill-etcd', 'crash-node'] };
const RESTARTS: Theme = {
  kinds: ['delete-pod', 'delete-all-pods', 'kill-etcd', 'api-outage'],
  replicas: [3],
  lastReplicas: [3],
};
const FORMING: Theme = {
  kinds: ['lose-disk', 'force-delete', 'delete-pod', 'kill-agent', 'api-outage', 'record-deleted'],
  replicas: [3],
};

export const HISTORIC_BUGS: readonly HistoricBug[] = [
  deciding('starts a new cluster after its disk is lost (F6, F10, F14)', ['newOnlyBySeed'], DISKS, newAfterLoss),
  deciding('ordinal 0 is the seed whatever the record says (F10)', ['newOnlyBySeed'], DISKS, seedHardWired),
  deciding('joins under its old ID after its disk is lost (F11, F12)', ['noEmptyUnderOldId'], DISKS, oldIdentity),
  deciding('takes an absent record for a cluster never formed (F1, F9)', ['newOnlyBySeed', 'oneClusterId'], FORMING, absentIsUnformed),
  deciding('takes over the seed of another ordinal (F8)', ['newOnlyBySeed'], FORMING, takesOverSeed),
  deciding('uses one token for every incarnation (F18, F73)', ['newOnlyBySeed', 'oneClusterId'], FORMING, oneToken),
  deciding('seeds again on a marker that saw the cluster formed', ['newOnlyBySeed'], { kinds: ['stale-api', 'lose-disk', 'lose-disk', 'kill-agent'], replicas: [1, 3] }, forgetsFormation),
  shellOf('swaps the record without comparing (F8)', ['newOnlyBySeed', 'oneClusterId'], { kinds: ['force-delete', 'lose-disk', 'agent-crashes', 'stale-api', 'pause-agent'], replicas: [3] }, { comparesBeforeSwap: false }),
  deciding('starts the data of a removed member (F17)', ['noForeignStart'], SCALING, resumesRemoved),
  deciding('wipes its data when nobody answers (F75)', ['quorumLostNoChange', 'noLastCopyLost'], RESTARTS, wipesAlone),
  deciding('wipes its data when a restart takes long (F19)', ['quorumLostNoChange', 'noLastCopyLost'], RESTARTS, wipesImpatiently),
  deciding('deletes copies of its data before it is a voter again (F19)', ['noLastCopyLost'], { ...SCALING, kinds: ['scale', 'edit-and-back', 'damage-data'] }, prunesEarly),
  shellOf('adds voters instead of learners (F22, F26)', ['promotedAlive'], SCALING, { addsLearners: false }),
  deciding('promotes learners from outside, dead or alive (F29)', ['promotedAlive', 'quorumKept'], { kinds: ['scale', 'kill-etcd', 'pause-etcd', 'kill-etcd'], replicas: [1, 3] }, promotesOthers),
  deciding('promotes by ratio, not by how far behind (F30)', ['promotedAlive'], { kinds: ['slow', 'lose-disk', 'slow'], replicas: [3, 5], writeWeight: 700 }, promotesLagging),
  deciding('promotes a member that no voter can dial (F59)', ['promotedAlive'], { kinds: ['deaf', 'lose-disk', 'deaf', 'scale'], replicas: [3] }, promotesUnreached),
  deciding('starts although a name leads astray (F34)', ['noEmptyUnderOldId', 'converges'], { kinds: ['dns-astray', 'dns-astray', 'lose-disk', 'scale'], replicas: [3, 5] }, skipsPreflight),
  shellOf('believes the list of a single member (F25, F35)', ['noForeignStart', 'noLastCopyLost', 'quorumLostNoChange'], { kinds: ['isolate', 'kill-etcd', 'delete-pod', 'scale', 'split'] }, { believesOnlyQuorums: false }),
  shellOf("believes another cluster's answer (F35)", ['noLastCopyLost', 'noForeignStart', 'quorumLostNoChange'], { kinds: ['foreign-answers', 'kill-etcd', 'foreign-answers', 'delete-pod'], replicas: [3] }, { believesOnlyOwnCluster: false }),
  shellOf('repeats a call that timed out without looking (F23)', ['quorumKept'], { kinds: ['lost-answers', 'scale', 'kill-leader', 'lose-disk'] }, { looksAfterTimeout: false }),
  {
    name: 'destroys on a single look (F66)',
    breaks: ['noLastCopyLost'],
    theme: SCALING,
    by: { code: { ...SHIPPED, courseOf: actsAtOnce }, shell: SHIPPED_SHELL },
  },
  leaving('leaves on every restart (F38)', ['noLeaveUnscaled', 'quorumKept'], RESTARTS, leavesOnRestart),
  leaving('leaves when the API does not answer (F84)', ['noLeaveUnscaled', 'quorumKept'], RESTARTS, leavesUnasked),
  leaving('leaves at scale to zero (F43)', ['noLeaveUnscaled', 'quorumKept'], { kinds: ['scale', 'edit-and-back'], replicas: [3] }, leavesAtZero),
  leaving('leaves when the set is deleted (F86)', ['noLeaveUnscaled', 'quorumKept'], { kinds: ['delete-set', 'delete-set', 'kill-etcd'], replicas: [3, 5] }, leavesWithSet),
  leaving('hands leadership to and fro on its way out', ['converges'], { kinds: ['delete-all-pods', 'delete-pod'], replicas: [3, 5] }, handsToAndFro),
  deciding('joins again after it was scaled away (F40)', ['noLeaveUnscaled'], SCALING, rejoins),
  deciding('removes a member that merely does not answer (F27)', ['noLeaveUnscaled', 'quorumKept'], { kinds: ['isolate', 'kill-etcd', 'pause-etcd', 'crash-node'], replicas: [3, 5] }, removesUnreachable),
  deciding('shrinks a hibernating cluster (F43)', ['noLeaveUnscaled', 'quorumKept'], { kinds: ['scale', 'edit-and-back', 'force-delete'], replicas: [3] }, shrinksAtZero),
  deciding('joins for a Pod that was deleted (F16)', ['noLeaveUnscaled'], { kinds: ['force-delete', 'scale', 'edit-and-back', 'lose-disk'], replicas: [3] }, joinsForNobody),
];

function deciding(
  name: string,
  breaks: readonly InvariantName[],
  theme: Theme,
  mutant: Decide,
): HistoricBug {
  return { name, breaks, theme, by: { code: { ...SHIPPED, decide: mutant }, shell: SHIPPED_SHELL } };
}

function leaving(
  name: string,
  breaks: readonly InvariantName[],
  theme: Theme,
  mutant: DecideLeave,
): HistoricBug {
  return { name, breaks, theme, by: { code: { ...SHIPPED, decideLeave: mutant }, shell: SHIPPED_SHELL } };
}

function shellOf(
  name: string,
  breaks: readonly InvariantName[],
  theme: Theme,
  rules: Partial<ShellRules>,
): HistoricBug {
  return { name, breaks, theme, by: { code: SHIPPED, shell: { ...SHIPPED_SHELL, ...rules } } };
}
