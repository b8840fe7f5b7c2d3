/**
 * The agent's configuration: environment in, one frozen record out, or every problem at once. In a Pod
 * the operator sets the variables; on a laptop the local cluster does.
 */
import * as v from 'valibot';
import { type NameServer, parseServers } from '../dns/resolv-conf.ts';
import { type EtcdOptions, parseEtcdOptions } from '../model/etcd-options.ts';
import { type EtcdVersion, isSupported, parseEtcdVersion, SUPPORTED_MINORS } from '../model/etcd-version.ts';
import { type ClusterNames, ORDINAL_MAX, ordinalOfPodName } from '../model/naming.ts';
import { LOG_LEVELS, type LogLevel } from '../runtime/log-level.ts';
import {
  missingFolders,
  TLS_ENVIRONMENT,
  type TlsSettings,
  tlsSettingsOf,
} from './certificates/tls-settings.ts';

export type AgentConfig = {
  readonly names: ClusterNames;
  readonly ordinal: number;
  readonly podUid: string;
  /** metadata.uid of the cluster this Pod is made for; undefined where nobody said. */
  readonly clusterUid: string | undefined;
  /** The address this Pod's name must resolve to. */
  readonly podAddress: string;
  /** Where agent and etcd listen; the Pod's address unless said otherwise. */
  readonly listenAddress: string;
  readonly metricsPort: number;
  readonly agentPort: number;
  readonly tls: TlsSettings;
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
  /** How long the container runtime takes to notice that a process has ended, in ms; 0 where there is none. */
  readonly runtimeLagMs: number;
  readonly logLevel: LogLevel;
};

/** A configuration, or one sentence per problem: the variable, its value, the remedy. */
export type ConfigFinding =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

const PORT_WANTED = 'must be a port number from 1 to 65535';
const port = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,5}$/, PORT_WANTED),
  v.transform(Number),
  v.minValue(1, PORT_WANTED),
  v.maxValue(65_535, PORT_WANTED),
);
const SECONDS_WANTED = 'must be a whole number of seconds, at least 1';
const seconds = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,5}$/, SECONDS_WANTED),
  v.transform(Number),
  v.minValue(1, SECONDS_WANTED),
);
const MILLISECONDS_WANTED = 'must be a whole number of milliseconds from 0 to 9999';
const milliseconds = v.pipe(v.string(), v.regex(/^[0-9]{1,4}$/, MILLISECONDS_WANTED), v.transform(Number));
const required = v.pipe(v.string(), v.minLength(1, 'must be set'));

const environmentSchema = v.object({
  QUORATE_CLUSTER: required,
  QUORATE_NAMESPACE: required,
  QUORATE_SERVICE: required,
  QUORATE_CLUSTER_DOMAIN: v.optional(required, 'cluster.local'),
  QUORATE_POD_NAME: required,
  QUORATE_POD_UID: required,
  QUORATE_CLUSTER_UID: v.optional(required),
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
  ...TLS_ENVIRONMENT,
  QUORATE_AGENT_TLS_PORT: v.optional(port, '2383'),
  QUORATE_VOLUME: v.optional(required, '/var/lib/etcd'),
  QUORATE_GATE: v.optional(required, '/run/quorate/etcd.yaml'),
  QUORATE_ETCD_VERSION: required,
  QUORATE_ETCD_OPTIONS: v.optional(v.string(), '{}'),
  QUORATE_DNS_SERVERS: v.optional(v.string()),
  QUORATE_API_URL: v.optional(v.pipe(v.string(), v.url('must be a URL'))),
  QUORATE_API_TOKEN_FILE: v.optional(required),
  QUORATE_API_CA_FILE: v.optional(required),
  QUORATE_GRACE_SECONDS: v.optional(seconds, '30'),
  // On a busy node of two cores, 100 ms to 200 ms.
  QUORATE_RUNTIME_LAG_MS: v.optional(milliseconds, '500'),
  QUORATE_LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`), 'info'),
});

type Variables = v.InferOutput<typeof environmentSchema>;

/** Reads the agent's configuration out of `environment`. */
export function readAgentConfig(environment: Environment): ConfigFinding {
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const parsed = v.safeParse(environmentSchema, environment, { abortPipeEarly: true });
  for (const issue of parsed.issues ?? []) {
    report(describe(issue, environment));
  }
  const derived = derive(environment, report);
  for (const problem of missingFolders(environment)) {
    report(problem);
  }
  return parsed.success && derived !== undefined && problems.length === 0
    ? { ok: true, config: Object.freeze(assemble(parsed.output, derived)) }
    : { ok: false, problems };
}

/** What takes more than one variable, or more than a pattern, to read. */
type Derived = Pick<AgentConfig, 'ordinal' | 'etcdVersion' | 'etcdOptions' | 'dnsServers' | 'apiUrl'>;

/** Reads on where single variables are wrong already, so that every problem is reported at once. */
function derive(environment: Environment, report: Report): Derived | undefined {
  const ordinal = readOrdinal(environment, report);
  const etcdVersion = readVersion(environment, report);
  const etcdOptions = readOptions(environment, etcdVersion, report);
  const dnsServers = readServers(environment, report);
  const apiUrl = environment['QUORATE_API_URL'] ?? inClusterUrl(environment);
  if (apiUrl === undefined) {
    report(
      'QUORATE_API_URL is not set and this is no Pod (KUBERNETES_SERVICE_HOST is not set); set it to the API server.',
    );
  }
  return ordinal === undefined ||
    etcdVersion === undefined ||
    etcdOptions === undefined ||
    apiUrl === undefined
    ? undefined
    : { ordinal, etcdVersion, etcdOptions, dnsServers, apiUrl };
}

type Report = (problem: string) => void;

function assemble(variables: Variables, derived: Derived): AgentConfig {
  return {
    ...derived,
    names: namesOf(variables),
    podUid: variables.QUORATE_POD_UID,
    clusterUid: variables.QUORATE_CLUSTER_UID,
    podAddress: variables.QUORATE_POD_IP,
    listenAddress: variables.QUORATE_LISTEN_ADDRESS ?? variables.QUORATE_POD_IP,
    metricsPort: variables.QUORATE_METRICS_PORT,
    agentPort: variables.QUORATE_AGENT_PORT,
    tls: tlsSettingsOf(variables, variables.QUORATE_AGENT_TLS_PORT),
    volume: variables.QUORATE_VOLUME,
    gate: variables.QUORATE_GATE,
    apiTokenFile: variables.QUORATE_API_TOKEN_FILE,
    apiCaFile: variables.QUORATE_API_CA_FILE,
    recordConfigMap: `${variables.QUORATE_CLUSTER}-formation`,
    graceSeconds: variables.QUORATE_GRACE_SECONDS,
    runtimeLagMs: variables.QUORATE_RUNTIME_LAG_MS,
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
    peerScheme: variables.QUORATE_PEER_SCHEME,
    clientScheme: variables.QUORATE_CLIENT_SCHEME,
    peerPort: variables.QUORATE_PEER_PORT,
    clientPort: variables.QUORATE_CLIENT_PORT,
  };
}

/** Undefined, and nothing more to report, where a name is missing. */
function readOrdinal(environment: Environment, report: Report): number | undefined {
  const { QUORATE_CLUSTER: cluster = '', QUORATE_POD_NAME: podName = '' } = environment;
  if (cluster === '' || podName === '') {
    return undefined;
  }
  const ordinal = ordinalOfPodName(cluster, podName);
  if (ordinal === undefined) {
    report(`QUORATE_POD_NAME is "${podName}"; it must be ${cluster}-0 to ${cluster}-${ORDINAL_MAX}.`);
  }
  return ordinal;
}

function readVersion(environment: Environment, report: Report): EtcdVersion | undefined {
  const text = environment['QUORATE_ETCD_VERSION'] ?? '';
  const version = parseEtcdVersion(text);
  if (version !== undefined && isSupported(version)) {
    return version;
  }
  if (text !== '') {
    const supported = SUPPORTED_MINORS.map((minor) => `3.${minor}`).join(', ');
    report(`QUORATE_ETCD_VERSION is "${text}"; etcd ${supported} are supported, such as 3.6.16.`);
  }
  return undefined;
}

function readOptions(
  environment: Environment,
  version: EtcdVersion | undefined,
  report: Report,
): EtcdOptions | undefined {
  const json = parseJsonObject(environment['QUORATE_ETCD_OPTIONS'] ?? '{}');
  if (json === undefined) {
    report(`QUORATE_ETCD_OPTIONS is "${environment['QUORATE_ETCD_OPTIONS']}"; it must be a JSON object.`);
  }
  if (version === undefined || json === undefined) {
    return undefined;
  }
  const options = parseEtcdOptions(json, version);
  if (!('invalid' in options)) {
    return options;
  }
  for (const problem of options.invalid) {
    report(`QUORATE_ETCD_OPTIONS is refused: ${problem}.`);
  }
  return undefined;
}

function parseJsonObject(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? undefined : json;
  } catch {
    return undefined;
  }
}

function readServers(environment: Environment, report: Report): readonly NameServer[] | undefined {
  const text = environment['QUORATE_DNS_SERVERS'];
  const servers = text === undefined ? undefined : parseServers(text);
  if (servers !== undefined && 'invalid' in servers) {
    report(`QUORATE_DNS_SERVERS is "${text}": ${servers.invalid}.`);
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
