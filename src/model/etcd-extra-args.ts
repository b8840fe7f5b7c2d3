/**
 * The configuration of etcd that users may set by etcd's own names. The list is closed, because etcd
 * silently drops a name it does not know from its configuration file (3.5 to 3.7), and because each name
 * needs its type: a file, unlike the command line, takes durations as whole nanoseconds.
 */

/** A value as etcd's configuration file takes it. */
export type ConfigValue = string | number | boolean | readonly string[];

/** One line of the configuration file, or a sentence on why there is none. */
export type ExtraEntry = { readonly key: string; readonly value: ConfigValue } | { readonly refused: string };

type ExtraArg = {
  readonly type: 'boolean' | 'integer' | 'duration' | 'text' | 'list';
  /** The only texts there are; etcd panics at other log levels. */
  readonly choices?: readonly string[];
  /** Its name in 3.5 where that differs; null where 3.5 has none in its configuration file. */
  readonly keyOnMinor5?: string | null;
};

const TLS_VERSIONS = ['TLS1.2', 'TLS1.3'];

/** Names as etcd 3.6 and 3.7 spell them; checked against the binaries by a test. */
export const EXTRA_ARGS: ReadonlyMap<string, ExtraArg> = new Map<string, ExtraArg>([
  ['auth-token', { type: 'text' }],
  ['auth-token-ttl', { type: 'integer' }],
  ['backend-batch-interval', { type: 'duration' }],
  ['backend-batch-limit', { type: 'integer' }],
  ['backend-bbolt-freelist-type', { type: 'text', choices: ['array', 'map'] }],
  ['bcrypt-cost', { type: 'integer' }],
  [
    'bootstrap-defrag-threshold-megabytes',
    { type: 'integer', keyOnMinor5: 'experimental-bootstrap-defrag-threshold-megabytes' },
  ],
  ['cipher-suites', { type: 'list' }],
  ['compact-hash-check-time', { type: 'duration', keyOnMinor5: 'experimental-compact-hash-check-time' }],
  ['compaction-batch-limit', { type: 'integer', keyOnMinor5: 'experimental-compaction-batch-limit' }],
  ['compaction-sleep-interval', { type: 'duration', keyOnMinor5: 'experimental-compaction-sleep-interval' }],
  ['corrupt-check-time', { type: 'duration', keyOnMinor5: 'experimental-corrupt-check-time' }],
  ['cors', { type: 'text' }],
  ['distributed-tracing-address', { type: 'text', keyOnMinor5: 'experimental-distributed-tracing-address' }],
  [
    'distributed-tracing-instance-id',
    { type: 'text', keyOnMinor5: 'experimental-distributed-tracing-instance-id' },
  ],
  [
    'distributed-tracing-sampling-rate',
    { type: 'integer', keyOnMinor5: 'experimental-distributed-tracing-sampling-rate' },
  ],
  [
    'distributed-tracing-service-name',
    { type: 'text', keyOnMinor5: 'experimental-distributed-tracing-service-name' },
  ],
  ['downgrade-check-time', { type: 'duration', keyOnMinor5: 'experimental-downgrade-check-time' }],
  ['enable-distributed-tracing', { type: 'boolean', keyOnMinor5: 'experimental-enable-distributed-tracing' }],
  ['enable-grpc-gateway', { type: 'boolean' }],
  ['enable-pprof', { type: 'boolean' }],
  ['grpc-keepalive-interval', { type: 'duration' }],
  ['grpc-keepalive-min-time', { type: 'duration' }],
  ['grpc-keepalive-timeout', { type: 'duration' }],
  ['host-whitelist', { type: 'text' }],
  ['log-format', { type: 'text', choices: ['json', 'console'], keyOnMinor5: null }],
  ['log-level', { type: 'text', choices: ['debug', 'info', 'warn', 'error', 'panic', 'fatal'] }],
  ['max-concurrent-streams', { type: 'integer' }],
  ['max-request-bytes', { type: 'integer' }],
  ['max-snapshots', { type: 'integer' }],
  ['max-txn-ops', { type: 'integer' }],
  ['max-wals', { type: 'integer' }],
  ['memory-mlock', { type: 'boolean', keyOnMinor5: 'experimental-memory-mlock' }],
  ['metrics', { type: 'text', choices: ['basic', 'extensive'] }],
  ['snapshot-catchup-entries', { type: 'integer', keyOnMinor5: 'experimental-snapshot-catch-up-entries' }],
  ['tls-max-version', { type: 'text', choices: TLS_VERSIONS }],
  ['tls-min-version', { type: 'text', choices: TLS_VERSIONS }],
  ['warning-apply-duration', { type: 'duration', keyOnMinor5: 'experimental-warning-apply-duration' }],
  ['warning-unary-request-duration', { type: 'duration', keyOnMinor5: null }],
  [
    'watch-progress-notify-interval',
    { type: 'duration', keyOnMinor5: 'experimental-watch-progress-notify-interval' },
  ],
]);

/** What the agent or another field decides: the first pattern that matches gives the reason. */
const OWNED: readonly (readonly [RegExp, string])[] = [
  [/^(name|data-dir|wal-dir|config-file)$/, 'the agent derives it from the Pod and its volume'],
  [/^(listen|advertise|initial-advertise)-/, 'URLs follow from the name of the Pod and the cluster'],
  [/^(initial-cluster|discovery|enable-v2|proxy)/, 'only the agent decides who starts or joins a cluster'],
  [/^force-new-cluster$/, 'only a declared recovery makes a new cluster out of old data'],
  [/^(experimental-)?max-learners$/, 'it is fixed for the life of the cluster; unequal values break it'],
  [/^(strict-reconfig-check|pre-vote)$/, 'without it a scaling step could cost the quorum'],
  [/^unsafe-no-fsync$/, 'acknowledged writes would be lost'],
  [
    /^(feature-gates$|experimental-(initial-corrupt|compact-hash-check-enabled))/,
    'corruption checks stay on',
  ],
  [/^(logger|log-outputs|enable-log-rotation|log-rotation-config-json)$/, 'etcd logs to standard error'],
  [/^(peer|client)-|^(cert-file|key-file|trusted-ca-file|auto-tls)$/, 'TLS files come from the certificates'],
  [
    /^(quota-backend-bytes|auto-compaction-|snapshot-count|heartbeat-interval|election-timeout)/,
    'it is a field',
  ],
  [/^experimental-/, 'write the name without "experimental-", which each version then gets where it has it'],
];

/** The line for etcd 3.`minor` that `name` and `value`, as on its command line, amount to. */
export function extraEntryOf(name: string, value: string, minor: number): ExtraEntry {
  const arg = EXTRA_ARGS.get(name);
  if (arg === undefined) {
    const owned = OWNED.find(([pattern]) => pattern.test(name));
    return { refused: `${name} cannot be set: ${owned?.[1] ?? 'no etcd of a supported version reads it'}` };
  }
  const key = minor === 5 && arg.keyOnMinor5 !== undefined ? arg.keyOnMinor5 : name;
  if (key === null) {
    return { refused: `${name} cannot be set: etcd 3.${minor} does not read it` };
  }
  const typed = PARSERS[arg.type](value);
  if (typed === undefined || arg.choices?.includes(value) === false) {
    const wanted = arg.choices === undefined ? WANTED[arg.type] : `one of ${arg.choices.join(', ')}`;
    return { refused: `${name} cannot be "${value}": it is ${wanted}` };
  }
  return { key, value: typed };
}

const WANTED = {
  boolean: 'true or false',
  integer: 'a whole number',
  duration: 'a duration such as 500ms or 1m30s',
  text: 'a text of one line',
  list: 'a list with commas',
} as const satisfies Record<ExtraArg['type'], string>;

const PARSERS: Record<ExtraArg['type'], (text: string) => ConfigValue | undefined> = {
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  integer: (text) => (/^[0-9]{1,15}$/.test(text) ? Number(text) : undefined),
  duration: nanosecondsOf,
  text: (text) => (ONE_LINE.test(text) ? text : undefined),
  list: (text) => (ONE_LINE.test(text) ? text.split(',') : undefined),
};

/** Other characters than these break YAML or the log. */
const ONE_LINE = /^[\x20-\x7e]{1,1000}$/;

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's notation of a duration (`time.ParseDuration`), without signs. */
function nanosecondsOf(text: string): number | undefined {
  if (!/^(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ns|us|ms|s|m|h)){1,6}$/.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)([a-z]+)/g)) {
    total += Number(amount) * (NANOSECONDS[unit ?? ''] ?? Number.NaN);
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}
