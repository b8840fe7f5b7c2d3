/**
 * Mistakes that real operators, charts and agents have made, each put into the shipped functions or the
 * shell. The simulator must catch every one. Numbers are those of the failure catalogue.
 */
import { courseOf } from '../../src/decide/course.ts';
import { SHIPPED, SHIPPED_SHELL } from './create-world.ts';
import type { InvariantName } from './invariant.ts';
import * as decides from './mutants-of-decide.ts';
import * as leaves from './mutants-of-leave.ts';
import * as oldData from './mutants-of-old-data.ts';
import type { Theme } from './plan.ts';
import type { Code } from './run-plan.ts';
import * as themes from './themes.ts';
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

export const HISTORIC_BUGS: readonly HistoricBug[] = [
  deciding(
    'starts a new cluster after its disk is lost (F6, F10, F14)',
    ['newOnlyBySeed'],
    themes.DISKS,
    decides.newAfterLoss,
  ),
  deciding(
    'ordinal 0 is the seed whatever the record says (F10)',
    ['newOnlyBySeed'],
    themes.DISKS,
    decides.seedHardWired,
  ),
  deciding(
    'joins under its old ID after its disk is lost (F11, F12)',
    ['noEmptyUnderOldId'],
    themes.DISKS,
    decides.oldIdentity,
  ),
  deciding(
    'takes an absent record for a cluster never formed (F1, F9)',
    ['newOnlyBySeed', 'oneClusterId'],
    themes.FORMING,
    decides.absentIsUnformed,
  ),
  deciding(
    'takes over the seed of another ordinal (F8)',
    ['newOnlyBySeed'],
    { kinds: ['crash-node', 'pause-agent', 'kill-agent'], replicas: [3], withinMs: 2_500, ordinals: [0] },
    decides.takesOverSeed,
  ),
  deciding(
    'uses one token for every incarnation (F18, F73)',
    ['newOnlyBySeed', 'oneClusterId'],
    themes.FORMING,
    decides.oneToken,
  ),
  deciding(
    'seeds again on a marker that saw the cluster formed',
    ['newOnlyBySeed'],
    themes.OLD_ANSWERS,
    decides.forgetsFormation,
  ),
  shellOf('swaps the record without comparing (F8)', ['newOnlyBySeed', 'oneClusterId'], themes.TWO_SEEDS, {
    comparesBeforeSwap: false,
  }),
  deciding(
    'starts the data of a removed member (F17)',
    ['noForeignStart'],
    themes.SCALING,
    decides.resumesRemoved,
  ),
  deciding(
    'wipes its data when nobody answers (F75)',
    ['quorumLostNoChange', 'noLastCopyLost'],
    themes.RESTARTS,
    decides.wipesAlone,
  ),
  deciding(
    'wipes its data when a restart takes long (F19)',
    ['quorumLostNoChange', 'noLastCopyLost'],
    themes.RESTARTS,
    decides.wipesImpatiently,
  ),
  deciding(
    'deletes copies of its data before it is a voter again (F19)',
    ['noLastCopyLost'],
    { ...themes.SCALING, kinds: ['scale', 'edit-and-back', 'damage-data'] },
    decides.prunesEarly,
  ),
  shellOf('adds voters instead of learners (F22, F26)', ['promotedAlive'], themes.SCALING, {
    addsLearners: false,
  }),
  deciding(
    'promotes learners from outside, dead or alive (F29)',
    ['promotedAlive', 'quorumKept', 'converges'],
    {
      kinds: ['deaf', 'deaf', 'lose-disk', 'kill-etcd', 'pause-etcd', 'scale'],
      replicas: [3],
      ordinals: [0, 1, 2],
    },
    decides.promotesOthers,
  ),
  deciding(
    'promotes by ratio, not by how far behind (F30)',
    ['promotedAlive'],
    { kinds: ['slow', 'lose-disk', 'lose-disk', 'slow'], replicas: [3], writeWeight: 700, ordinals: [1, 2] },
    decides.promotesLagging,
  ),
  deciding(
    'promotes a member that no voter can dial (F59)',
    ['promotedAlive'],
    { kinds: ['deaf', 'lose-disk', 'deaf', 'scale'], replicas: [3] },
    decides.promotesUnreached,
  ),
  deciding(
    'starts although a name leads astray (F34)',
    ['noEmptyUnderOldId', 'converges'],
    themes.ASTRAY,
    decides.skipsPreflight,
  ),
  shellOf(
    'believes the list of a single member (F25, F35)',
    ['noForeignStart', 'noLastCopyLost', 'quorumLostNoChange'],
    themes.OLD_LIST,
    { believesOnlyQuorums: false },
  ),
  shellOf(
    "believes another cluster's answer (F35)",
    ['oneClusterId', 'noLastCopyLost', 'noForeignStart', 'quorumLostNoChange'],
    { kinds: ['foreign-answers', 'kill-etcd', 'foreign-answers', 'delete-pod'], replicas: [3] },
    { believesOnlyOwnCluster: false },
  ),
  shellOf(
    'repeats a call that timed out without looking (F23)',
    ['quorumKept'],
    { kinds: ['lost-answers', 'scale', 'kill-leader', 'lose-disk'] },
    { looksAfterTimeout: false },
  ),
  shellOf(
    'acts on what it saw before it was stopped (F66)',
    ['noLastCopyLost'],
    { kinds: ['pause-agent'], replicas: [5], withinMs: 3_500, healAtMs: 30_000 },
    { mindsStandstills: false },
  ),
  {
    name: 'destroys on a single look (F66)',
    breaks: ['noLastCopyLost'],
    theme: themes.SCALING,
    by: { code: { ...SHIPPED, courseOf: (decision) => courseOf(decision, decision) }, shell: SHIPPED_SHELL },
  },
  leaving(
    'leaves on every restart (F38)',
    ['noLeaveUnscaled', 'quorumKept'],
    themes.RESTARTS,
    leaves.leavesOnRestart,
  ),
  leaving(
    'leaves when the API does not answer (F84)',
    ['noLeaveUnscaled', 'quorumKept'],
    themes.RESTARTS,
    leaves.leavesUnasked,
  ),
  leaving(
    'leaves at scale to zero (F43)',
    ['noLeaveUnscaled', 'quorumKept'],
    { kinds: ['scale', 'edit-and-back'], replicas: [3] },
    leaves.leavesAtZero,
  ),
  leaving(
    'leaves when the set is deleted (F86)',
    ['noLeaveUnscaled', 'quorumKept'],
    { kinds: ['delete-set', 'delete-set', 'kill-etcd'], replicas: [3, 5] },
    leaves.leavesWithSet,
  ),
  leaving(
    'hands leadership to and fro on its way out',
    ['converges'],
    { kinds: ['delete-all-pods', 'delete-pod'], replicas: [3, 5] },
    leaves.handsToAndFro,
  ),
  deciding(
    'joins again after it was scaled away (F40)',
    ['noLeaveUnscaled'],
    themes.SCALING,
    decides.rejoins,
  ),
  deciding(
    'removes a member that merely does not answer (F27)',
    ['noLeaveUnscaled', 'quorumKept'],
    { kinds: ['isolate', 'kill-etcd', 'pause-etcd', 'crash-node'], replicas: [3, 5] },
    decides.removesUnreachable,
  ),
  deciding(
    'shrinks a hibernating cluster (F43)',
    ['noLeaveUnscaled', 'quorumKept'],
    { kinds: ['scale', 'force-delete'], replicas: [3], sizes: [0, 3] },
    decides.shrinksAtZero,
  ),
  deciding(
    'joins for a Pod that was deleted (F16)',
    ['noLeaveUnscaled'],
    themes.SUCCESSOR,
    decides.joinsForNobody,
  ),
  deciding(
    'starts what an earlier cluster of its name left (F18)',
    ['noForeignStart'],
    themes.REMADE,
    oldData.adoptsUnasked,
  ),
  deciding(
    'puts old data away before a human has decided (F18)',
    ['noLastCopyLost'],
    themes.REMADE,
    oldData.discardsUnasked,
  ),
  deciding(
    'believes the marker of an earlier cluster while the API is away (F18, F84)',
    ['noForeignStart'],
    themes.REMADE,
    oldData.trustsOldMarkers,
  ),
  deciding(
    'starts etcd beside the data it is to adopt',
    ['noEmptyUnderOldId'],
    {
      kinds: ['kill-agent'],
      replicas: [3],
      human: 'adopt',
      plain: { ordinal: 0, place: 'default.etcd', record: 'Blocked' },
    },
    oldData.resumesWhereItLies,
  ),
  deciding(
    'updates its peer URL at every start, as a learner too (L26)',
    ['promotedAlive'],
    { kinds: ['lose-disk', 'scale'], replicas: [3], version: '3.6.11' },
    oldData.updatesUrlAlways,
  ),
  deciding(
    'asks the leader alone, which holds a peer for inactive (etcd-io/etcd#14523)',
    ['converges'],
    themes.INACTIVE_PEER,
    decides.asksLeaderAlone,
  ),
  deciding(
    'claims to serve while it knows no leader',
    ['statusObserved'],
    themes.RESTARTS,
    decides.claimsToServe,
  ),
  {
    name: 'votes under its old ID beside a member that lags (F11, L1)',
    breaks: ['writesSurvive'],
    theme: themes.STALE_QUORUM,
    by: {
      code: { ...SHIPPED, decide: decides.oldIdentityAnyway },
      shell: SHIPPED_SHELL,
      judges: ['writesSurvive'],
    },
  },
];

function deciding(name: string, breaks: readonly InvariantName[], theme: Theme, mutant: Decide): HistoricBug {
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
