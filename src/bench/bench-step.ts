/** The steps that are measured, each on both sides. */
export type BenchStep = {
  readonly name: string;
  /** How many members there are when it begins. */
  readonly from: number;
} /** `leader` is the ordinal that leads when the step begins; null where it does not matter. */ & (
  | { readonly kind: 'scale'; readonly to: number; readonly leader: number | null }
  | { readonly kind: 'lose-disk'; readonly who: 'follower' | 'leader' }
  | { readonly kind: 'roll' }
);

/** One round; it ends as it began. The leader is always among the leavers, which is the harder case. */
export const SCALING_STEPS: readonly BenchStep[] = [
  { kind: 'scale', name: '1→3', from: 1, to: 3, leader: null },
  { kind: 'scale', name: '3→5', from: 3, to: 5, leader: null },
  { kind: 'scale', name: '5→3', from: 5, to: 3, leader: 4 },
  { kind: 'scale', name: '3→1', from: 3, to: 1, leader: 2 },
];

export const ROLL_STEPS: readonly BenchStep[] = [{ kind: 'roll', name: 'rolling restart of 3', from: 3 }];

export const LOST_DISK_STEPS: readonly BenchStep[] = [
  { kind: 'lose-disk', name: 'lost disk of a follower of 3', from: 3, who: 'follower' },
  { kind: 'lose-disk', name: 'lost disk of the leader of 3', from: 3, who: 'leader' },
];
