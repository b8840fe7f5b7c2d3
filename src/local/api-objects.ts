/**
 * The state as Kubernetes JSON. Only what the agent's three calls and people with curl look at is
 * rendered; names and shapes are those of Kubernetes 1.34 (apps/v1, v1, autoscaling/v1).
 */
import type { ApiState, ConfigMap, Pod } from './api-state.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The StatefulSet; its status counts Pods as they are now. */
export function statefulSetJson(state: ApiState): Json {
  const { statefulSet } = state;
  return {
    kind: 'StatefulSet',
    apiVersion: 'apps/v1',
    metadata: {
      ...metadataOf(state.namespace, statefulSet),
      generation: statefulSet.generation,
      ...(statefulSet.deletionTimestamp === null ? {} : { deletionTimestamp: statefulSet.deletionTimestamp }),
    },
    spec: {
      replicas: statefulSet.replicas,
      selector: { matchLabels: labelsOf(state) },
      serviceName: `${statefulSet.name}-peer`,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
    },
    status: { observedGeneration: statefulSet.generation, replicas: state.pods.length },
  };
}

/** The scale subresource. */
export function scaleJson(state: ApiState): Json {
  const { statefulSet } = state;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: metadataOf(state.namespace, statefulSet),
    spec: { replicas: statefulSet.replicas },
    status: {
      replicas: state.pods.length,
      selector: Object.entries(labelsOf(state))
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    },
  };
}

/** A ConfigMap. */
export function configMapJson(state: ApiState, configMap: ConfigMap): Json {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: metadataOf(state.namespace, configMap),
    data: configMap.data,
  };
}

/** A Pod. */
export function podJson(state: ApiState, pod: Pod): Json {
  return { kind: 'Pod', apiVersion: 'v1', ...podBody(state, pod) };
}

/** All Pods, lowest ordinal first; the list's resourceVersion is the state's. */
export function podListJson(state: ApiState): Json {
  const pods = [...state.pods].sort((a, b) => a.ordinal - b.ordinal);
  return {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(state.resourceVersion) },
    items: pods.map((pod) => podBody(state, pod)),
  };
}

/** A refusal in the API server's words (meta/v1 Status). */
export function statusJson(code: number, reason: string, message: string): Json {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

type Body = { readonly [key: string]: Json };

function podBody(state: ApiState, pod: Pod): Body {
  const deletion =
    pod.deletion === null
      ? {}
      : {
          deletionTimestamp: pod.deletion.timestamp,
          deletionGracePeriodSeconds: pod.deletion.graceSeconds,
        };
  const address = pod.podIp === null ? {} : { podIP: pod.podIp, podIPs: [{ ip: pod.podIp }] };
  return {
    metadata: {
      ...metadataOf(state.namespace, pod),
      labels: { ...labelsOf(state), 'statefulset.kubernetes.io/pod-name': pod.name },
      ...deletion,
    },
    spec: {
      nodeName: NODE_NAME,
      hostname: pod.name,
      subdomain: `${state.statefulSet.name}-peer`,
      restartPolicy: 'Always',
    },
    status: { phase: pod.phase, ...address },
  };
}

/** All Pods of a local cluster run on one node: this machine. */
const NODE_NAME = 'localhost';

function metadataOf(
  namespace: string,
  object: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: number;
    readonly createdAt: string;
  },
): Body {
  return {
    name: object.name,
    namespace,
    uid: object.uid,
    resourceVersion: String(object.resourceVersion),
    creationTimestamp: object.createdAt,
  };
}

function labelsOf(state: ApiState): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'etcd', 'app.kubernetes.io/instance': state.statefulSet.name };
}
