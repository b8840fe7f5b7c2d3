/** What the operator may do is what it does: each of its calls to the Kubernetes API is in the rules, and no more. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { CERTIFICATE } from '../../src/operator/certificates/issuer-certificates.ts';
import { EVENT } from '../../src/operator/events/event-record.ts';
import {
  APPLIED_KINDS,
  CLAIM,
  CONFIG_MAP,
  ETCD_BACKUP,
  ETCD_CLUSTER,
  ETCD_RESTORE,
  POD,
  SECRET,
  STATEFUL_SET,
} from '../../src/operator/kinds.ts';
import { agentRole } from '../../src/resources/agent-role.ts';
import { surplusObjects } from '../../src/resources/cluster-objects.ts';
import { aBlueprint } from '../resources/a-blueprint.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WEBHOOK = 'src/operator/webhook';
const WEBHOOK_ROLE = 'manifests/charts/etcd-operator/templates/webhook-role.yaml';
const RULES = 'manifests/charts/etcd-operator/files/operator-rules.yaml';
/** For the namespaces that somebody has let the operator into. */
const SECRETS_RULES = 'manifests/charts/etcd-operator/files/secrets-rules.yaml';

const SURPLUS = APPLIED_KINDS.filter((type) =>
  surplusObjects(aBlueprint()).some(({ kind }) => kind === type.kind),
);
const FOLLOWED = [ETCD_CLUSTER, ETCD_BACKUP, ETCD_RESTORE, POD, CLAIM, ...APPLIED_KINDS];

/** Whose objects each call in `src/operator` is about, as it is written there. */
const CALLS: Readonly<Record<string, readonly ResourceType[]>> = {
  'reader.list(type': FOLLOWED,
  'reader.watch(type': FOLLOWED,
  'reader.list(EVENT': [EVENT],
  'reader.read(appliedKindOf(object)': APPLIED_KINDS,
  'reader.read(CONFIG_MAP': [CONFIG_MAP],
  'reader.read(CLAIM': [CLAIM],
  'writer.apply(appliedKindOf(object)': APPLIED_KINDS,
  'writer.apply(ETCD_CLUSTER': [ETCD_CLUSTER],
  'writer.apply(CLAIM': [CLAIM],
  'writer.applyStatus(ETCD_CLUSTER': [ETCD_CLUSTER],
  'writer.applyStatus(type': [ETCD_BACKUP, ETCD_RESTORE],
  'writer.remove(appliedKindOf(object)': SURPLUS,
  'writer.remove(STATEFUL_SET': [STATEFUL_SET],
  'writer.remove(POD': [POD],
  'writer.remove(CONFIG_MAP': [CONFIG_MAP],
  'records.create(CONFIG_MAP': [CONFIG_MAP],
  'records.create(CLAIM': [CLAIM],
  'records.update(CONFIG_MAP': [CONFIG_MAP],
  'writer.apply(CERTIFICATE': [CERTIFICATE],
  'secrets.read(SECRET': [SECRET],
  'secrets.create(SECRET': [SECRET],
  'secrets.update(SECRET': [SECRET],
  'events.create(EVENT': [EVENT],
  'events.update(EVENT': [EVENT],
};

/** With a uid these never make an object anew, so they take no `create`. */
const NEVER_NEW: ReadonlySet<ResourceType> = new Set([ETCD_CLUSTER, CLAIM]);

const verbsOf: Readonly<Record<string, (type: ResourceType) => readonly string[]>> = {
  read: () => ['get'],
  list: () => ['list'],
  watch: () => ['watch'],
  apply: (type) => (NEVER_NEW.has(type) ? ['patch'] : ['create', 'patch']),
  remove: () => ['delete'],
  create: () => ['create'],
  update: () => ['update'],
};

const rulesSchema = v.array(
  v.strictObject({
    apiGroups: v.array(v.string()),
    resources: v.array(v.string()),
    verbs: v.array(v.string()),
  }),
);

describe('the rules of the operator', () => {
  it('know every call it makes (otherwise say in this test what the new one is about)', () => {
    const files = globSync('src/operator/**/*.ts', { cwd: ROOT }).filter((path) => !path.startsWith(WEBHOOK));
    assert.deepEqual([...callsIn(files)].toSorted(), Object.keys(CALLS).toSorted());
  });

  it('allow what these calls, the owner references and the agents’ Role take, and nothing else', () => {
    const needed = [...neededPermissions()].filter((each) => !isOfCertificates(each));
    assert.deepEqual(permissionsOf(rulesIn(RULES)), needed.toSorted());
  });

  it('allow nothing of Secrets but where somebody has let it in, and there to list none of them', () => {
    const needed = [...neededPermissions()].filter(isOfCertificates).toSorted();
    assert.deepEqual(permissionsOf(rulesIn(SECRETS_RULES)), needed);
    assert.deepEqual(
      needed.filter((each) => each.endsWith(' secrets')),
      ['create secrets', 'get secrets', 'update secrets'],
    );
  });
});

describe('the rules of the webhook', () => {
  it('allow by name what its calls take, and nothing else', () => {
    // The chart makes the Secret and the configuration, so it never creates any there.
    const calls = {
      'reader.read(CONFIG_MAP': 'get configmaps',
      'records.create(SECRET': undefined,
      'records.read(SECRET': 'get secrets',
      'records.update(SECRET': 'update secrets',
      'writer.apply(WEBHOOK_CONFIGURATION': 'patch validatingwebhookconfigurations',
    };
    const files = globSync(`${WEBHOOK}/*.ts`, { cwd: ROOT });
    assert.deepEqual([...callsIn(files)].toSorted(), Object.keys(calls).toSorted());
    const template = readFileSync(join(ROOT, WEBHOOK_ROLE), 'utf8');
    const rule = /resources: \[(\w+)\]\n +resourceNames: \[.+\]\n +verbs: \[(.+)\]/g;
    const allowed = [...template.matchAll(rule)].flatMap(([, resource, verbs = '']) =>
      verbs.split(', ').map((verb) => `${verb} ${resource}`),
    );
    assert.deepEqual(
      allowed.toSorted(),
      Object.values(calls)
        .filter((each) => each !== undefined)
        .toSorted(),
    );
    assert.equal(template.split('verbs:').length, template.split('resourceNames:').length);
  });
});

function isOfCertificates(permission: string): boolean {
  return permission.endsWith(' secrets') || permission.endsWith(' certificates.cert-manager.io');
}

function rulesIn(path: string): readonly Rule[] {
  return v.parse(rulesSchema, parse(readFileSync(join(ROOT, path), 'utf8')));
}

function callsIn(files: readonly string[]): ReadonlySet<string> {
  const call =
    /\b#?(reader|writer|records|secrets|events)\.([a-zA-Z]+)\(((?:[A-Z_]+|type|appliedKindOf\(object\))(?=,))/g;
  const texts = files.map((path) => readFileSync(join(ROOT, path), 'utf8'));
  return new Set(
    texts.flatMap((text) =>
      [...text.replaceAll(/\(\s+/g, '(').matchAll(call)].map(
        ([, port, method, first]) => `${port}.${method}(${first}`,
      ),
    ),
  );
}

function neededPermissions(): ReadonlySet<string> {
  const needed = new Set([permission('etcd.etcd.io', 'etcdclusters/finalizers', 'update')]);
  for (const [call, types] of Object.entries(CALLS)) {
    const method = /\.([a-zA-Z]+)\(/.exec(call)?.[1] ?? '';
    for (const type of types) {
      const resource = method === 'applyStatus' ? `${type.plural}/status` : type.plural;
      for (const verb of method === 'applyStatus' ? ['patch'] : (verbsOf[method]?.(type) ?? [])) {
        needed.add(permission(groupOf(type), resource, verb));
      }
    }
  }
  // Nobody may grant what he may not do himself.
  for (const granted of permissionsOf(agentRole(aBlueprint()).rules)) {
    needed.add(granted);
  }
  return needed;
}

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

function permissionsOf(rules: readonly Rule[]): readonly string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => permission(group, resource, verb))),
      ),
    )
    .toSorted();
}

function permission(group: string, resource: string, verb: string): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}

function groupOf({ apiVersion }: ResourceType): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}
