/** All rules about an EtcdCluster. */
import { matches, texts } from './cel.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';
import { ETCD_OPTION_RULES } from './etcd-option-rules.ts';
import type { Labels } from './kubernetes.ts';
import { nameIsShort, nameOfServices } from './name-rules.ts';
import { celNumberOf, numberOf } from './quantity.ts';
import type { Rule, Transition } from './rule.ts';
import { SECURITY_RULES } from './security-rules.ts';
import { STORAGE_RULES, STORAGE_TRANSITIONS } from './storage-rules.ts';

const SUPPORTED = /^v?3\.[567]\./;

/** A tag or a digest; the colon of a registry's port has a slash behind it. */
const TAG_OR_DIGEST = /@|:[^/]*$/;

/** Labels by which Services, budgets and the operator find the Pods. */
const OWN_LABELS = ['name', 'instance', 'component', 'managed-by', 'version'].map(
  (name) => `app.kubernetes.io/${name}`,
);
const OWN_LABEL_PREFIX = 'etcd.etcd.io/';

/** The two resources of a container whose limits Kubernetes compares with its requests everywhere. */
const BOUNDED_RESOURCES = ['cpu', 'memory'] as const;

export const CLUSTER_RULES: readonly Rule<EtcdClusterSpec>[] = [
  nameIsShort('EtcdCluster'),
  nameOfServices(),
  {
    name: 'odd-size',
    field: 'spec.size',
    cel: 'self == 0 || self % 2 == 1',
    isKept: ({ spec: { size = 3 } }) => size === 0 || size % 2 === 1,
    message:
      'size must be odd (1, 3, 5, 7, 9), or 0 to hibernate: an even number survives no more failures than one member less; use the next odd number',
  },
  {
    name: 'supported-version',
    field: 'spec.version',
    cel: matches('self', SUPPORTED),
    isKept: ({ spec: { version } }) => version === undefined || SUPPORTED.test(version),
    message:
      'version must be 3.5, 3.6 or 3.7; upgrade an older cluster to 3.5 by its own means before bringing it here',
  },
  {
    name: 'repository-without-tag',
    field: 'spec.repository',
    cel: `!${matches('self', TAG_OR_DIGEST)}`,
    isKept: ({ spec: { repository } }) => repository === undefined || !TAG_OR_DIGEST.test(repository),
    message:
      'repository must not carry a tag or a digest, since version says which image is meant: remove it, and set version',
  },
  ...STORAGE_RULES,
  ...SECURITY_RULES,
  ...BOUNDED_RESOURCES.map(requestWithinLimit),
  ...ETCD_OPTION_RULES,
  {
    name: 'no-etcd-environment',
    field: 'spec.podTemplate.env',
    cel: "self.all(variable, !variable.name.startsWith('ETCD_'))",
    isKept: ({ spec }) => (spec.podTemplate?.env ?? []).every(({ name }) => !name.startsWith('ETCD_')),
    message:
      'podTemplate.env must not set ETCD_*, which etcd ignores when it has a configuration file: use the fields of etcd, or etcd.extraArgs',
  },
  noOwnLabels('podTemplate.metadata.labels', (spec) => spec.podTemplate?.metadata?.labels),
  noOwnLabels(
    'storage.volumeClaimTemplate.metadata.labels',
    (spec) => spec.storage?.volumeClaimTemplate?.metadata?.labels,
  ),
];

export const CLUSTER_TRANSITIONS: readonly Transition<EtcdClusterSpec>[] = [
  ...STORAGE_TRANSITIONS,
  {
    name: 'recovery-only-grows',
    field: 'spec.recovery',
    cel: 'self.generation >= oldSelf.generation',
    isKept: (next, before) =>
      next.spec.recovery === undefined ||
      before.spec.recovery === undefined ||
      next.spec.recovery.generation >= before.spec.recovery.generation,
    message:
      'recovery.generation can only grow: a smaller number was already used up; to correct one that was too high, remove recovery, then set it anew',
  },
];

function requestWithinLimit(resource: (typeof BOUNDED_RESOURCES)[number]): Rule<EtcdClusterSpec> {
  const [request, limit] = [`self.requests['${resource}']`, `self.limits['${resource}']`];
  const bothGiven = `has(self.requests) && has(self.limits) && '${resource}' in self.requests && '${resource}' in self.limits`;
  return {
    name: `${resource}-request-within-limit`,
    field: 'spec.resources',
    cel: `!(${bothGiven}) || ${celNumberOf(request)} <= ${celNumberOf(limit)}`,
    isKept: ({ spec: { resources } }) => {
      const [least, most] = [resources?.requests?.[resource], resources?.limits?.[resource]];
      return least === undefined || most === undefined || (numberOf(least) ?? 0) <= (numberOf(most) ?? 0);
    },
    message: `resources.requests.${resource} must not be more than resources.limits.${resource}, or no Pod can be made: raise the limit or lower the request`,
  };
}

function noOwnLabels(
  field: string,
  labelsIn: (spec: EtcdClusterSpec) => Labels | undefined,
): Rule<EtcdClusterSpec> {
  return {
    name: `labels-of-the-operator-${field.split('.')[0]}`,
    field: `spec.${field}`,
    cel: `self.all(name, !name.startsWith('${OWN_LABEL_PREFIX}') && !(name in ${texts(OWN_LABELS)}))`,
    isKept: ({ spec }) =>
      Object.keys(labelsIn(spec) ?? {}).every(
        (name) => !name.startsWith(OWN_LABEL_PREFIX) && !OWN_LABELS.includes(name),
      ),
    message: `${field} must not set ${OWN_LABEL_PREFIX}* or ${OWN_LABELS.join(', ')}, by which the operator finds its objects: remove them`,
  };
}
