import type { HashKv } from './member-api.ts';

/**
 * Whether members hold the same keys, by their hashes up to one revision. Compaction is part of what is
 * hashed, so hashes after different compactions say nothing (`HashKV`, etcd 3.5–3.7).
 */
export function hashVerdictOf(
  hashes: readonly Pick<HashKv, 'hash' | 'compactRevision'>[],
): 'equal' | 'unequal' | 'unknown' {
  if (new Set(hashes.map((each) => each.compactRevision)).size !== 1) {
    return 'unknown';
  }
  return new Set(hashes.map((each) => each.hash)).size === 1 ? 'equal' : 'unequal';
}
