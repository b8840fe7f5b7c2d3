import type { EtcdCluster } from '../../../src/api/etcd-cluster.ts';
import { eventLines } from './event-view.ts';
import type { NamespaceView } from './namespace-view.ts';
import type { PodView } from './pod-view.ts';

const EVENTS_SHOWN = 12;

/** What was seen last of a namespace: phase, conditions, members and Pods of each cluster, the latest Events. */
export function describeView(
  view: Pick<NamespaceView, 'namespace' | 'clusters' | 'pods' | 'events'>,
): string {
  const events = eventLines(view.events()).trimEnd().split('\n').slice(-EVENTS_SHOWN);
  return [
    `namespace ${view.namespace}`,
    ...view.clusters().flatMap(describeCluster),
    ...view.pods().map((pod) => `Pod ${describePod(pod)}`),
    'latest events:',
    ...events.map((line) => `  ${line}`),
  ].join('\n');
}

function describeCluster({ metadata, spec, status }: EtcdCluster): readonly string[] {
  const { phase = 'no phase yet', observedGeneration = '-', readyReplicas = '-' } = status ?? {};
  return [
    `EtcdCluster ${metadata.name}: ${phase}, size ${spec.size ?? '-'}, ready ${readyReplicas}, version ${status?.version ?? '-'} of ${spec.version ?? '-'}, leader ${status?.leader ?? '-'}, generation ${observedGeneration} of ${metadata.generation ?? '-'}`,
    ...(status?.conditions ?? []).map(
      ({ type, status: holds, reason, message }) => `  ${type}=${holds} ${reason}: ${message}`,
    ),
    ...(status?.members ?? []).map(
      ({ name, id = '-', role = '-', ready = false, reason = '-', message = '' }) =>
        `  member ${name} ${id} ${role}${ready ? ' ready' : ''} ${reason}: ${message}`,
    ),
  ];
}

/** One Pod in a line, such as `demo-0 Running ready on node1; agent running, etcd running (1 restart)`. */
export function describePod({ name, phase, ready, deleting, node, containers }: PodView): string {
  const states = containers.map((container) => {
    const { restarts, reason, state } = container;
    const how = reason === '' ? state : `${state} ${reason}`;
    return `${container.name} ${how}${restarts === 0 ? '' : ` (${restarts} restart${restarts === 1 ? '' : 's'})`}`;
  });
  const words = [
    name,
    phase,
    ...(ready ? ['ready'] : []),
    ...(deleting ? ['deleting'] : []),
    ...(node === '' ? [] : [`on ${node}`]),
  ];
  return `${words.join(' ')}; ${states.join(', ')}`;
}
