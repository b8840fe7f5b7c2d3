/** What a seed is made into: a cluster, and a schedule of edits and faults. */
import { type EtcdVersion, parseEtcdVersion, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { keysOf } from '../support/keys-of.ts';
import { faultsOf, type PlanKind } from './draw-fault.ts';
import type { Fault, FaultOf } from './fault.ts';
import type { HumanWord, PlainVolume } from './old-data.ts';
import { createPrng, type Prng } from './prng.ts';

export type Plan = {
  readonly seed: number;
  readonly version: EtcdVersion;
  readonly replicas: number;
  /** Raft entries per client write, and how often one is made. */
  readonly writeWeight: number;
  readonly writeEveryMs: number;
  /** Disks are lost one at a time; otherwise as many as it pleases, and only safety is judged. */
  readonly guardsDisks: boolean;
  /** An ordinal whose volume holds another cluster's data from the start. */
  readonly foreignOrdinal: number | undefined;
  /** An ordinal whose volume holds a plain etcd's data from the start, and where on it. */
  readonly plain: PlainVolume | undefined;
  /** What the owner says of data that blocks the formation; undefined when nobody says anything. */
  readonly human: HumanWord | undefined;
  readonly faults: readonly Fault[];
  /** When everything heals and the last size is set, in ms. */
  readonly healAtMs: number;
  readonly lastReplicas: number;
};

/** A world in which some faults are common and all others are left out; for mutants that need them. */
export type Theme = {
  readonly kinds: readonly PlanKind[];
  readonly replicas?: readonly number[];
  readonly lastReplicas?: readonly number[];
  readonly writeWeight?: number;
  readonly minor?: number;
  /** A release, such as one with a bug of its own. */
  readonly version?: string;
  readonly human?: HumanWord;
  readonly plain?: PlainVolume;
  /** Faults come this early, in ms. */
  readonly withinMs?: number;
  /** Ordinals that are struck. */
  readonly ordinals?: readonly number[];
  /** Faults that come for certain. */
  readonly script?: readonly Fault[];
  readonly healAtMs?: number;
  /** Sizes that edits set. */
  readonly sizes?: readonly number[];
};

const SIZES = [0, 1, 1, 2, 3, 3, 3, 4, 5, 5, 7, 9] as const;
const ORDINALS = [0, 1, 2, 3, 4, 5] as const;
const FIRST_SIZES = [1, 3, 3, 3, 5] as const;
const LAST_SIZES = [1, 3, 3, 3, 5, 5, 7] as const;
const LENGTHS_MS = [6_000, 12_000, 20_000, 30_000] as const;
const FAULTS_MAX = 9;

/** How often each kind is drawn. */
const WEIGHTS: Readonly<Record<PlanKind, number>> = {
  scale: 14,
  'edit-and-back': 8,
  'kill-etcd': 5,
  'kill-leader': 3,
  'kill-agent': 5,
  'crash-node': 4,
  'pause-etcd': 4,
  'pause-agent': 4,
  'inactive-peer': 3,
  'delete-pod': 5,
  'delete-all-pods': 3,
  'delete-set': 1,
  recreate: 0,
  'force-delete': 4,
  'lose-disk': 8,
  'damage-data': 2,
  'damage-marker': 2,
  'unreadable-volume': 1,
  'roll-back-disk': 0,
  isolate: 4,
  deaf: 1,
  mute: 1,
  split: 3,
  slow: 3,
  'api-outage': 4,
  'api-cut': 2,
  'dns-outage': 2,
  'dns-hidden': 2,
  'dns-frozen': 2,
  'dns-astray': 2,
  'foreign-answers': 2,
  'record-deleted': 1,
  'lost-answers': 4,
  'stale-api': 2,
  'agent-crashes': 6,
};
/** In some plans disks are put back in time, after which acknowledged writes may be lost. */
const ROLL_BACK_PLANS = 0.06;
const ROLL_BACK_WEIGHT = 20;

/** The plan of `seed`, of all kinds of faults or of the theme's alone. */
export function planOf(seed: number, theme?: Theme): Plan {
  const random = createPrng(seed ^ 0x5eed);
  const healAtMs = theme?.healAtMs ?? random.pick(LENGTHS_MS);
  const kinds = drawn(random, theme);
  const among = { sizes: theme?.sizes ?? SIZES, ordinals: theme?.ordinals ?? ORDINALS };
  const faults: Fault[] = [...(theme?.script ?? [])];
  for (let left = kinds.length === 0 ? 0 : random.between(1, FAULTS_MAX); left > 0; left--) {
    const atMs = random.below(Math.min(healAtMs, theme?.withinMs ?? healAtMs));
    faults.push(...faultsOf(random, pickWeighted(random, kinds), atMs, among));
  }
  const drawnPlan = {
    seed,
    version: versionOf(random, theme),
    replicas: random.pick(theme?.replicas ?? FIRST_SIZES),
    writeWeight: theme?.writeWeight ?? random.pick([1, 1, 40, 700]),
    writeEveryMs: random.pick([150, 400, 1_000]),
    guardsDisks: random.chance(0.9),
    foreignOrdinal: theme === undefined && random.chance(0.03) ? random.below(3) : undefined,
    healAtMs,
    lastReplicas: random.pick(theme?.lastReplicas ?? LAST_SIZES),
  };
  const old = theme === undefined ? oldData(random, healAtMs) : { plain: theme.plain, human: theme.human };
  const all = [...faults, ...(old.recreate === undefined ? [] : [old.recreate])];
  return {
    ...drawnPlan,
    plain: drawnPlan.foreignOrdinal === undefined ? old.plain : undefined,
    human: old.human,
    faults: all.toSorted((a, b) => a.atMs - b.atMs),
  };
}

type OldData = Pick<Plan, 'plain' | 'human'> & { readonly recreate?: FaultOf<'recreate'> };

/** In one plan of eight, data of an earlier cluster or of a plain etcd lies on the volumes. */
function oldData(random: Prng, healAtMs: number): OldData {
  const chance = random.next();
  const word = random.pick(HUMAN_WORDS);
  const human = word === 'nothing' ? undefined : word;
  const record = random.pick(['Unformed', 'Blocked'] as const);
  if (chance < RECREATED_PLANS) {
    const atMs = random.between(RECREATED_MS_MIN, healAtMs);
    return { plain: undefined, human, recreate: { atMs, kind: 'recreate', record } };
  }
  const plain = { ordinal: random.below(3), place: random.pick(PLACES), record };
  return { plain: chance < RECREATED_PLANS + PLAIN_PLANS ? plain : undefined, human };
}

const RECREATED_PLANS = 0.08;
/** Before that there is hardly anything to keep. */
const RECREATED_MS_MIN = 2_000;
const PLAIN_PLANS = 0.05;
const PLACES = ['data', '.', 'default.etcd'] as const;
const HUMAN_WORDS = ['adopt', 'adopt', 'discard', 'nothing'] as const;

function versionOf(random: Prng, theme: Theme | undefined): EtcdVersion {
  const versions = TESTED_ETCD_VERSIONS.flatMap((text) => parseEtcdVersion(text) ?? []);
  const fitting = versions.filter(({ minor }) => theme?.minor === undefined || minor === theme.minor);
  const picked = random.pick(fitting);
  return (theme?.version === undefined ? undefined : parseEtcdVersion(theme.version)) ?? picked;
}

function drawn(random: Prng, theme: Theme | undefined): readonly (readonly [PlanKind, number])[] {
  const rollBack = random.chance(ROLL_BACK_PLANS) ? ROLL_BACK_WEIGHT : 0;
  if (theme !== undefined) {
    return theme.kinds.map((kind) => [kind, 1]);
  }
  return keysOf(WEIGHTS).map((kind) => [kind, kind === 'roll-back-disk' ? rollBack : WEIGHTS[kind]]);
}

function pickWeighted<T>(random: Prng, choices: readonly (readonly [item: T, weight: number])[]): T {
  let left = random.below(choices.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [item, weight] of choices) {
    left -= weight;
    if (left < 0) {
      return item;
    }
  }
  throw new Error('nothing to pick from');
}
