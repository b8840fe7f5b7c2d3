import { hashVerdictOf } from '../etcd/hash-verdict.ts';
import type { HashKv, MaintenanceApi } from '../etcd/member-api.ts';
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
  const read = hashes.filter((each) => 'hash' in each);
  const unread = hashes.find((each) => 'unread' in each);
  if (unread !== undefined) {
    return { kind: 'unknown', why: unread.unread };
  }
  switch (hashVerdictOf(read)) {
    case 'equal':
      return { kind: 'equal', hash: read[0]?.hash ?? 0 };
    case 'unequal':
      return { kind: 'unequal', why: read.map((each) => each.text).join(', ') };
    case 'unknown':
      return { kind: 'unknown', why: 'the members have compacted at different revisions' };
  }
}

type MemberHash =
  | (Pick<HashKv, 'hash' | 'compactRevision'> & { readonly text: string })
  | { readonly unread: string };

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
      return { unread: `${clientUrl} gives no hash: ${answer.why}` };
    }
    await pause(RETRY_PAUSE_MS, signal);
  }
}
