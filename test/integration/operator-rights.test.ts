/**
 * Least privilege, by the word of a real API server: the whole program, with a token that has the rights of the chart
 * and no others, does all that it can do; then the audit log is compared with what was granted.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { RELEASE_NAMESPACE, renderTemplates } from '../../scripts/chart/render-install.ts';
import { callsInAuditLog } from '../../scripts/rights/audit-log.ts';
import { callText, compareRights } from '../../scripts/rights/compare-rights.ts';
import { grantedIn, permissionsIn } from '../../scripts/rights/granted.ts';
import { OPERATOR_EXCEPTIONS } from '../../scripts/rights/operator-exceptions.ts';
import { type Permission, permissionText } from '../../scripts/rights/permission.ts';
import { ensureGoTool } from '../../scripts/tools/ensure-go-tool.ts';
import { HELM } from '../../scripts/tools/go-tools.ts';
import { CONFIG_MAP, STATEFUL_SET } from '../../src/operator/kinds.ts';
import { runOperator } from '../../src/operator/main.ts';
import type { OperatorConfig } from '../../src/operator/operator-config.ts';
import { agentRole } from '../../src/resources/agent-role.ts';
import { BACKUP_CASES } from '../api/backup-cases.ts';
import { RESTORE_CASES } from '../api/restore-cases.ts';
import { aBlueprint } from '../resources/a-blueprint.ts';
import {
  createRealApiClient,
  type RealApiAnswer,
  type RealApiClient,
  valueAt,
} from '../support/real-api-server-client.ts';
import { START_TIMEOUT_MS } from '../support/real-api-server-kinds.ts';
import { applyManifest } from './apply-manifest.ts';
import { configWith, kubeconfigFor } from './operator-config.ts';
import {
  anOperatorGround,
  conditionOf,
  createCluster,
  type PlayedCluster,
  untilNone,
  untilObject,
} from './operator-kit.ts';
import { API, anObject, create, messageOf } from './own-objects.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CERT_MANAGER = join(ROOT, 'test', 'support', 'cert-manager-stand-in.yaml');
/** Helm has to be built where it was never needed before. */
const SETUP_TIMEOUT_MS = START_TIMEOUT_MS + 15 * 60_000;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

const NAME = 'quorate-operator';
const PLACE = { namespace: RELEASE_NAMESPACE, name: NAME };
const accountOf = (name: string): string => `system:serviceaccount:${RELEASE_NAMESPACE}:${name}`;
const ACCOUNT = accountOf(NAME);
/** One for each exception, who lacks that right alone. */
const LACKING = Object.keys(OPERATOR_EXCEPTIONS).map((text, index) => ({
  text,
  account: accountOf(`lacks-${index}`),
}));
/** Of this test alone. */
const WEBHOOK = { host: '127.91.18.1', port: 9443 };

const ground = anOperatorGround(
  {},
  {
    accounts: [ACCOUNT, ...LACKING.map(({ account }) => account)],
    plugins: ['OwnerReferencesPermissionEnforcement'],
  },
);
let chart: readonly unknown[] = [];

async function installChart(): Promise<void> {
  const helm = await ensureGoTool(HELM);
  const texts = await renderTemplates(ROOT, helm, ['--set', 'admission.webhook.enabled=true']);
  chart = texts.map((text): unknown => parse(text));
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: RELEASE_NAMESPACE } };
  const certManager: unknown = parse(readFileSync(CERT_MANAGER, 'utf8'));
  for (const object of [namespace, certManager, ...chart]) {
    const answer = await applyManifest(ground.client(), object);
    assert.ok(answer.status < 300, messageOf(answer));
  }
}

const granted = (): readonly Permission[] => [
  ...grantedIn(chart, PLACE),
  ...permissionsIn(chart, 'ClusterRole', `${NAME}-secrets`),
];

function configOf(kubeconfig: string): OperatorConfig {
  const url = new URL(`https://${WEBHOOK.host}:${WEBHOOK.port}`);
  return {
    ...configWith(kubeconfig, RELEASE_NAMESPACE),
    namespaces: undefined,
    podNamespace: RELEASE_NAMESPACE,
    webhook: { address: WEBHOOK, target: { kind: 'url', url }, ...PLACE },
  };
}

/** How the API server says that just this is missing: who lacks the call itself is told otherwise. */
const MISSING: Readonly<Record<string, RegExp>> = {
  'update etcdclusters/finalizers.etcd.etcd.io': /cannot set blockOwnerDeletion/,
  'get pods': /attempting to grant RBAC permissions not currently held/,
};

describe('the operator with the rights of its chart', () => {
  before(installChart, { timeout: SETUP_TIMEOUT_MS });

  it('uses every one of them, and is refused nothing', async (t) => {
    const stop = new AbortController();
    t.after(() => stop.abort());
    const kubeconfig = await kubeconfigFor(t, ground.server(), ground.server().tokenOf(ACCOUNT));
    const ended = runOperator(configOf(kubeconfig), stop.signal);
    const namespace = await ground.namespace();
    await growAndShrink(namespace);
    await meetOldData(namespace);
    await answerOtherKinds(namespace);
    await keepSecrets(namespace);
    stop.abort();
    assert.equal(await ended, 'stopped');
    const calls = callsInAuditLog(await ground.server().audit()).filter(({ account }) => account === ACCOUNT);
    const allowed = calls.filter(({ isAllowed }) => isAllowed);
    assert.deepEqual(compareRights(granted(), allowed, OPERATOR_EXCEPTIONS), {
      surplus: [],
      unexpected: [],
      idle: [],
    });
    const refused = new Set(calls.filter(({ isAllowed }) => !isAllowed).map(callText));
    assert.deepEqual([...refused], ['get secrets called tls-ca'], 'where nobody had let it in');
  });

  for (const { text, account } of LACKING) {
    it(`lacks one that no call of its own shows, and cannot work: ${text}`, async () => {
      const namespace = await ground.namespace();
      const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
      const uid = String(valueAt(await cluster.read(), 'metadata.uid'));
      const blueprint = aBlueprint({}, {}, { namespace, uid });
      await using weak = createRealApiClient({
        ...ground.server(),
        token: ground.server().tokenOf(account),
      });
      await entitle(
        account,
        granted().filter((permission) => permissionText(permission) !== text),
      );
      const missing = MISSING[text] ?? /^$/;
      await untilAnswered(weak, agentRole(blueprint), (answer) => missing.test(messageOf(answer)));
      await entitle(account, granted());
      await untilAnswered(weak, agentRole(blueprint), ({ status }) => status === 201);
    });
  }
});

/** Makes, changes and removes every kind of object, looks for Events, and tells one twice. */
async function growAndShrink(namespace: string): Promise<void> {
  const key = `${namespace}/demo`;
  ground.played().hold(key, 'controller', 'demo');
  const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
  const sets = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
  await untilObject(ground.client(), sets, 'the set', (each) => valueAt(each, 'metadata.name') === 'demo');
  const generation = await cluster.edit({ spec: { clientService: { annotations: { a: 'b' } } } });
  // A set without Pods is suspect, and a pass looks for Events before it tells what it has found.
  await cluster.until('looked at', (each) => valueAt(each, 'status.observedGeneration') === generation);
  ground.played().letGo(key, 'controller', 'demo');
  await cluster.right();
  const rolling = { podTemplate: { metadata: { annotations: { a: 'b' } } } };
  for (const spec of [
    { size: 3, security: { networkPolicy: true }, ...rolling },
    { size: 1, security: { networkPolicy: false } },
    { size: 3 },
  ]) {
    await cluster.edit({ spec });
    await cluster.right();
  }
  await cluster.remove();
  await cluster.gone();
  for (const type of [CONFIG_MAP, STATEFUL_SET]) {
    await untilNone(ground, type, cluster);
  }
}

/** Finds volumes that nobody has labelled, and is told to start empty. */
async function meetOldData(namespace: string): Promise<void> {
  const claim = {
    metadata: { name: 'data-old-0' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  const made = await ground.client().send('POST', claims, claim);
  assert.equal(made.status, 201, messageOf(made));
  await untilNextSecond(namespace);
  const cluster = await createCluster(ground, namespace, 'old', { size: 1 });
  await cluster.until('blocked', (each) => conditionOf(each, 'Progressing')?.reason === 'FormationBlocked');
  await cluster.edit({ metadata: { annotations: { 'etcd.etcd.io/discard': 'true' } } });
  await cluster.right();
}

/** Ages are told in whole seconds: what is made from now on is younger than what was made before. */
async function untilNextSecond(namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const now = async (): Promise<unknown> => {
    const { body } = await ground.client().send('POST', path, { metadata: { generateName: 'age-' } });
    return valueAt(body, 'metadata.creationTimestamp');
  };
  const first = await now();
  while ((await now()) === first) {
    // Asked again: each question takes a few milliseconds.
  }
}

/** Tells backups and restores that they are not carried out. */
async function answerOtherKinds(namespace: string): Promise<void> {
  for (const [kind, plural, cases] of [
    ['EtcdBackup', 'etcdbackups', BACKUP_CASES],
    ['EtcdRestore', 'etcdrestores', RESTORE_CASES],
  ] as const) {
    const spec = cases.find(({ breaks }) => breaks === undefined)?.object.spec;
    const made = await create(
      ground.client(),
      anObject(kind, { metadata: { name: 'one', namespace }, spec }),
    );
    assert.equal(made.status, 201, messageOf(made));
    await untilObject(
      ground.client(),
      `${API}/namespaces/${namespace}/${plural}`,
      'told',
      (each) => conditionOf(each, 'Ready')?.reason === 'NotYetSupported',
    );
  }
}

/** Is not let into a namespace, then is, keeps and renews a cluster's authority there, and asks an issuer. */
async function keepSecrets(namespace: string): Promise<void> {
  const cluster = await createCluster(ground, namespace, 'tls', {
    security: { tls: { enabled: true, autoTLS: true } },
  });
  await cluster.until('refused', (each) => conditionOf(each, 'TLSReady')?.reason === 'SecretsForbidden');
  const binding = {
    metadata: { name: `${NAME}-secrets` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `${NAME}-secrets` },
    subjects: [{ kind: 'ServiceAccount', ...PLACE }],
  };
  const bound = await ground.client().send('POST', `${RBAC}/namespaces/${namespace}/rolebindings`, binding);
  assert.equal(bound.status, 201, messageOf(bound));
  const first = await untilAuthority(cluster, () => true);
  await cluster.edit({ metadata: { annotations: { 'etcd.etcd.io/rotate-authority': 'now' } } });
  await untilAuthority(cluster, (version) => version !== first);
  await createCluster(ground, namespace, 'issued', { security: { tls: { issuerRef: { name: 'house' } } } });
  const certificates = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`;
  await untilObject(ground.client(), certificates, 'the wish for a certificate', () => true);
}

/** Waits for the authority's Secret in such a version; returns that. */
async function untilAuthority(
  { namespace, name }: PlayedCluster,
  isWanted: (resourceVersion: unknown) => boolean,
): Promise<unknown> {
  const secret = await untilObject(
    ground.client(),
    `/api/v1/namespaces/${namespace}/secrets`,
    'the authority',
    (each) =>
      valueAt(each, 'metadata.name') === `${name}-ca` && isWanted(valueAt(each, 'metadata.resourceVersion')),
  );
  return valueAt(secret, 'metadata.resourceVersion');
}

/** Roles are in force a moment after they were written. */
const IN_FORCE_MS_MAX = 20_000;

async function untilAnswered(
  api: RealApiClient,
  object: unknown,
  isWanted: (answer: RealApiAnswer) => boolean,
): Promise<void> {
  const deadline = AbortSignal.timeout(IN_FORCE_MS_MAX);
  for (;;) {
    const answer = await applyManifest(api, object);
    if (isWanted(answer)) {
      return;
    }
    assert.ok(!deadline.aborted, `${answer.status} ${messageOf(answer)}`);
  }
}

/** Gives `account` these rights everywhere, and takes what it had. */
async function entitle(account: string, permissions: readonly Permission[]): Promise<void> {
  const [, , , name = ''] = account.split(':');
  const rules = permissions.map(({ group, resource, verb, names }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
    ...(names === undefined ? {} : { resourceNames: names }),
  }));
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  const subjects = [{ kind: 'ServiceAccount', namespace: RELEASE_NAMESPACE, name }];
  for (const object of [
    { apiVersion, kind: 'ClusterRole', metadata: { name }, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects },
  ]) {
    const answer = await applyManifest(ground.client(), object);
    assert.ok(answer.status < 300, messageOf(answer));
  }
}
