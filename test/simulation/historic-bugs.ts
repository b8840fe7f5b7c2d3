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

const DISKS: Theme = {
  kinds: ['lose-disk', 'kill-etcd', 'isolate', 'dns-outage'],
  replicas: [3],
  lastReplicas: [3],
};
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

/** The seed's data vanishes while the API still tells what was true before it was formed. */
const OLD_ANSWERS: Theme = {
  kinds: [],
  replicas: [3],
  healAtMs: 12_000,
  script: [
    { atMs: 2_700, kind: 'stale-api', forMs: 9_000, staleMs: 3_000 },
    { atMs: 2_750, kind: 'lose-disk', ordinal: 0, how: 'data-only' },
  ],
};
/** Ordinal 4 is down while ordinal 1 is replaced; then only they reach each other, and 1 restarts. */
const OLD_LIST: Theme = {
  kinds: [],
  replicas: [5],
  lastReplicas: [5],
  healAtMs: 24_000,
  script: [
    { atMs: 10_000, kind: 'crash-node', ordinal: 4, forMs: 5_000 },
    { atMs: 10_500, kind: 'lose-disk', ordinal: 1, how: 'wiped' },
    { atMs: 15_050, kind: 'split', side: 0b10010, forMs: 8_000 },
    { atMs: 16_500, kind: 'kill-etcd', ordinal: 1 },
    { atMs: 17_800, kind: 'kill-etcd', ordinal: 1 },
    { atMs: 19_800, kind: 'kill-etcd', ordinal: 1 },
  ],
};
/** The name of ordinal 3 leads to ordinal 1, which has to join anew. */
const ASTRAY: Theme = {
  kinds: [],
  replicas: [5],
  healAtMs: 20_000,
  script: [
    { atMs: 12_000, kind: 'dns-astray', ordinal: 3, to: 1, forMs: 6_000 },
    { atMs: 12_300, kind: 'lose-disk', ordinal: 1, how: 'wiped' },
  ],
};
/** An empty Pod is replaced by force and lingers; its successor joins and is restarted. */
const SUCCESSOR: Theme = {
  kinds: [],
  replicas: [5],
  healAtMs: 30_000,
  script: [
    { atMs: 1_300, kind: 'force-delete', ordinal: 4, forMs: 28_000, volume: 'lost' },
    { atMs: 14_000, kind: 'delete-pod', ordinal: 4 },
    { atMs: 19_000, kind: 'delete-pod', ordinal: 4 },
    { atMs: 24_000, kind: 'delete-pod', ordinal: 4 },
  ],
};
/** The seed lingers without its Pod and is slow to seal, while its successor claims the next attempt. */
const TWO_SEEDS: Theme = {
  kinds: [],
  replicas: [3],
  healAtMs: 9_000,
  script: [
    { atMs: 1_100, kind: 'force-delete', ordinal: 0, forMs: 8_000, volume: 'lost' },
    { atMs: 1_900, kind: 'pause-agent', ordinal: 0, forMs: 1_500 },
    { atMs: 3_450, kind: 'pause-agent', ordinal: 0, forMs: 300 },
  ],
};

/** Ordinal 2 misses what 0 and 1 acknowledge; then 1 loses its disk and meets 2 while 0 is away. */
const STALE_QUORUM: Theme = {
  kinds: [],
  replicas: [3],
  lastReplicas: [3],
  healAtMs: 26_000,
  script: [
    { atMs: 10_000, kind: 'crash-node', ordinal: 2, forMs: 6_000 },
    { atMs: 15_500, kind: 'crash-node', ordinal: 0, forMs: 9_000 },
    { atMs: 15_600, kind: 'lose-disk', ordinal: 1, how: 'data-only' },
  ],
};

/** A cluster is made again under its name, on the volumes of the one before. */
const REMADE: Theme = {
  kinds: ['kill-agent', 'api-outage', 'api-cut', 'delete-pod'],
  replicas: [3],
  healAtMs: 14_000,
  human: 'adopt',
  script: [{ atMs: 6_000, kind: 'recreate', record: 'Unformed' }],
};

export const HISTORIC_BUGS: readonly HistoricBug[] = [
  deciding(
    'starts a new cluster after its disk is lost (F6, F10, F14)',
    ['newOnlyBySeed'],
    DISKS,
    decides.newAfterLoss,
  ),
  deciding(
    'ordinal 0 is the seed whatever the record says (F10)',
    ['newOnlyBySeed'],
    DISKS,
    decides.seedHardWired,
  ),
  deciding(
    'joins under its old ID after its disk is lost (F11, F12)',
    ['noEmptyUnderOldId'],
    DISKS,
    decides.oldIdentity,
  ),
  deciding(
    'takes an absent record for a cluster never formed (F1, F9)',
    ['newOnlyBySeed', 'oneClusterId'],
    FORMING,
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
    FORMING,
    decides.oneToken,
  ),
  deciding(
    'seeds again on a marker that saw the cluster formed',
    ['newOnlyBySeed'],
    OLD_ANSWERS,
    decides.forgetsFormation,
  ),
  shellOf('swaps the record without comparing (F8)', ['newOnlyBySeed', 'oneClusterId'], TWO_SEEDS, {
    comparesBeforeSwap: false,
  }),
  deciding('starts the data of a removed member (F17)', ['noForeignStart'], SCALING, decides.resumesRemoved),
  deciding(
    'wipes its data when nobody answers (F75)',
    ['quorumLostNoChange', 'noLastCopyLost'],
    RESTARTS,
    decides.wipesAlone,
  ),
  deciding(
    'wipes its data when a restart takes long (F19)',
    ['quorumLostNoChange', 'noLastCopyLost'],
    RESTARTS,
    decides.wipesImpatiently,
  ),
  deciding(
    'deletes copies of its data before it is a voter again (F19)',
    ['noLastCopyLost'],
    { ...SCALING, kinds: ['scale', 'edit-and-back', 'damage-data'] },
    decides.prunesEarly,
  ),
  shellOf('adds voters instead of learners (F22, F26)', ['promotedAlive'], SCALING, { addsLearners: false }),
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
    ASTRAY,
    decides.skipsPreflight,
  ),
  shellOf(
    'believes the list of a single member (F25, F35)',
    ['noForeignStart', 'noLastCopyLost', 'quorumLostNoChange'],
    OLD_LIST,
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
    theme: SCALING,
    by: { code: { ...SHIPPED, courseOf: (decision) => courseOf(decision, decision) }, shell: SHIPPED_SHELL },
  },
  leaving(
    'leaves on every restart (F38)',
    ['noLeaveUnscaled', 'quorumKept'],
    RESTARTS,
    leaves.leavesOnRestart,
  ),
  leaving(
    'leaves when the API does not answer (F84)',
    ['noLeaveUnscaled', 'quorumKept'],
    RESTARTS,
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
  deciding('joins again after it was scaled away (F40)', ['noLeaveUnscaled'], SCALING, decides.rejoins),
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
  deciding('joins for a Pod that was deleted (F16)', ['noLeaveUnscaled'], SUCCESSOR, decides.joinsForNobody),
  deciding(
    'starts what an earlier cluster of its name left (F18)',
    ['noForeignStart'],
    REMADE,
    oldData.adoptsUnasked,
  ),
  deciding(
    'puts old data away before a human has decided (F18)',
    ['noLastCopyLost'],
    REMADE,
    oldData.discardsUnasked,
  ),
  deciding(
    'believes the marker of an earlier cluster while the API is away (F18, F84)',
    ['noForeignStart'],
    REMADE,
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
  deciding('claims to serve while it knows no leader', ['statusObserved'], RESTARTS, decides.claimsToServe),
  {
    name: 'votes under its old ID beside a member that lags (F11, L1)',
    breaks: ['writesSurvive'],
    theme: STALE_QUORUM,
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
