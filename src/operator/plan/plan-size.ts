import { sickBelow } from './member-health.ts';
import type { ObservedCluster } from './observed-cluster.ts';

/** How many Pods the StatefulSet shall have, and why not as many as are wanted. */
export type SizePlan = {
  readonly replicas: number;
  readonly held?: { readonly reason: 'ScaleInUnsafe' | 'UpgradeUnderWay'; readonly message: string };
};

/** The size of a cluster whose spec says nothing. */
export const SIZE_DEFAULT = 3;

/**
 * The size goes straight to what is wanted: the agents serialise themselves. Only shrinking waits, while a
 * voter that stays is not healthy, since each that leaves then costs one of those that quorum needs. Zero
 * is hibernation: nobody leaves, so there is nothing to be unsafe.
 */
export function planSize(observed: ObservedCluster, isRolling: boolean): SizePlan {
  const wanted = observed.cluster.spec.size ?? SIZE_DEFAULT;
  const current = observed.statefulSet?.replicas;
  if (current === undefined || wanted === current || wanted === 0) {
    return { replicas: wanted };
  }
  if (isRolling && current > 0) {
    return held(
      current,
      'UpgradeUnderWay',
      `Going from ${current} to ${wanted} once all members run the new version.`,
    );
  }
  const sick = wanted < current ? sickBelow(observed, wanted) : [];
  return sick.length === 0
    ? { replicas: wanted }
    : held(
        current,
        'ScaleInUnsafe',
        `Not going from ${current} to ${wanted} while ${sick.join(', ')} of those that stay ${sick.length === 1 ? 'is' : 'are'} not a healthy voter.`,
      );
}

function held(replicas: number, reason: 'ScaleInUnsafe' | 'UpgradeUnderWay', message: string): SizePlan {
  return { replicas, held: { reason, message } };
}
