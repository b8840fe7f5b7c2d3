/** Tells what a pass has found: status, Events and gauges of one cluster. */
import type { ObjectWriter } from '../../kube/object-api.ts';
import { failureText } from '../../kube/outcome.ts';
import { selectorTextOf } from '../../resources/labels.ts';
import { PORTS } from '../../resources/ports.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { ETCD_CLUSTER } from '../kinds.ts';
import type { OperatorMetrics } from '../operator-metrics.ts';
import { clusterEvents } from '../plan/cluster-events.ts';
import type { ClusterPlan } from '../plan/cluster-plan.ts';
import { clusterStatus } from '../plan/cluster-status.ts';
import { findingsOf } from '../plan/findings.ts';
import { statusChange } from '../plan/status-change.ts';
import type { ClusterSight } from './cluster-sight.ts';
import type { OwnWrites } from './own-writes.ts';

export type ClusterReportDeps = {
  readonly writer: Pick<ObjectWriter, 'applyStatus'>;
  readonly events: EventRecorder;
  readonly metrics: OperatorMetrics;
  readonly own: OwnWrites;
  readonly clusterDomain: string;
};

/** When the report wants to be made again, if nothing else happens; undefined: it is complete. */
export type Reported =
  | { readonly kind: 'told'; readonly againAfterMs: number | undefined }
  | { readonly kind: 'failed'; readonly why: string };

/** Writes the status where it has changed, and only then records what happened. */
export async function report(
  deps: ClusterReportDeps,
  sight: ClusterSight,
  plan: ClusterPlan,
  signal: AbortSignal,
): Promise<Reported> {
  const { observed, name, namespace, uid } = sight;
  const findings = findingsOf(observed, plan);
  const status = clusterStatus(observed, plan, findings, {
    clusterDomain: deps.clusterDomain,
    selector: selectorTextOf(name),
    clientPort: PORTS.client,
  });
  const isHealthy = findings.some((finding) => finding.type === 'Available' && finding.status === 'True');
  deps.metrics.showCluster({ namespace, cluster: name, members: status.members?.length ?? 0, isHealthy });
  deps.metrics.showCertificates(namespace, name, plan.tls?.expiries ?? []);
  const before = observed.cluster.status;
  const change = statusChange(before, status, observed.nowMs, deps.own.statusWrittenMs(sight.key));
  if (change.kind !== 'write') {
    return { kind: 'told', againAfterMs: change.kind === 'later' ? change.afterMs : undefined };
  }
  const { apiVersion, kind } = observed.cluster;
  const object = { apiVersion, kind, metadata: { name, namespace, uid }, status: change.status };
  const outcome = await deps.writer.applyStatus(ETCD_CLUSTER, object, signal);
  if (outcome.kind !== 'done') {
    return { kind: 'failed', why: `the status: ${failureText(outcome)}` };
  }
  deps.own.noteStatus(sight.key, outcome.value, change.status, observed.nowMs);
  for (const event of clusterEvents(before, change.status)) {
    deps.events.record({ apiVersion, kind, namespace, name, uid }, event);
  }
  return { kind: 'told', againAfterMs: undefined };
}
