import type { Labels } from '../api/kubernetes.ts';
import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { selectorLabelsOf } from './labels.ts';
import { objectMetadata } from './object-metadata.ts';
import { PORTS } from './ports.ts';

type Selector = { readonly matchLabels: Labels };
type Peer = { readonly podSelector: Selector; readonly namespaceSelector?: Selector };

export type NetworkPolicy = AppliedObject & {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'NetworkPolicy';
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly ['Ingress'];
    readonly ingress: readonly {
      readonly from?: readonly Peer[];
      readonly ports: readonly { readonly port: number; readonly protocol: 'TCP' }[];
    }[];
  };
};

/**
 * Peers only among members, agents only from members and the operator; clients and etcd's metrics from
 * everywhere. The kubelet's probes and hooks always pass: a node reaches its own Pods.
 */
export function networkPolicy(blueprint: Blueprint): NetworkPolicy {
  const { names, settings } = blueprint;
  const podSelector: Selector = { matchLabels: selectorLabelsOf(names.cluster) };
  const members: Peer = { podSelector };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: objectMetadata(blueprint, names.cluster),
    spec: {
      podSelector,
      policyTypes: ['Ingress'],
      ingress: [
        { from: [members], ports: [tcp(PORTS.peer)] },
        {
          from: [members, ...operatorOf(settings.operator)],
          ports: [tcp(PORTS.agent), ...(blueprint.tls === undefined ? [] : [tcp(PORTS.agentTls)])],
        },
        { ports: [tcp(PORTS.client), tcp(PORTS.metrics)] },
      ],
    },
  };
}

/** Namespaces carry their name as a label since Kubernetes 1.21. */
function operatorOf(operator: Blueprint['settings']['operator']): readonly Peer[] {
  return operator === undefined
    ? []
    : [
        {
          podSelector: { matchLabels: operator.labels },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operator.namespace } },
        },
      ];
}

function tcp(port: number): { readonly port: number; readonly protocol: 'TCP' } {
  return { port, protocol: 'TCP' };
}
