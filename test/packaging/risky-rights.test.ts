/** Nothing that we ship gives anybody a right that is too much; what Helm renders is looked at in the integration tests. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { INSTALL_FILE } from '../../scripts/chart/render-install.ts';
import { agentRole, agentRoleBinding } from '../../src/resources/agent-role.ts';
import { aBlueprint, TLS } from '../resources/a-blueprint.ts';
import { riskyRights } from '../support/risky-rights.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const documentsIn = (path: string): readonly unknown[] =>
  parseAllDocuments(readFileSync(join(ROOT, path), 'utf8')).map((each): unknown => each.toJS());
const rulesIn = (file: string): unknown =>
  parse(readFileSync(join(ROOT, 'manifests/charts/etcd-operator/files', file), 'utf8'));

type Rule = Readonly<Record<string, readonly string[]>>;

const roleOf = (kind: 'Role' | 'ClusterRole', rules: unknown): object => ({
  kind,
  metadata: { name: 'r' },
  rules,
});
const bindingOf = (kind: 'RoleBinding' | 'ClusterRoleBinding', name = 'r'): object => ({
  kind,
  metadata: { name: 'b' },
  roleRef: { kind: 'ClusterRole', name },
});

describe('rights', () => {
  for (const path of [INSTALL_FILE, 'manifests/standalone/etcd.yaml']) {
    it(`of ${path} have no wildcard, no way to more of them, and no Secrets of all namespaces`, () => {
      const documents = documentsIn(path);
      assert.ok(documents.some((each) => String(Object(each).kind).endsWith('Role')));
      assert.deepEqual(riskyRights(documents), []);
    });
  }

  it('of the agents of a cluster have none either, with TLS as without', () => {
    for (const blueprint of [aBlueprint(), aBlueprint({}, {}, {}, TLS)]) {
      assert.deepEqual(riskyRights([agentRole(blueprint), agentRoleBinding(blueprint)]), []);
    }
  });

  it('that the chart would give everywhere or bind by hand have none either', () => {
    const everywhere = [
      roleOf('ClusterRole', rulesIn('operator-rules.yaml')),
      bindingOf('ClusterRoleBinding'),
    ];
    assert.deepEqual(riskyRights(everywhere), []);
    assert.deepEqual(riskyRights([roleOf('ClusterRole', rulesIn('secrets-rules.yaml'))]), []);
  });
});

describe('a right that is too much', () => {
  const good: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
  const cases: readonly (readonly [what: string, Partial<Record<string, readonly string[]>>])[] = [
    ['a wildcard', { verbs: ['*'] }],
    ['a wildcard', { resources: ['*'], apiGroups: ['apps'] }],
    ['a wildcard', { apiGroups: ['*'] }],
    ['a wildcard', { resources: ['pods/*'] }],
    ['the verb escalate', { resources: ['roles'], verbs: ['get', 'escalate'] }],
    ['the verb bind', { resources: ['clusterroles'], verbs: ['bind'] }],
    ['the verb impersonate', { resources: ['users'], verbs: ['impersonate'] }],
    ['the resource serviceaccounts/token', { resources: ['serviceaccounts/token'], verbs: ['create'] }],
    ['the resource pods/exec', { resources: ['pods/exec'], verbs: ['create'] }],
    ['list Secrets', { resources: ['secrets'], verbs: ['get', 'list'] }],
    ['deletecollection Secrets', { resources: ['secrets'], verbs: ['deletecollection'] }],
  ];
  for (const [what, rule] of cases) {
    it(`is found: ${what} in ${JSON.stringify(rule)}`, () => {
      assert.deepEqual(riskyRights([roleOf('Role', [good, { ...good, ...rule }])]), [`Role r: ${what}`]);
    });
  }

  it('is found: Secrets by name in a ClusterRole that is bound everywhere, and not where it is bound somewhere', () => {
    const role = roleOf('ClusterRole', [{ ...good, resources: ['secrets'] }]);
    assert.deepEqual(riskyRights([role, bindingOf('ClusterRoleBinding')]), [
      'ClusterRole r: Secrets of every namespace',
    ]);
    assert.deepEqual(riskyRights([role, bindingOf('RoleBinding')]), []);
  });

  it('is found: Secrets for all users', () => {
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
    const rules = [{ ...good, resources: ['secrets'] }];
    assert.deepEqual(riskyRights([{ kind: 'ClusterRole', metadata: { name: 'r', labels }, rules }]), [
      'ClusterRole r: Secrets of every namespace',
    ]);
  });

  it('is found: a role of Kubernetes itself', () => {
    assert.deepEqual(riskyRights([bindingOf('ClusterRoleBinding', 'cluster-admin')]), [
      'ClusterRoleBinding b: a role that is not among these',
    ]);
  });
});
