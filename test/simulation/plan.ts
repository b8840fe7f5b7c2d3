/** What a seed is made into: a cluster, and a schedule of edits and faults. */
import { TESTED_ETCD_VERSIONS, type EtcdVersion, parseEtcdVersion } from '../../src/model/etcd-version.ts';
import type { Fault } from './fault.ts';
import { createPrng, type Prng } from './prng.ts';

export type Plan = {
  readonly seed: number;
  readonly version: EtcdVersion;
  readonly replicas: number;
  readonly writeWeight: number;
  readonly writeEveryMs: number;
  /** Disks are lost one at a time; otherwise as many as it pleases, and only safety is judged. */
  readonly guardsDisks: boolean;
  readonly faults: readonly Fault[];
  /** When everything heals and the last size is set, in ms. */
  readonly healAtMs: number;
  readonly lastReplicas: number;
};

const SIZES = [0, 1, 1, 2, 3, 3, 3, 4, 5, 5, 7, 9] as const;
const LAST_SIZES = [1, 3, 3, 3, 5, 5, 7] as const;
const ORDINALS_STRUCK = 6;

/** The plan of `seed`. */
export function planOf(seed: number): Plan {
  const random = createPrng(seed ^ 0x5eed);
  const version = parseEtcdVersion(random.pick(TESTED_ETCD_VERSIONS));
  if (version === undefined) {
    throw new Error('no etcd version');
  }
  const lengthMs = random.pick([6_000, 12_000, 20_000, 30_000]);
  const faults: Fault[] = [];
  const count = random.between(1, 9);
  const guardsDisks = random.chance(0.9);
  const mayRollBack = random.chance(0.06);
  for (let turn = 0; turn < count; turn++) {
    faults.push(...faultsOf(random, random.below(lengthMs), mayRollBack));
  }
  faults.sort((a, b) => a.atMs - b.atMs);
  return {
    seed,
    version,
    replicas: random.pick([1, 3, 3, 3, 5]),
    writeWeight: random.pick([1, 1, 40, 700]),
    writeEveryMs: random.pick([150, 400, 1_000]),
    guardsDisks,
    faults,
    healAtMs: lengthMs,
    lastReplicas: random.pick(LAST_SIZES),
  };
}

function faultsOf(random: Prng, atMs: number, mayRollBack: boolean): readonly Fault[] {
  const ordinal = random.below(ORDINALS_STRUCK);
  const forMs = random.pick([300, 1_500, 4_000, 9_000, 20_000]);
  const at = { atMs };
  const of = { atMs, ordinal };
  const lasting = { atMs, ordinal, forMs };
  const choices: readonly (readonly [weight: number, () => readonly Fault[]])[] = [
    [14, () => [{ ...at, kind: 'scale', replicas: random.pick(SIZES) }]],
    [8, () => editAndBack(random, atMs)],
    [5, () => [{ ...of, kind: 'kill-etcd' }]],
    [3, () => [{ ...of, kind: 'kill-leader' }]],
    [5, () => [{ ...of, kind: 'kill-agent' }]],
    [4, () => [{ ...lasting, kind: 'crash-node' }]],
    [4, () => [{ ...lasting, kind: 'pause-etcd' }]],
    [4, () => [{ ...lasting, kind: 'pause-agent' }]],
    [5, () => [{ ...of, kind: 'delete-pod' }]],
    [3, () => [{ ...at, kind: 'delete-all-pods' }]],
    [4, () => [{ ...lasting, kind: 'force-delete', volume: random.pick(['kept', 'shared', 'lost']) }]],
    [8, () => [{ ...of, kind: 'lose-disk', how: random.pick(['new-volume', 'wiped', 'data-only']) }]],
    [2, () => [{ ...of, kind: 'damage-data', damage: random.pick(['etcd-fails', 'unreadable']) }]],
    [2, () => [{ ...of, kind: 'damage-marker' }]],
    [1, () => [{ ...lasting, kind: 'unreadable-volume' }]],
    [mayRollBack ? 20 : 0, () => [{ ...lasting, kind: 'roll-back-disk' }]],
    [4, () => [{ ...lasting, kind: 'isolate' }]],
    [2, () => [{ ...lasting, kind: random.pick(['deaf', 'mute']) }]],
    [3, () => [{ ...at, forMs, kind: 'split', side: random.between(1, 511) }]],
    [3, () => [{ ...lasting, kind: 'slow' }]],
    [4, () => [{ ...at, forMs, kind: 'api-outage' }]],
    [2, () => [{ ...lasting, kind: 'api-cut' }]],
    [2, () => [{ ...at, forMs, kind: 'dns-outage' }]],
    [2, () => [{ ...lasting, kind: 'dns-hidden' }]],
    [2, () => [{ ...lasting, kind: 'dns-frozen' }]],
    [4, () => [{ ...at, forMs, kind: 'lost-answers', probability: random.pick([0.2, 0.6]) }]],
    [2, () => [{ ...at, forMs, kind: 'stale-api', staleMs: random.pick([500, 3_000]) }]],
    [6, () => [{ ...at, forMs, kind: 'agent-crashes', probability: random.pick([0.01, 0.05]) }]],
    [1, () => [{ ...at, kind: 'delete-set' }]],
  ];
  return pickWeighted(random, choices)();
}

/** An edit that is taken back before it is through. */
function editAndBack(random: Prng, atMs: number): readonly Fault[] {
  const first = random.pick(SIZES);
  const then = random.pick(SIZES);
  const laterMs = atMs + random.pick([50, 400, 1_500, 4_000]);
  return [
    { atMs, kind: 'scale', replicas: first },
    { atMs: laterMs, kind: 'scale', replicas: then },
  ];
}

function pickWeighted<T>(random: Prng, choices: readonly (readonly [weight: number, item: T])[]): T {
  const total = choices.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.below(total);
  for (const [weight, item] of choices) {
    left -= weight;
    if (left < 0) {
      return item;
    }
  }
  throw new Error('nothing to pick from');
}
