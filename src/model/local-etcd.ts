import type { EtcdId } from './member.ts';

/** What etcd says of itself over its own client or metrics port. */
export type EtcdStatus = {
  readonly clusterId: EtcdId;
  readonly memberId: EtcdId;
  readonly isLearner: boolean;
  /** Null while this member knows no leader. */
  readonly leaderId: EtcdId | null;
  readonly version: string;
  readonly raftTerm: bigint;
  /** Last index this member knows committed. */
  readonly raftIndex: bigint;
  readonly raftAppliedIndex: bigint;
  readonly dbSizeBytes: number;
  readonly dbSizeInUseBytes: number;
  /** Alarms and errors in etcd's words, such as `NOSPACE`. */
  readonly errors: readonly string[];
};

/** The etcd process beside this agent. */
export type LocalEtcd =
  /** It neither asks for its configuration nor answers. */
  | { readonly kind: 'absent' }
  /** The pipe it would ask through cannot be kept, so nobody knows. */
  | { readonly kind: 'gate-unusable'; readonly why: string }
  /** It served, its process lives, and it no longer answers: it is stopping, or stuck. */
  | { readonly kind: 'unresponsive' }
  /** It waits at the gate: no etcd runs on this volume until the agent answers. */
  | {
      readonly kind: 'at-gate';
      readonly sinceMs: number;
      readonly failedStarts: number;
      /** Where etcd has to listen and somebody else does; looked for once a start has failed. */
      readonly takenPort?: string;
    }
  /** It was answered and does not serve clients yet; `alive` once its peer side is up, as without quorum. */
  | {
      readonly kind: 'starting';
      readonly sinceMs: number;
      readonly alive: boolean;
      readonly hasLeader: boolean;
    }
  | { readonly kind: 'running'; readonly sinceMs: number; readonly status: EtcdStatus };

/** Whether a process of etcd is known to be there; one that was let start and says nothing may be or not. */
export function isAlive(etcd: LocalEtcd): boolean {
  return etcd.kind === 'running' || etcd.kind === 'unresponsive' || (etcd.kind === 'starting' && etcd.alive);
}
