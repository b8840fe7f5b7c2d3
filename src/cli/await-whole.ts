/** Waiting until a local cluster of another process is as it should be. */
import { missingIn, proveWhole } from '../demo/wholeness.ts';
import { createEtcd3Clients } from '../etcd/etcd3-clients.ts';
import { createEtcd3MemberApi } from '../etcd/etcd3-member-api.ts';
import type { MemberApi } from '../etcd/member-api.ts';
import type { ClusterSnapshot } from '../local/cluster-snapshot.ts';
import { fetchSnapshot } from '../local/control-client.ts';
import { pause, within } from '../runtime/abort.ts';
import { boardOf } from './status-report.ts';

/** The supervisor tells of no changes, so it is asked again and again. */
const LOOK_MS = 100;

/** A healthy cluster needs a few seconds; a first start on a busy machine some more. */
const LIMIT_MS = 60_000;

export type Waited =
  | { readonly kind: 'whole'; readonly snapshot: ClusterSnapshot }
  /** The limit was reached; one clause for each member that is not as it should be. */
  | { readonly kind: 'gave-up'; readonly limitSeconds: number; readonly missing: readonly string[] };

/**
 * Resolves once all wanted members and no others serve, or after a minute.
 *
 * @throws LocalClusterError as `fetchSnapshot`; the signal's reason when it fires
 */
export async function awaitWhole(
  folder: string,
  onLook: (snapshot: ClusterSnapshot, missing: readonly string[]) => void,
  signal: AbortSignal,
): Promise<Waited> {
  const clients = createEtcd3Clients();
  const members = createEtcd3MemberApi(clients);
  const limited = within(signal, LIMIT_MS);
  try {
    for (;;) {
      const snapshot = await fetchSnapshot(folder, signal);
      const missing = await missingNow(snapshot, members, signal);
      onLook(snapshot, missing);
      if (missing.length === 0) {
        return { kind: 'whole', snapshot };
      }
      if (limited.aborted) {
        signal.throwIfAborted();
        return { kind: 'gave-up', limitSeconds: LIMIT_MS / 1000, missing };
      }
      await pause(LOOK_MS, limited);
    }
  } finally {
    clients.close();
  }
}

async function missingNow(
  snapshot: ClusterSnapshot,
  members: MemberApi,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = snapshot.members.filter(({ ordinal }) => ordinal < snapshot.replicas);
  if (wanted.length < snapshot.replicas) {
    return [`${snapshot.replicas - wanted.length} Pods are not there yet`];
  }
  const missing = missingIn(boardOf(snapshot), wanted);
  if (missing.length > 0 || wanted.length === 0) {
    return missing;
  }
  const proof = await proveWhole(members, wanted, signal);
  return proof.kind === 'whole' ? [] : [proof.why];
}
