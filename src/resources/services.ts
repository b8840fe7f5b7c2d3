import type { Labels } from '../api/kubernetes.ts';
import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { selectorLabelsOf } from './labels.ts';
import { objectMetadata } from './object-metadata.ts';
import { PORTS } from './ports.ts';

export type ServicePort = {
  readonly name: string;
  readonly port: number;
  readonly protocol: 'TCP';
  readonly appProtocol: string;
};

export type Service = AppliedObject & {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly spec: {
    readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
    readonly clusterIP?: 'None';
    readonly publishNotReadyAddresses?: true;
    readonly selector: Labels;
    readonly ports: readonly ServicePort[];
  };
};

/**
 * `appProtocol` is IANA's service name, as Kubernetes wants it. etcd speaks gRPC and HTTP/1 on one port, so
 * to name either would lead proxies astray; a name they do not know makes them look, or leave it alone.
 */
const CLIENT_PORT = portOf('client', PORTS.client, 'etcd-client');

const PEER_PORTS: readonly ServicePort[] = [
  portOf('peer', PORTS.peer, 'etcd-server'),
  CLIENT_PORT,
  portOf('metrics', PORTS.metrics, 'http'),
  portOf('agent', PORTS.agent, 'http'),
];

const AGENT_TLS_PORT = portOf('agent-tls', PORTS.agentTls, 'https');

/**
 * The names of the members. They are published before a Pod is ready, or members that wait for each other
 * would never find each other.
 */
export function peerService(blueprint: Blueprint): Service {
  const { names } = blueprint;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: objectMetadata(blueprint, names.peerService, 'peer'),
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selectorLabelsOf(names.cluster),
      ports: [...PEER_PORTS, ...(blueprint.tls === undefined ? [] : [AGENT_TLS_PORT])],
    },
  };
}

/** The one address clients need; only members that can serve are behind it. */
export function clientService(blueprint: Blueprint): Service {
  const { names, spec } = blueprint;
  const { type = 'ClusterIP', annotations } = spec.clientService ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: objectMetadata(blueprint, names.clientService, 'client', annotations),
    spec: { type, selector: selectorLabelsOf(names.cluster), ports: [CLIENT_PORT] },
  };
}

function portOf(name: string, port: number, appProtocol: string): ServicePort {
  return { name, port, protocol: 'TCP', appProtocol };
}
