/** What a seed is made into: a cluster, and a schedule of edits and faults. */
import { type EtcdVersion, parseEtcdVersion, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { keysOf } from '../support/keys-of.ts';
import { faultsOf, type PlanKind } from './draw-fault.ts';
import type { Fault } from './fault.ts';
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
  'delete-pod': 5,
  'delete-all-pods': 3,
  'delete-set': 1,
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
  faults.sort((a, b) => a.atMs - b.atMs);
  return {
    seed,
    version: versionOf(random, theme?.minor),
    replicas: random.pick(theme?.replicas ?? FIRST_SIZES),
    writeWeight: theme?.writeWeight ?? random.pick([1, 1, 40, 700]),
    writeEveryMs: random.pick([150, 400, 1_000]),
    guardsDisks: random.chance(0.9),
    foreignOrdinal: theme === undefined && random.chance(0.03) ? random.below(3) : undefined,
    faults,
    healAtMs,
    lastReplicas: random.pick(theme?.lastReplicas ?? LAST_SIZES),
  };
}

function versionOf(random: Prng, minor: number | undefined): EtcdVersion {
  const versions = TESTED_ETCD_VERSIONS.flatMap((text) => parseEtcdVersion(text) ?? []);
  const fitting = versions.filter((version) => minor === undefined || version.minor === minor);
  return random.pick(fitting);
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
