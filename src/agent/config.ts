/**
 * The agent's configuration: environment in, one frozen record out, or every problem at once. In a Pod
 * the operator sets the variables; on a laptop the local cluster does.
 */
import * as v from 'valibot';
import { type NameServer, parseServers } from '../dns/resolv-conf.ts';
import { type EtcdOptions, parseEtcdOptions } from '../model/etcd-options.ts';
import { type EtcdVersion, isSupported, parseEtcdVersion, SUPPORTED_MINORS } from '../model/etcd-version.ts';
import { type ClusterNames, ORDINAL_MAX, ordinalOfPodName } from '../model/naming.ts';
import { LOG_LEVELS, type LogLevel } from '../runtime/logger.ts';

export type AgentConfig = {
  readonly names: ClusterNames;
  readonly ordinal: number;
  readonly podUid: string;
  /** The address this Pod's name must resolve to. */
  readonly podAddress: string;
  /** Where agent and etcd listen; the Pod's address unless said otherwise. */
  readonly listenAddress: string;
  readonly metricsPort: number;
  readonly agentPort: number;
  readonly volume: string;
  readonly gate: string;
  readonly etcdVersion: EtcdVersion;
  readonly etcdOptions: EtcdOptions;
  /** Undefined: those of /etc/resolv.conf. */
  readonly dnsServers: readonly NameServer[] | undefined;
  readonly apiUrl: string;
  readonly apiTokenFile: string | undefined;
  readonly apiCaFile: string | undefined;
  readonly recordConfigMap: string;
  readonly graceSeconds: number;
  readonly logLevel: LogLevel;
};

/** A configuration, or one sentence per problem: the variable, its value, the remedy. */
export type ConfigFinding =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

const port = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,5}$/, 'must be a port number'),
  v.transform(Number),
  v.maxValue(65_535),
);
const seconds = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,5}$/, 'must be a whole number of seconds'),
  v.transform(Number),
  v.minValue(1),
);
const required = v.pipe(v.string(), v.minLength(1, 'must be set'));

const environmentSchema = v.object({
  QUORATE_CLUSTER: required,
  QUORATE_NAMESPACE: required,
  QUORATE_SERVICE: required,
  QUORATE_CLUSTER_DOMAIN: v.optional(required, 'cluster.local'),
  QUORATE_POD_NAME: required,
  QUORATE_POD_UID: required,
  QUORATE_POD_IP: v.pipe(required, v.ip('must be an IP address')),
  QUORATE_LISTEN_ADDRESS: v.optional(v.pipe(required, v.ip('must be an IP address'))),
  QUORATE_HOST_TEMPLATE: v.optional(
    v.pipe(required, v.regex(/\{(fqdn|ordinal)\}/, 'must contain {fqdn} or {ordinal}')),
    '{fqdn}',
  ),
  QUORATE_PEER_PORT: v.optional(port, '2380'),
  QUORATE_CLIENT_PORT: v.optional(port, '2379'),
  QUORATE_METRICS_PORT: v.optional(port, '2381'),
  QUORATE_AGENT_PORT: v.optional(port, '2382'),
  QUORATE_VOLUME: v.optional(required, '/var/lib/etcd'),
  QUORATE_GATE: v.optional(required, '/run/quorate/etcd.yaml'),
  QUORATE_ETCD_VERSION: required,
  QUORATE_ETCD_OPTIONS: v.optional(v.string(), '{}'),
  QUORATE_DNS_SERVERS: v.optional(v.string()),
  QUORATE_API_URL: v.optional(v.pipe(v.string(), v.url('must be a URL'))),
  QUORATE_API_TOKEN_FILE: v.optional(required),
  QUORATE_API_CA_FILE: v.optional(required),
  QUORATE_GRACE_SECONDS: v.optional(seconds, '30'),
  QUORATE_LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`), 'info'),
});

type Variables = v.InferOutput<typeof environmentSchema>;

/** Reads the agent's configuration out of `environment`. */
export function readAgentConfig(environment: Environment): ConfigFinding {
  const parsed = v.safeParse(environmentSchema, environment);
  if (!parsed.success) {
    return { ok: false, problems: parsed.issues.map((issue) => describe(issue, environment)) };
  }
  const problems: string[] = [];
  const config = assemble(parsed.output, environment, (problem) => problems.push(problem));
  return config === undefined || problems.length > 0
    ? { ok: false, problems }
    : { ok: true, config: Object.freeze(config) };
}

function assemble(
  variables: Variables,
  environment: Environment,
  report: (problem: string) => void,
): AgentConfig | undefined {
  const ordinal = readOrdinal(variables, report);
  const etcdVersion = readVersion(variables, report);
  const etcdOptions = readOptions(variables, etcdVersion, report);
  const dnsServers = readServers(variables, report);
  const apiUrl = variables.QUORATE_API_URL ?? inClusterUrl(environment);
  if (apiUrl === undefined) {
    report(
      'QUORATE_API_URL is not set and this is no Pod (KUBERNETES_SERVICE_HOST is not set); set it to the API server.',
    );
  }
  if (
    ordinal === undefined ||
    etcdVersion === undefined ||
    etcdOptions === undefined ||
    apiUrl === undefined
  ) {
    return undefined;
  }
  return {
    names: namesOf(variables),
    ordinal,
    podUid: variables.QUORATE_POD_UID,
    podAddress: variables.QUORATE_POD_IP,
    listenAddress: variables.QUORATE_LISTEN_ADDRESS ?? variables.QUORATE_POD_IP,
    metricsPort: variables.QUORATE_METRICS_PORT,
    agentPort: variables.QUORATE_AGENT_PORT,
    volume: variables.QUORATE_VOLUME,
    gate: variables.QUORATE_GATE,
    etcdVersion,
    etcdOptions,
    dnsServers,
    apiUrl,
    apiTokenFile: variables.QUORATE_API_TOKEN_FILE,
    apiCaFile: variables.QUORATE_API_CA_FILE,
    recordConfigMap: `${variables.QUORATE_CLUSTER}-formation`,
    graceSeconds: variables.QUORATE_GRACE_SECONDS,
    logLevel: variables.QUORATE_LOG_LEVEL,
  };
}

function namesOf(variables: Variables): ClusterNames {
  return {
    cluster: variables.QUORATE_CLUSTER,
    namespace: variables.QUORATE_NAMESPACE,
    service: variables.QUORATE_SERVICE,
    clusterDomain: variables.QUORATE_CLUSTER_DOMAIN,
    hostTemplate: variables.QUORATE_HOST_TEMPLATE,
    scheme: 'http',
    peerPort: variables.QUORATE_PEER_PORT,
    clientPort: variables.QUORATE_CLIENT_PORT,
  };
}

function readOrdinal(variables: Variables, report: (problem: string) => void): number | undefined {
  const ordinal = ordinalOfPodName(variables.QUORATE_CLUSTER, variables.QUORATE_POD_NAME);
  if (ordinal === undefined) {
    report(
      `QUORATE_POD_NAME is "${variables.QUORATE_POD_NAME}"; it must be ${variables.QUORATE_CLUSTER}-0 to ${variables.QUORATE_CLUSTER}-${ORDINAL_MAX}.`,
    );
  }
  return ordinal;
}

function readVersion(variables: Variables, report: (problem: string) => void): EtcdVersion | undefined {
  const version = parseEtcdVersion(variables.QUORATE_ETCD_VERSION);
  if (version === undefined || !isSupported(version)) {
    const supported = SUPPORTED_MINORS.map((minor) => `3.${minor}`).join(', ');
    report(`QUORATE_ETCD_VERSION is "${variables.QUORATE_ETCD_VERSION}"; etcd ${supported} are supported.`);
    return undefined;
  }
  return version;
}

function readOptions(
  variables: Variables,
  version: EtcdVersion | undefined,
  report: (problem: string) => void,
): EtcdOptions | undefined {
  if (version === undefined) {
    return undefined;
  }
  const json = parseJson(variables.QUORATE_ETCD_OPTIONS);
  const options = parseEtcdOptions(json, version);
  if ('invalid' in options) {
    for (const problem of options.invalid) {
      report(`QUORATE_ETCD_OPTIONS is refused: ${problem}.`);
    }
    return undefined;
  }
  return options;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readServers(
  variables: Variables,
  report: (problem: string) => void,
): readonly NameServer[] | undefined {
  if (variables.QUORATE_DNS_SERVERS === undefined) {
    return undefined;
  }
  const servers = parseServers(variables.QUORATE_DNS_SERVERS);
  if ('invalid' in servers) {
    report(`QUORATE_DNS_SERVERS is "${variables.QUORATE_DNS_SERVERS}": ${servers.invalid}`);
    return undefined;
  }
  return servers;
}

/** Every Pod is told where the API server is (Kubernetes, "Accessing the API from a Pod"). */
function inClusterUrl(environment: Environment): string | undefined {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const apiPort = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '') {
    return undefined;
  }
  return `https://${host.includes(':') ? `[${host}]` : host}:${apiPort}`;
}

function describe(issue: v.BaseIssue<unknown>, environment: Environment): string {
  const name = v.getDotPath(issue) ?? 'environment';
  const value = environment[name];
  const wanted = issue.type === 'optional' || value === undefined ? 'must be set' : issue.message;
  return value === undefined ? `${name} ${wanted}.` : `${name} is "${value}"; it ${wanted}.`;
}
