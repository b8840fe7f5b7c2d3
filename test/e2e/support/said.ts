/** What a cluster says of itself in a condition. */
import type { Condition } from '../../../src/api/kubernetes.ts';
import type { TestCluster } from './a-cluster.ts';
import { PATIENCE_MS } from './namespace-view.ts';

/** Resolves with the condition once it has that reason, about the object as it is now. */
export function untilReason(
  cluster: Pick<TestCluster, 'object' | 'space' | 'status'>,
  type: string,
  reason: string,
  patienceMs = PATIENCE_MS,
): Promise<Condition> {
  return cluster.space.view.until(
    `${type} says ${reason}`,
    () => {
      const { conditions, observedGeneration } = cluster.status();
      return observedGeneration === cluster.object().metadata.generation
        ? conditions?.find((each) => each.type === type && each.reason === reason)
        : undefined;
    },
    patienceMs,
  );
}
