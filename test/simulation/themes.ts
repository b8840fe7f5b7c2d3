/** Worlds in which one mistake shows soon: the faults it takes, and no others. */
import type { Theme } from './plan.ts';

export const DISKS: Theme = {
  kinds: ['lose-disk', 'kill-etcd', 'isolate', 'dns-outage'],
  replicas: [3],
  lastReplicas: [3],
};
export const SCALING: Theme = { kinds: ['scale', 'edit-and-back', 'kill-etcd', 'crash-node'] };
export const RESTARTS: Theme = {
  kinds: ['delete-pod', 'delete-all-pods', 'kill-etcd', 'api-outage'],
  replicas: [3],
  lastReplicas: [3],
};
export const FORMING: Theme = {
  kinds: ['lose-disk', 'force-delete', 'delete-pod', 'kill-agent', 'api-outage', 'record-deleted'],
  replicas: [3],
};

/** The seed's data vanishes while the API still tells what was true before it was formed. */
export const OLD_ANSWERS: Theme = {
  kinds: [],
  replicas: [3],
  healAtMs: 12_000,
  script: [
    { atMs: 2_700, kind: 'stale-api', forMs: 9_000, staleMs: 3_000 },
    { atMs: 2_750, kind: 'lose-disk', ordinal: 0, how: 'data-only' },
  ],
};
/** Ordinal 4 is down while ordinal 1 is replaced; then only they reach each other, and 1 restarts. */
export const OLD_LIST: Theme = {
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
export const ASTRAY: Theme = {
  kinds: [],
  replicas: [5],
  healAtMs: 20_000,
  script: [
    { atMs: 12_000, kind: 'dns-astray', ordinal: 3, to: 1, forMs: 6_000 },
    { atMs: 12_300, kind: 'lose-disk', ordinal: 1, how: 'wiped' },
  ],
};
/** An empty Pod is replaced by force and lingers; its successor joins and is restarted. */
export const SUCCESSOR: Theme = {
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
export const TWO_SEEDS: Theme = {
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
export const STALE_QUORUM: Theme = {
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
export const REMADE: Theme = {
  kinds: ['kill-agent', 'api-outage', 'api-cut', 'delete-pod'],
  replicas: [3],
  healAtMs: 14_000,
  human: 'adopt',
  script: [{ atMs: 6_000, kind: 'recreate', record: 'Unformed' }],
};

/** The leader holds ordinal 1 for inactive when two more are to join. */
export const INACTIVE_PEER: Theme = {
  kinds: [],
  replicas: [3],
  lastReplicas: [5],
  healAtMs: 20_000,
  script: [
    { atMs: 14_000, kind: 'inactive-peer', ordinal: 1 },
    { atMs: 14_500, kind: 'scale', replicas: 5 },
  ],
};
