/** The conditions of a cluster: each says what was seen and what is done about it. */
import type { ClusterConditionType } from '../../api/etcd-cluster.ts';
import type { Condition } from '../../api/kubernetes.ts';
import type { ObservedCluster } from './observed-cluster.ts';

/** What holds, before it is known since when. */
export type Finding = {
  readonly type: ClusterConditionType;
  readonly status: Condition['status'];
  /** One word in CamelCase. */
  readonly reason: string;
  readonly message: string;
};

/** The conditions as they go into status: a time changes only when the status of its condition does. */
export function conditionsOf(observed: ObservedCluster, findings: readonly Finding[]): readonly Condition[] {
  const before = observed.cluster.status?.conditions ?? [];
  const now = new Date(observed.nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const { generation } = observed.cluster.metadata;
  return findings.map((finding) => {
    const last = before.find((condition) => condition.type === finding.type);
    return {
      ...finding,
      lastTransitionTime: last?.status === finding.status ? last.lastTransitionTime : now,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });
}

/** What is worst comes first; what is as it should be is not in it. */
const WORST_FIRST: readonly (readonly [ClusterConditionType, Condition['status']])[] = [
  ['DataLost', 'True'],
  ['QuorumLost', 'True'],
  ['Degraded', 'True'],
  ['UpgradeBlocked', 'True'],
  ['Available', 'False'],
  ['Progressing', 'True'],
  ['Ready', 'False'],
];

/** The message of the worst condition, for one line of `kubectl get -o wide`; empty when all is well. */
export function worstMessage(findings: readonly Finding[]): string {
  for (const [type, status] of WORST_FIRST) {
    const found = findings.find((finding) => finding.type === type && finding.status === status);
    if (found !== undefined) {
      return found.message;
    }
  }
  return '';
}
