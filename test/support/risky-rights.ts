/** Rights in manifests that nobody shall have, or not everywhere. */
import { valueAt } from './real-api-server-client.ts';

/** They let their bearer become more than he is (Kubernetes' RBAC good practices, "privilege escalation risks"). */
const ESCALATING_VERBS: ReadonlySet<unknown> = new Set([
  'escalate',
  'bind',
  'impersonate',
  'approve',
  'sign',
]);
const ESCALATING_RESOURCES: ReadonlySet<unknown> = new Set([
  'serviceaccounts/token',
  'pods/exec',
  'pods/attach',
  'pods/ephemeralcontainers',
  'nodes/proxy',
  'certificatesigningrequests/approval',
]);

/** Of Secrets these show more than the one that is named, or destroy. */
const SWEEPING_VERBS: ReadonlySet<unknown> = new Set(['list', 'watch', 'delete', 'deletecollection']);

/**
 * What is too much in the roles and bindings among `objects`, one sentence each. A ClusterRole that nothing binds gives
 * nothing, and may name Secrets for whoever binds it in a namespace.
 */
export function riskyRights(objects: readonly unknown[]): readonly string[] {
  const roles = objects.filter((object) => /^(Cluster)?Role$/.test(kindOf(object)));
  const bindings = objects.filter((object) => /^(Cluster)?RoleBinding$/.test(kindOf(object)));
  return [
    ...roles.flatMap((role) =>
      rulesOf(role).flatMap((rule) => tooMuch(rule).map((what) => `${titleOf(role)}: ${what}`)),
    ),
    ...roles
      .filter((role) => isEverywhere(role, bindings) && rulesOf(role).some(isAboutSecrets))
      .map((role) => `${titleOf(role)}: Secrets of every namespace`),
    ...bindings
      .filter((binding) => !roles.some((role) => isBoundBy(role, binding)))
      .map((binding) => `${titleOf(binding)}: a role that is not among these`),
  ];
}

function tooMuch(rule: unknown): readonly string[] {
  const words = ['apiGroups', 'resources', 'verbs', 'nonResourceURLs'].flatMap((part) => listAt(rule, part));
  const verbs = listAt(rule, 'verbs');
  return [
    ...words.filter((word) => String(word).includes('*')).map(() => 'a wildcard'),
    ...verbs.filter((verb) => ESCALATING_VERBS.has(verb)).map((verb) => `the verb ${verb}`),
    ...listAt(rule, 'resources')
      .filter((each) => ESCALATING_RESOURCES.has(each))
      .map((each) => `the resource ${each}`),
    ...(isAboutSecrets(rule)
      ? verbs.filter((verb) => SWEEPING_VERBS.has(verb)).map((verb) => `${verb} Secrets`)
      : []),
  ];
}

/** By a ClusterRoleBinding, or as a part of Kubernetes' own roles for users. */
function isEverywhere(role: unknown, bindings: readonly unknown[]): boolean {
  const labels = Object.keys(Object(valueAt(role, 'metadata.labels')));
  return (
    labels.some((label) => label.startsWith('rbac.authorization.k8s.io/aggregate-to-')) ||
    bindings.some((binding) => kindOf(binding) === 'ClusterRoleBinding' && isBoundBy(role, binding))
  );
}

function isBoundBy(role: unknown, binding: unknown): boolean {
  const isSamePlace =
    kindOf(role) === 'ClusterRole' ||
    valueAt(role, 'metadata.namespace') === valueAt(binding, 'metadata.namespace');
  return (
    isSamePlace &&
    valueAt(binding, 'roleRef.kind') === kindOf(role) &&
    valueAt(binding, 'roleRef.name') === valueAt(role, 'metadata.name')
  );
}

function isAboutSecrets(rule: unknown): boolean {
  return listAt(rule, 'resources').some((resource) => resource === 'secrets' || resource === '*');
}

function rulesOf(role: unknown): readonly unknown[] {
  return listAt(role, 'rules');
}

function listAt(value: unknown, path: string): readonly unknown[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list : [];
}

function kindOf(object: unknown): string {
  return String(valueAt(object, 'kind'));
}

function titleOf(object: unknown): string {
  return `${kindOf(object)} ${valueAt(object, 'metadata.name')}`;
}
