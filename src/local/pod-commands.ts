/** What the two containers of a Pod run, and with which environment: pure. */

import { type ClusterNames, memberNameOf } from '../model/naming.ts';
import { FRUGAL_ENVIRONMENT, frugalNodeFlagsFor } from '../runtime/frugal-process.ts';
import {
  type AddressBlock,
  type ClusterPaths,
  PORTS,
  podAddressOf,
  serviceAddressOf,
} from './cluster-layout.ts';
import type { ContainerCommand } from './container.ts';
import { SUPERVISOR_MARK } from './orphans.ts';

/** What is the same for all Pods of a cluster. */
export type PodTemplate = {
  readonly names: ClusterNames;
  /** metadata.uid of the StatefulSet. */
  readonly clusterUid: string;
  readonly block: AddressBlock;
  readonly paths: ClusterPaths;
  /** Such as `3.6.16`. */
  readonly etcdVersion: string;
  /** Path of the etcd binary. */
  readonly etcdPath: string;
  /** What Node runs as the agent, such as `['dist/bin/quorate.cjs']`; `agent` is appended. */
  readonly agentEntry: readonly string[];
  /** Added to the agent's environment last, so it overrides. */
  readonly agentEnv: Readonly<Record<string, string>>;
  /** Further options of etcd, rendered by the agent. */
  readonly etcdOptions: Readonly<Record<string, unknown>>;
  readonly apiUrl: string;
  readonly graceSeconds: number;
  /** See orphans.ts. */
  readonly supervisorMark: string;
  /** What children inherit, such as PATH; usually `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Nobody can create a file there, not even root: an etcd without a data directory fails, visibly. */
const READ_ONLY_FOLDER = '/proc';

/** The agent of one Pod; see the agent's configuration for the variables. */
export function agentCommand(template: PodTemplate, ordinal: number, podUid: string): ContainerCommand {
  const { names, block, paths } = template;
  return {
    file: process.execPath,
    args: [...frugalNodeFlagsFor(template.agentEntry.at(-1) ?? ''), ...template.agentEntry, 'agent'],
    cwd: paths.runFolderOf(ordinal),
    env: {
      ...without('QUORATE_', template.environment),
      ...FRUGAL_ENVIRONMENT,
      [SUPERVISOR_MARK]: template.supervisorMark,
      QUORATE_CLUSTER: names.cluster,
      QUORATE_CLUSTER_UID: template.clusterUid,
      QUORATE_NAMESPACE: names.namespace,
      QUORATE_SERVICE: names.service,
      QUORATE_CLUSTER_DOMAIN: names.clusterDomain,
      QUORATE_POD_NAME: memberNameOf(names, ordinal),
      QUORATE_POD_UID: podUid,
      QUORATE_POD_IP: podAddressOf(block, ordinal),
      QUORATE_HOST_TEMPLATE: names.hostTemplate,
      QUORATE_PEER_PORT: String(names.peerPort),
      QUORATE_CLIENT_PORT: String(names.clientPort),
      QUORATE_METRICS_PORT: String(PORTS.metrics),
      QUORATE_AGENT_PORT: String(PORTS.agent),
      QUORATE_VOLUME: paths.volumeOf(ordinal),
      QUORATE_GATE: paths.gateOf(ordinal),
      QUORATE_ETCD_VERSION: template.etcdVersion,
      QUORATE_ETCD_OPTIONS: JSON.stringify(template.etcdOptions),
      QUORATE_DNS_SERVERS: `${serviceAddressOf(block)}:${PORTS.dns}`,
      QUORATE_API_URL: template.apiUrl,
      QUORATE_GRACE_SECONDS: String(template.graceSeconds),
      QUORATE_RUNTIME_LAG_MS: '0',
      ...template.agentEnv,
    },
  };
}

/** The etcd of one Pod: all it is told is where to ask for its configuration. */
export function etcdCommand(template: PodTemplate, ordinal: number): ContainerCommand {
  return {
    file: template.etcdPath,
    args: [`--config-file=${template.paths.gateOf(ordinal)}`],
    cwd: READ_ONLY_FOLDER,
    env: { ...without('ETCD_', template.environment), [SUPERVISOR_MARK]: template.supervisorMark },
  };
}

/** A container inherits no settings of its own program from whoever runs the cluster. */
function without(prefix: string, environment: PodTemplate['environment']): PodTemplate['environment'] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith(prefix)));
}
