/** What the figures aim at. Targets are reported, never enforced. */
import type { Spread } from './spread.ts';

export type Target = {
  readonly text: string;
  /** `floor` is null when bare etcd was not measured. */
  readonly holds: (product: Spread, floor: Spread | null) => boolean;
};

/** The median is at most `limit`. */
export function medianAtMost(limit: number, unit: string): Target {
  return { text: `≤ ${limit} ${unit}`, holds: ({ median }) => median <= limit };
}

/** Even the largest value is at most `limit`. */
export function allAtMost(limit: number, unit: string): Target {
  return { text: `each ≤ ${limit} ${unit}`, holds: ({ max }) => max <= limit };
}

/** Even the largest value is below `limit`. */
export function allBelow(limit: number, unit: string): Target {
  return { text: `each < ${limit} ${unit}`, holds: ({ max }) => max < limit };
}

/** The median is at most `medianLimit`, and the largest value at most `maxLimit`. */
export function medianAndWorst(medianLimit: number, maxLimit: number, unit: string): Target {
  return {
    text: `median ≤ ${medianLimit}, worst ≤ ${maxLimit} ${unit}`,
    holds: ({ median, max }) => median <= medianLimit && max <= maxLimit,
  };
}

/** The median is at most `times` that of the floor, or `extra` more; not met without a floor. */
export function nearFloor(times: number, extra: number, unit: string): Target {
  return {
    text: `≤ ${times}× floor or floor + ${extra} ${unit}`,
    holds: ({ median }, floor) =>
      floor !== null && median <= Math.max(times * floor.median, floor.median + extra),
  };
}
