import { agentEnvironment } from './agent-environment.ts';
import type { Blueprint } from './blueprint.ts';
import { CONTAINER_SECURITY, type Container, type Handler, type Probe } from './container.ts';
import { AGENT_RESOURCES, PIPE_RESOURCES } from './container-resources.ts';
import { DATA_VOLUME } from './names.ts';
import { API_ACCESS_PATH, GATE_FOLDER, GATE_PATH, VOLUME_PATH } from './paths.ts';
import { PORTS } from './ports.ts';
import { tlsMountsOf } from './tls.ts';
import { API_ACCESS_VOLUME, GATE_VOLUME } from './volumes.ts';

/** Name of the agent's container. */
export const AGENT_CONTAINER = 'agent';

/**
 * Makes the pipe unless it is there: an agent that restarts finds its own, and one that starts may make it
 * between the look and the attempt.
 */
const MAKE_PIPE: readonly string[] = [
  '/bin/sh',
  '-c',
  `test -p ${GATE_PATH} || mkfifo -m 0644 ${GATE_PATH} || test -p ${GATE_PATH}`,
];

/** Turns once in a while; a stuck agent harms nobody until its etcd restarts. */
const LIVENESS: Probe = {
  httpGet: { path: '/livez', port: PORTS.agent },
  periodSeconds: 10,
  timeoutSeconds: 5,
  failureThreshold: 3,
};

/**
 * The agent as a native sidecar. Kubernetes starts no further container before its postStart has ended, so
 * etcd's finds the pipe: without it etcd fails, and pays a restart's back-off. It has no startup probe, which
 * would only delay etcd, and no readiness of its own.
 */
export function agentSidecar(blueprint: Blueprint): Container {
  return {
    ...agent(blueprint, { postStart: { exec: { command: MAKE_PIPE } } }),
    restartPolicy: 'Always',
  };
}

/**
 * The agent as a container next to etcd's. Both are told to stop at the same time, so its own hook keeps it
 * alive until the departure that etcd's hook asks for is over; two that ask at once share one answer.
 */
export function agentNextToEtcd(blueprint: Blueprint): Container {
  return agent(blueprint, { preStop: { httpGet: { path: '/leave', port: PORTS.agent } } });
}

/** Makes the pipe before any container may start, where no sidecar can. */
export function pipeMaker({ settings }: Blueprint): Container {
  return {
    name: 'gate',
    image: settings.agent.image,
    imagePullPolicy: settings.agent.pullPolicy,
    command: MAKE_PIPE,
    resources: PIPE_RESOURCES,
    volumeMounts: [{ name: GATE_VOLUME, mountPath: GATE_FOLDER }],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: CONTAINER_SECURITY,
  };
}

function agent(
  blueprint: Blueprint,
  lifecycle: { readonly postStart?: Handler; readonly preStop?: Handler },
): Container {
  const { image, pullPolicy, command } = blueprint.settings.agent;
  return {
    name: AGENT_CONTAINER,
    image,
    imagePullPolicy: pullPolicy,
    command,
    env: agentEnvironment(blueprint),
    ports: [
      { name: 'agent', containerPort: PORTS.agent, protocol: 'TCP' },
      ...(blueprint.tls === undefined
        ? []
        : [{ name: 'agent-tls', containerPort: PORTS.agentTls, protocol: 'TCP' } as const]),
    ],
    resources: AGENT_RESOURCES,
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: VOLUME_PATH },
      { name: GATE_VOLUME, mountPath: GATE_FOLDER },
      { name: API_ACCESS_VOLUME, mountPath: API_ACCESS_PATH, readOnly: true },
      ...tlsMountsOf(blueprint, 'agent'),
    ],
    lifecycle,
    livenessProbe: LIVENESS,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: CONTAINER_SECURITY,
  };
}
