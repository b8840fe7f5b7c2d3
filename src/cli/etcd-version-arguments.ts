import {
  DEFAULT_ETCD_VERSION,
  type EtcdVersion,
  formatEtcdVersion,
  isSupported,
  parseEtcdVersion,
  SUPPORTED_MINORS,
  TESTED_ETCD_VERSIONS,
} from '../model/etcd-version.ts';

/**
 * The versions meant by command-line arguments such as `3.6.16`, `v3.5.35` and `all`, each once, in the
 * order given; the default one when there are none. `invalid` is one sentence for people.
 */
export function etcdVersionsOf(
  args: readonly string[],
): readonly EtcdVersion[] | { readonly invalid: string } {
  const wanted = args.length === 0 ? [DEFAULT_ETCD_VERSION] : args;
  const versions = new Map<string, EtcdVersion>();
  for (const text of wanted.flatMap((arg) => (arg === 'all' ? TESTED_ETCD_VERSIONS : [arg]))) {
    const version = parseEtcdVersion(text);
    if (version === undefined || !isSupported(version)) {
      return { invalid: `"${text}" is not an etcd version this quorate runs; give ${describeSupported()}.` };
    }
    versions.set(formatEtcdVersion(version), version);
  }
  return [...versions.values()];
}

/** The one version meant by `text`; `invalid` is one sentence for people. */
export function oneEtcdVersion(text: string): EtcdVersion | { readonly invalid: string } {
  const version = parseEtcdVersion(text);
  return version === undefined || !isSupported(version)
    ? { invalid: `"${text}" is not an etcd version this quorate runs; give ${FULL_VERSION}.` }
    : version;
}

function describeSupported(): string {
  return `${FULL_VERSION}, or "all"`;
}

const FULL_VERSION = `a full version of ${SUPPORTED_MINORS.map((minor) => `3.${minor}.x`).join(', ')}, such as ${DEFAULT_ETCD_VERSION}`;
