/** The conditions of a cluster: each says what was seen and what is done about it. */
import type { ClusterConditionType } from '../../api/cluster-status.ts';
import type { Condition } from '../../api/kubernetes.ts';
import type { ConditionReason, QuotedReason } from './condition-reasons.ts';
import type { ObservedCluster } from './observed-cluster.ts';

/** What holds, before it is known since when. */
export type Finding = {
  readonly type: ClusterConditionType;
  readonly status: Condition['status'];
  readonly reason: ConditionReason | QuotedReason;
  readonly message: string;
};

/** A sentence that says more is not read; etcd and the kubelet can say a lot. */
const MESSAGE_CHARS_MAX = 1_024;

/** The conditions as they go into status: a time changes only when the status of its condition does. */
export function conditionsOf(observed: ObservedCluster, findings: readonly Finding[]): readonly Condition[] {
  const before = observed.cluster.status?.conditions ?? [];
  const now = timestampOf(observed.nowMs);
  const { generation } = observed.cluster.metadata;
  return findings.map((finding) => {
    const last = before.find((condition) => condition.type === finding.type);
    return {
      ...finding,
      message: shortened(finding.message),
      lastTransitionTime: last?.status === finding.status ? last.lastTransitionTime : now,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function shortened(message: string): string {
  return message.length <= MESSAGE_CHARS_MAX ? message : `${message.slice(0, MESSAGE_CHARS_MAX - 1)}…`;
}

/** What is worst comes first; what is as it should be is not in it. */
const WORST_FIRST: readonly (readonly [ClusterConditionType, Condition['status']])[] = [
  ['DataLost', 'True'],
  ['QuorumLost', 'True'],
  ['Degraded', 'True'],
  ['UpgradeBlocked', 'True'],
  ['Available', 'False'],
  ['Progressing', 'True'],
  ['Progressing', 'False'],
  ['Ready', 'False'],
];

/** The reason of a cluster that is settled: the one `Progressing=False` that is no news. */
export const SETTLED = 'Settled';

/** The message of the worst condition, for one line of `kubectl get -o wide`; empty when all is well. */
export function worstMessage(findings: readonly Finding[]): string {
  for (const [type, status] of WORST_FIRST) {
    const found = findings.find(
      (finding) => finding.type === type && finding.status === status && finding.reason !== SETTLED,
    );
    if (found !== undefined) {
      return shortened(found.message);
    }
  }
  return '';
}
