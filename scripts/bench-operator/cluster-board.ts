import { once } from 'node:events';
import type { LiveObject } from '../../src/kube/kube-object.ts';
import type { ObjectReader } from '../../src/kube/object-api.ts';
import { createReflector } from '../../src/operator/cache/reflector.ts';
import { ETCD_CLUSTER } from '../../src/operator/kinds.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { valueAt } from '../../test/support/real-api-server-client.ts';

/** Which clusters are right, as the API server has them. */
export type ClusterBoard = {
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when `total` clusters are right, each at least at the generation that `generations` says. */
  whenRight(total: number, generations: ReadonlyMap<string, number>, signal: AbortSignal): Promise<void>;
  /** When the cluster first became right, on the monotonic clock. */
  firstRightAtMs(key: string): number | undefined;
  right(): number;
};

type Row = { readonly generation: number; readonly isRight: boolean };

export function createClusterBoard(reader: ObjectReader): ClusterBoard {
  const changes = new EventTarget();
  const firstRight = new Map<string, number>();
  const right = new Set<string>();
  const reflector = createReflector<Row>({
    reader,
    type: ETCD_CLUSTER,
    keep: rowOf,
    onChange: (change) => {
      if ('now' in change && change.now.value.isRight) {
        right.add(change.key);
        firstRight.set(change.key, firstRight.get(change.key) ?? performance.now());
      } else {
        right.delete(change.key);
      }
      changes.dispatchEvent(new Event('change'));
    },
    clock: systemClock,
    random: Math.random,
  });
  const isAt = (key: string, generation: number): boolean => {
    const [namespace, name = ''] = key.split('/');
    return (reflector.get(namespace, name)?.value.generation ?? 0) >= generation;
  };
  return {
    run: (signal) => reflector.run(signal),
    whenRight: async (total, generations, signal) => {
      while (right.size < total || ![...generations].every(([key, generation]) => isAt(key, generation))) {
        await once(changes, 'change', { signal });
      }
    },
    firstRightAtMs: (key) => firstRight.get(key),
    right: () => right.size,
  };
}

function rowOf(object: LiveObject): Row {
  const { generation = 0 } = object.metadata;
  const conditions = valueAt(object, 'status.conditions');
  const statusOf = (type: string): unknown =>
    Array.isArray(conditions)
      ? valueAt(
          conditions.find((condition) => valueAt(condition, 'type') === type),
          'status',
        )
      : undefined;
  const isRight =
    valueAt(object, 'status.observedGeneration') === generation &&
    statusOf('Ready') === 'True' &&
    statusOf('Progressing') === 'False';
  return { generation, isRight };
}
