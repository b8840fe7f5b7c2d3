import type { EnvironmentVariable } from '../api/kubernetes.ts';
import { formatEtcdVersion } from '../model/etcd-version.ts';
import type { Blueprint } from './blueprint.ts';
import { API_ACCESS_PATH, GATE_PATH, VOLUME_PATH } from './paths.ts';
import { gracePeriodSecondsOf } from './pod-lifetime.ts';
import { PORTS } from './ports.ts';
import { tlsEnvironmentOf } from './tls.ts';

/** Everything the agent is told. Nothing of it depends on how many members there are, or on which this is. */
export function agentEnvironment(blueprint: Blueprint): readonly EnvironmentVariable[] {
  const { names, ownerUid, settings, spec, version } = blueprint;
  return [
    value('QUORATE_CLUSTER', names.cluster),
    // So that data of an earlier cluster of this name is not taken for its own while the API is away.
    ...(ownerUid === undefined ? [] : [value('QUORATE_CLUSTER_UID', ownerUid)]),
    fromPod('QUORATE_NAMESPACE', 'metadata.namespace'),
    value('QUORATE_SERVICE', names.peerService),
    value('QUORATE_CLUSTER_DOMAIN', settings.clusterDomain),
    fromPod('QUORATE_POD_NAME', 'metadata.name'),
    fromPod('QUORATE_POD_UID', 'metadata.uid'),
    fromPod('QUORATE_POD_IP', 'status.podIP'),
    // Everywhere, so that port-forwarding works, too.
    value('QUORATE_LISTEN_ADDRESS', '0.0.0.0'),
    value('QUORATE_HOST_TEMPLATE', '{fqdn}'),
    value('QUORATE_CLIENT_PORT', PORTS.client),
    value('QUORATE_PEER_PORT', PORTS.peer),
    value('QUORATE_METRICS_PORT', PORTS.metrics),
    value('QUORATE_AGENT_PORT', PORTS.agent),
    ...tlsEnvironmentOf(blueprint),
    value('QUORATE_VOLUME', VOLUME_PATH),
    value('QUORATE_GATE', GATE_PATH),
    value('QUORATE_ETCD_VERSION', formatEtcdVersion(version)),
    // Not from the ConfigMap: an agent that restarts must not know options before it is its member's turn.
    value('QUORATE_ETCD_OPTIONS', blueprint.options),
    value('QUORATE_GRACE_SECONDS', gracePeriodSecondsOf(spec)),
    value('QUORATE_API_TOKEN_FILE', `${API_ACCESS_PATH}/token`),
    value('QUORATE_API_CA_FILE', `${API_ACCESS_PATH}/ca.crt`),
    ...Object.entries(settings.agent.environment).map(([name, text]) => value(name, text)),
  ];
}

function value(name: string, text: string | number): EnvironmentVariable {
  return { name, value: String(text) };
}

function fromPod(name: string, fieldPath: string): EnvironmentVariable {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
