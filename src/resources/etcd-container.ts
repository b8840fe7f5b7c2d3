import type { Blueprint } from './blueprint.ts';
import { CONTAINER_SECURITY, type Container } from './container.ts';
import { etcdResourcesOf } from './container-resources.ts';
import { etcdProbesOf } from './etcd-probes.ts';
import { DATA_VOLUME } from './names.ts';
import { GATE_FOLDER, GATE_PATH, VOLUME_PATH } from './paths.ts';
import { PORTS } from './ports.ts';
import { tlsMountsOf } from './tls.ts';
import { GATE_VOLUME } from './volumes.ts';

/** Name of etcd's container, for `kubectl logs` and for who reads a Pod's status. */
export const ETCD_CONTAINER = 'etcd';

/**
 * etcd, from the official image, which has no shell. It blocks on opening its configuration, a named pipe,
 * until the agent has decided. Its hook lets the agent leave, or hand over leadership, before etcd is told
 * to stop.
 */
export function etcdContainer(blueprint: Blueprint): Container {
  const { image, spec, version } = blueprint;
  const env = spec.podTemplate?.env;
  return {
    name: ETCD_CONTAINER,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['etcd', `--config-file=${GATE_PATH}`],
    // Without a configuration etcd makes its data here; it must not be able to (ADR 0002).
    workingDir: '/',
    ...(env === undefined ? {} : { env }),
    ports: [
      { name: 'client', containerPort: PORTS.client, protocol: 'TCP' },
      { name: 'peer', containerPort: PORTS.peer, protocol: 'TCP' },
      { name: 'metrics', containerPort: PORTS.metrics, protocol: 'TCP' },
    ],
    resources: etcdResourcesOf(spec.resources),
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: VOLUME_PATH },
      { name: GATE_VOLUME, mountPath: GATE_FOLDER, readOnly: true },
      ...tlsMountsOf(blueprint, 'etcd'),
    ],
    lifecycle: { preStop: { httpGet: { path: '/leave', port: PORTS.agent } } },
    ...etcdProbesOf(version, blueprint.tls),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: CONTAINER_SECURITY,
  };
}
