/**
 * What a schema's types cannot say about an EtcdCluster: one table, from which the CRD's CEL rules are
 * generated, and which the operator applies itself where the API server is too old for CEL. Every message
 * says what to do.
 */
import { EXTRA_ARGS } from '../model/etcd-extra-args.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';

/** One rule about a spec, in CEL and in TypeScript; a test holds the two together on the same cases. */
export type ClusterRule = {
  /** Stable name, for tests and documentation. */
  readonly name: string;
  /** Field the refusal is about, from the spec. */
  readonly field: string;
  /** CEL over `self`, the spec; true when the rule is kept. */
  readonly cel: string;
  /** The same over the spec in TypeScript. */
  readonly isKept: (spec: EtcdClusterSpec) => boolean;
  readonly message: string;
};

/** Options by etcd's own names that `spec.etcd.extraArgs` may hold. */
const EXTRA_ARG_NAMES: readonly string[] = [...EXTRA_ARGS.keys()].toSorted();

/** All rules about an EtcdCluster's spec by itself. */
export const CLUSTER_RULES: readonly ClusterRule[] = [
  {
    name: 'odd-size',
    field: 'size',
    cel: '!has(self.size) || self.size == 0 || self.size % 2 == 1',
    isKept: ({ size = 3 }) => size === 0 || size % 2 === 1,
    message:
      'size must be odd (1, 3, 5, 7, 9), or 0 to hibernate: an even number survives no more failures than one member less; use the next odd number',
  },
  {
    name: 'supported-version',
    field: 'version',
    cel: "!has(self.version) || self.version.matches('^v?3\\\\.[567]\\\\.')",
    isKept: ({ version = 'v3.6.0' }) => /^v?3\.[567]\./.test(version),
    message:
      'version must be 3.5, 3.6 or 3.7; upgrade an older cluster to 3.5 by its own means before bringing it here',
  },
  {
    name: 'one-certificate-source',
    field: 'security.tls',
    cel: '!has(self.security) || !has(self.security.tls) || [has(self.security.tls.certificateSecret), has(self.security.tls.issuerRef), has(self.security.tls.autoTLS) && self.security.tls.autoTLS].filter(x, x).size() <= 1',
    isKept: ({ security }) =>
      [
        security?.tls?.certificateSecret !== undefined,
        security?.tls?.issuerRef !== undefined,
        security?.tls?.autoTLS === true,
      ].filter(Boolean).length <= 1,
    message:
      'security.tls must name one source of certificates: autoTLS, certificateSecret (with caSecret), or issuerRef; remove the others',
  },
  {
    name: 'some-certificate-source',
    field: 'security.tls.autoTLS',
    cel: '!has(self.security) || !has(self.security.tls) || !has(self.security.tls.autoTLS) || self.security.tls.autoTLS || (has(self.security.tls.enabled) && !self.security.tls.enabled) || has(self.security.tls.certificateSecret) || has(self.security.tls.issuerRef)',
    isKept: ({ security }) =>
      security?.tls?.autoTLS !== false ||
      security.tls.enabled === false ||
      security.tls.certificateSecret !== undefined ||
      security.tls.issuerRef !== undefined,
    message:
      'security.tls has no source of certificates: set autoTLS to true, or name certificateSecret and caSecret, or issuerRef, or set enabled to false',
  },
  {
    name: 'certificate-with-authority',
    field: 'security.tls.caSecret',
    cel: '!has(self.security) || !has(self.security.tls) || !has(self.security.tls.certificateSecret) || has(self.security.tls.caSecret)',
    isKept: ({ security }) =>
      security?.tls?.certificateSecret === undefined || security.tls.caSecret !== undefined,
    message:
      'security.tls.certificateSecret needs caSecret beside it: without the authority nobody can check the certificates',
  },
  {
    name: 'election-over-heartbeat',
    field: 'etcd.electionTimeoutMs',
    cel: '!has(self.etcd) || (has(self.etcd.electionTimeoutMs) ? self.etcd.electionTimeoutMs : 1000) >= 5 * (has(self.etcd.heartbeatIntervalMs) ? self.etcd.heartbeatIntervalMs : 100)',
    isKept: ({ etcd }) => (etcd?.electionTimeoutMs ?? 1_000) >= 5 * (etcd?.heartbeatIntervalMs ?? 100),
    message:
      'etcd.electionTimeoutMs must be at least five times etcd.heartbeatIntervalMs (defaults 1000 and 100); etcd refuses to start otherwise',
  },
  {
    name: 'compaction-with-retention',
    field: 'etcd.autoCompactionRetention',
    cel: '!has(self.etcd) || !has(self.etcd.autoCompactionMode) || has(self.etcd.autoCompactionRetention)',
    isKept: ({ etcd }) =>
      etcd?.autoCompactionMode === undefined || etcd.autoCompactionRetention !== undefined,
    message:
      'etcd.autoCompactionMode does nothing by itself; say in etcd.autoCompactionRetention how much history stays',
  },
  {
    name: 'known-extra-args',
    field: 'etcd.extraArgs',
    cel: `!has(self.etcd) || !has(self.etcd.extraArgs) || self.etcd.extraArgs.all(name, name in ${JSON.stringify(EXTRA_ARG_NAMES)})`,
    isKept: ({ etcd }) => Object.keys(etcd?.extraArgs ?? {}).every((name) => EXTRA_ARG_NAMES.includes(name)),
    message: `etcd.extraArgs may hold only ${EXTRA_ARG_NAMES.join(', ')}; everything else is set by the agent, by a field of its own, or unknown to etcd`,
  },
  {
    name: 'no-etcd-environment',
    field: 'podTemplate.env',
    cel: "!has(self.podTemplate) || !has(self.podTemplate.env) || self.podTemplate.env.all(variable, !has(variable.name) || !string(variable.name).startsWith('ETCD_'))",
    isKept: ({ podTemplate }) =>
      (podTemplate?.env ?? []).every(({ name }) => typeof name !== 'string' || !name.startsWith('ETCD_')),
    message:
      'podTemplate.env must not set ETCD_*: with a configuration file etcd ignores it; use etcd.extraArgs',
  },
];

/** The first rule that `spec` breaks; undefined when it keeps them all. */
export function brokenRule(spec: EtcdClusterSpec): ClusterRule | undefined {
  return CLUSTER_RULES.find((rule) => !rule.isKept(spec));
}
