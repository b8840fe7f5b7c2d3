import { assertNever } from '../model/assert-never.ts';
import { type ConfigValue, extraEntryOf } from '../model/etcd-extra-args.ts';
import type { EtcdOptions } from '../model/etcd-options.ts';
import type { EtcdVersion } from '../model/etcd-version.ts';
import { type ClusterNames, clientUrlOf, memberNameOf, peerUrlOf, type Scheme } from '../model/naming.ts';

/** The three ways etcd may start. */
export type EtcdStart =
  /** A new cluster, alone. */
  | { readonly kind: 'seed'; readonly token: string; readonly maxLearners: number }
  /** A registered member on an empty volume; `initialCluster` is the whole member list. */
  | {
      readonly kind: 'join';
      readonly token: string;
      readonly maxLearners: number;
      readonly initialCluster: readonly { readonly name: string; readonly peerUrl: string }[];
    }
  /** On a volume with a WAL, which says all about the membership. */
  | {
      readonly kind: 'resume';
      readonly maxLearners: number;
      /**
       * Whether etcd compares its data with the peers' before it serves, and exits when they differ. It
       * asks them one after another, for 7 s each, and serves nobody meanwhile: members that boot together
       * wait for each other (3 voters restarted at once: 7 to 15 s in place of 0.2 to 0.9 s, measured on
       * 3.6.16 and 3.7.3, and on 3.5.35 once there is a snapshot).
       */
      readonly initialCorruptCheck: boolean;
      /** In place of that of the options. */
      readonly snapshotCount?: number;
    };

/** Key, certificate and authority of one side, as paths that etcd can read. */
export type TlsFiles = {
  readonly certFile: string;
  readonly keyFile: string;
  /** Whoever connects must show a certificate signed by it. */
  readonly trustedCaFile: string;
};

/**
 * What a member shows and takes on each side. Files beside the scheme http are for the way there and back: such a
 * member dials with them, and listens as before.
 */
export type EtcdTls = {
  /** Clients may speak TLS. */
  readonly client?: TlsFiles;
  /** Clients may speak plain text on the same port, too; a matter of course under http. */
  readonly takesPlainClients: boolean;
  /** Shown to peers that are dialled; under https, peers that dial have to show theirs. */
  readonly peer?: TlsFiles;
  /**
   * The common name that peers have to show. Without one, every certificate of the authority without names of hosts
   * opens the peer port, such as those of clients (`checkCertSAN`; tried on 3.5.35, 3.6.16 and 3.7.3).
   */
  readonly peerName?: string;
};

export type RenderInput = {
  readonly names: ClusterNames;
  readonly ordinal: number;
  readonly etcdVersion: EtcdVersion;
  readonly dataDirectory: string;
  /** An IP address: etcd refuses to listen on names. `0.0.0.0` on Kubernetes. */
  readonly listenAddress: string;
  /** Plain HTTP, for probes and metrics. */
  readonly metricsPort: number;
  readonly start: EtcdStart;
  /** Parsed for `etcdVersion`. */
  readonly options: EtcdOptions;
  /** Has the files of every side whose scheme is https. */
  readonly tls: EtcdTls;
};

type ConfigFile = Readonly<Record<string, ConfigValue | Readonly<Record<string, ConfigValue>>>>;

/**
 * etcd's configuration file: one JSON object, which is YAML. Every key here is known to the etcd it is
 * for, since etcd silently drops those it does not know; a test asks the binaries.
 *
 * @throws TypeError for options that were not parsed for this version, and for https without files
 */
export function renderConfig(input: RenderInput): string {
  const { start } = input;
  const config: ConfigFile = {
    name: memberNameOf(input.names, input.ordinal),
    'data-dir': input.dataDirectory,
    ...urls(input),
    ...membership(input),
    ...learnerLimit(start.maxLearners, input.etcdVersion),
    ...corruptionChecks(start.kind !== 'resume' || start.initialCorruptCheck, input.etcdVersion),
    ...security(input),
    logger: 'zap',
    'log-outputs': ['stderr'],
    ...tuning(input.options),
    ...(start.kind === 'resume' ? present({ 'snapshot-count': start.snapshotCount }) : {}),
    ...extra(input.options, input.etcdVersion),
  };
  return JSON.stringify(config);
}

function urls({ names, ordinal, listenAddress, metricsPort, tls }: RenderInput): ConfigFile {
  const host = listenAddress.includes(':') ? `[${listenAddress}]` : listenAddress;
  return {
    'listen-peer-urls': `${names.peerScheme}://${host}:${names.peerPort}`,
    'initial-advertise-peer-urls': peerUrlOf(names, ordinal),
    'listen-client-urls': clientSchemes(names, tls)
      .map((scheme) => `${scheme}://${host}:${names.clientPort}`)
      .join(','),
    'advertise-client-urls': clientUrlOf(names, ordinal),
    'listen-metrics-urls': `http://${host}:${metricsPort}`,
  };
}

/** etcd serves both on one port where both are listed (`configureClientListeners`, 3.5–3.7). */
function clientSchemes(
  { clientScheme }: ClusterNames,
  { client, takesPlainClients }: EtcdTls,
): readonly Scheme[] {
  if (client === undefined) {
    return ['http'];
  }
  return clientScheme === 'http' || takesPlainClients ? ['http', 'https'] : ['https'];
}

/** Ignored once a WAL exists. A resumed member whose WAL is gone must fail, so it too says `existing`. */
function membership({ names, ordinal, start }: RenderInput): ConfigFile {
  const self = `${memberNameOf(names, ordinal)}=${peerUrlOf(names, ordinal)}`;
  switch (start.kind) {
    case 'seed':
      return {
        'initial-cluster-state': 'new',
        'initial-cluster-token': start.token,
        'initial-cluster': self,
      };
    case 'join':
      return {
        'initial-cluster-state': 'existing',
        'initial-cluster-token': start.token,
        'initial-cluster': start.initialCluster.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(','),
      };
    case 'resume':
      return { 'initial-cluster-state': 'existing', 'initial-cluster': self };
    default:
      return assertNever(start);
  }
}

/** etcd 3.5 has no such key and always one learner. */
function learnerLimit(maxLearners: number, version: EtcdVersion): ConfigFile {
  return version.minor >= 6 ? { 'max-learners': maxLearners } : {};
}

/** Off by default in all of 3.5, 3.6 and 3.7 (F20); feature gates since 3.6. */
function corruptionChecks(initialCheck: boolean, version: EtcdVersion): ConfigFile {
  return version.minor >= 6
    ? { 'feature-gates': `InitialCorruptCheck=${initialCheck},CompactHashCheck=true` }
    : {
        'experimental-initial-corrupt-check': initialCheck,
        'experimental-compact-hash-check-enabled': true,
      };
}

function security({ names, tls: { client, peer, peerName } }: RenderInput): ConfigFile {
  if ((names.clientScheme === 'https' && !client) || (names.peerScheme === 'https' && !peer)) {
    throw new TypeError('a side that speaks https has no TLS files');
  }
  return {
    ...(client === undefined ? {} : { 'client-transport-security': securityOf(client) }),
    ...(peer === undefined
      ? {}
      : { 'peer-transport-security': { ...securityOf(peer), ...allowed(peerName) } }),
  };
}

function allowed(name: string | undefined): Readonly<Record<string, ConfigValue>> {
  return name === undefined ? {} : { 'allowed-cn': [name] };
}

function securityOf(files: TlsFiles): Readonly<Record<string, ConfigValue>> {
  return {
    'cert-file': files.certFile,
    'key-file': files.keyFile,
    'trusted-ca-file': files.trustedCaFile,
    'client-cert-auth': true,
  };
}

function tuning(options: EtcdOptions): ConfigFile {
  const { autoCompactionMode = 'periodic', autoCompactionRetention } = options;
  return present({
    'quota-backend-bytes': options.quotaBackendBytes,
    // Always both: the mode has no default in the configuration file of 3.5, other than on its command line.
    'auto-compaction-mode': autoCompactionRetention === undefined ? undefined : autoCompactionMode,
    'auto-compaction-retention': autoCompactionRetention,
    'snapshot-count': options.snapshotCount,
    'heartbeat-interval': options.heartbeatIntervalMs,
    'election-timeout': options.electionTimeoutMs,
  });
}

function present(entries: Readonly<Record<string, ConfigValue | undefined>>): ConfigFile {
  const config: Record<string, ConfigValue> = {};
  for (const [key, value] of Object.entries(entries)) {
    if (value !== undefined) {
      config[key] = value;
    }
  }
  return config;
}

function extra(options: EtcdOptions, version: EtcdVersion): ConfigFile {
  const config: Record<string, ConfigValue> = {};
  for (const [name, value] of Object.entries(options.extraArgs)) {
    const entry = extraEntryOf(name, value, version.minor);
    if ('refused' in entry) {
      throw new TypeError(entry.refused);
    }
    config[entry.key] = entry.value;
  }
  return config;
}
