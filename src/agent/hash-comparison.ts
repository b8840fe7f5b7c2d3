import { hashVerdictOf } from '../etcd/hash-verdict.ts';
import type { MaintenanceApi } from '../etcd/member-api.ts';
import type { HashCheck } from '../model/member-view.ts';

/**
 * Compares what the voters under `clientUrls` hold, at one revision all of them have (F20): the lowest
 * of their latest. Voters compacted at different revisions cannot be compared and are `unknown`.
 */
export async function compareHashes(
  maintenance: MaintenanceApi,
  clientUrls: readonly string[],
  signal: AbortSignal,
): Promise<HashCheck['verdict']> {
  const latest = await Promise.all(clientUrls.map((url) => maintenance.hashKv(url, 0n, signal)));
  const revisions = latest.flatMap((answer) => (answer.kind === 'answered' ? [answer.value.revision] : []));
  const lowest = revisions.toSorted((a, b) => Number(a - b))[0];
  if (lowest === undefined || revisions.length < clientUrls.length) {
    return 'unknown';
  }
  const hashes = await Promise.all(clientUrls.map((url) => maintenance.hashKv(url, lowest, signal)));
  const known = hashes.flatMap((answer) => (answer.kind === 'answered' ? [answer.value] : []));
  return known.length < clientUrls.length ? 'unknown' : hashVerdictOf(known);
}
