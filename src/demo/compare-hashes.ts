import type { MaintenanceApi } from '../etcd/member-api.ts';
import { pause, within } from '../runtime/abort.ts';

/** Whether all members hold the same keys; `why` says what else was seen. */
export type HashComparison =
  | { readonly kind: 'equal'; readonly hash: number }
  | { readonly kind: 'unequal'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** A voter that was just promoted needs moments to apply what the others have. */
const BEHIND_MS_MAX = 10_000;
const RETRY_PAUSE_MS = 100;

/** Compares the hashes of all keys up to `revision`, of every member in `clientUrls`. */
export async function compareHashes(
  maintenance: MaintenanceApi,
  clientUrls: readonly string[],
  revision: bigint,
  signal: AbortSignal,
): Promise<HashComparison> {
  const limited = within(signal, BEHIND_MS_MAX);
  const hashes = await Promise.all(clientUrls.map((url) => hashOf(maintenance, url, revision, limited)));
  const unread = hashes.find((each) => each.hash === undefined);
  if (unread !== undefined || hashes[0]?.hash === undefined) {
    return { kind: 'unknown', why: unread?.text ?? 'there is no member to ask' };
  }
  // Compaction is part of what is hashed, so hashes after different compactions say nothing.
  const compactions = new Set(hashes.map((each) => each.compactRevision));
  if (compactions.size > 1) {
    return { kind: 'unknown', why: 'the members have compacted at different revisions' };
  }
  return new Set(hashes.map((each) => each.hash)).size === 1
    ? { kind: 'equal', hash: hashes[0].hash }
    : { kind: 'unequal', why: hashes.map((each) => each.text).join(', ') };
}

type MemberHash = {
  readonly hash: number | undefined;
  readonly compactRevision: bigint;
  readonly text: string;
};

async function hashOf(
  maintenance: MaintenanceApi,
  clientUrl: string,
  revision: bigint,
  signal: AbortSignal,
): Promise<MemberHash> {
  for (;;) {
    const answer = await maintenance.hashKv(clientUrl, revision, signal);
    if (answer.kind === 'answered') {
      const { hash, compactRevision } = answer.value;
      return { hash, compactRevision, text: `${clientUrl} has ${hash} at revision ${revision}` };
    }
    if (signal.aborted) {
      return { hash: undefined, compactRevision: 0n, text: `${clientUrl} gives no hash: ${answer.why}` };
    }
    await pause(RETRY_PAUSE_MS, signal);
  }
}
