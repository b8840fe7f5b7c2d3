/** Clusters in any state that a pass may find them in, beside a namesake in another namespace. */
import fc from 'fast-check';
import { ADOPT_ANNOTATION, DISCARD_ANNOTATION } from '../../src/api/annotations.ts';
import type { LiveObject, ObjectMeta } from '../../src/kube/kube-object.ts';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { type FormationRecord, formatFormationRecord } from '../../src/model/formation-record.ts';
import type { ClusterViews } from '../../src/operator/cache/cluster-views.ts';
import { keepPart } from '../../src/operator/cache/keep-parts.ts';
import { readCluster } from '../../src/operator/cache/read-cluster.ts';
import { CLAIM, CONFIG_MAP, POD, STATEFUL_SET } from '../../src/operator/kinds.ts';
import { markOf } from '../../src/operator/pass/applied-objects.ts';
import { FINALIZER } from '../../src/operator/steps/claim-cluster.ts';
import { CLUSTER_LABEL } from '../../src/resources/labels.ts';
import { claimNameOf, objectNamesOf, podNameOf } from '../../src/resources/names.ts';
import { TLS_ANNOTATION } from '../../src/resources/tls-mode.ts';
import { anySpec } from '../resources/any-spec.ts';
import { blocked, formed, unformed } from '../support/a-member-view.ts';
import { anyOf, installedSchema } from '../support/schema-arbitrary.ts';
import { withAnyPart } from '../support/wrong-types.ts';

export const NETWORK_POLICY: ResourceType = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
};

/** What there is of one cluster. */
export type World = {
  readonly namespace: string;
  readonly name: string;
  readonly cluster: LiveObject;
  readonly children: readonly (readonly [ResourceType, LiveObject])[];
};

const aDay = (day: number): string => `2026-01-0${day}T03:04:05Z`;

const { spec: specSchema = {} } = installedSchema('etcdclusters').properties ?? {};
const tls = fc.record(
  {
    enabled: fc.boolean(),
    autoTLS: fc.constant(true),
    certificateSecret: fc.constantFrom('mine', '../other/secrets/theirs', '..'),
    caSecret: fc.constantFrom('mine-ca', 'other/theirs'),
    rotationPeriod: fc.constant('24h'),
  },
  { requiredKeys: ['enabled'], noNullPrototype: true },
);
const spec = fc.oneof(
  { weight: 3, arbitrary: anySpec },
  { weight: 3, arbitrary: fc.tuple(anySpec, tls).map(([some, tls]) => ({ ...some, security: { tls } })) },
  { weight: 1, arbitrary: withAnyPart(anyOf(specSchema)) },
);

const annotations = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { [ADOPT_ANNOTATION]: 'true' },
  { [DISCARD_ANNOTATION]: 'true' },
  { 'etcd.etcd.io/rotate-authority': 'now', 'etcd.etcd.io/max-learners': '8' },
);

const record = fc.constantFrom<FormationRecord>(unformed(), formed(), blocked());
const mode = fc.constantFrom('client=plain,peer=plain', 'client=both,peer=prepared', 'client=tls,peer=tls');
const aName = fc.stringMatching(/^[a-z]([-a-z0-9]{0,12}[a-z0-9])?$/);

const anyFact = {
  name: aName,
  namespace: fc.oneof(aName, fc.constantFrom('default', 'kube-system', 'quorate-system')),
  spec,
  annotations,
  isClaimed: fc.boolean(),
  isLeaving: fc.nat(3).map((draw) => draw === 0),
  record: fc.option(record, { nil: undefined }),
  pods: fc.integer({ min: 0, max: 3 }),
  arePodsUp: fc.boolean(),
  claims: fc.integer({ min: 0, max: 4 }),
  areClaimsOld: fc.boolean(),
  hasSet: fc.boolean(),
  hasPolicy: fc.boolean(),
  revision: fc.constantFrom('r1', 'r2'),
  mode,
};

/** One that is as it shall be, but perhaps for the revision of its Pods. */
const wholeFact = {
  ...anyFact,
  spec: fc.constant({ size: 3, version: '3.6.16' }),
  isLeaving: fc.constant(false),
  record: fc.constant(formed()),
  pods: fc.constant(3),
  arePodsUp: fc.constant(true),
  hasSet: fc.constant(true),
  mode: fc.constant('client=plain,peer=plain'),
};

/** A cluster, whatever there is of it. */
export const anyWorld: fc.Arbitrary<World> = fc
  .oneof({ weight: 4, arbitrary: fc.record(anyFact) }, { weight: 1, arbitrary: fc.record(wholeFact) })
  .map(worldOf);

/** A cluster that is as it shall be, but for these facts. */
export function aWorld(facts: Partial<Facts> = {}): World {
  return worldOf({
    name: 'demo',
    namespace: 'shop',
    spec: { size: 3, version: '3.6.16' },
    annotations: {},
    isClaimed: true,
    isLeaving: false,
    record: formed(),
    pods: 3,
    arePodsUp: true,
    claims: 3,
    areClaimsOld: false,
    hasSet: true,
    hasPolicy: false,
    revision: 'r1',
    mode: 'client=plain,peer=plain',
    ...facts,
  });
}

type Facts = {
  readonly name: string;
  readonly namespace: string;
  readonly spec: unknown;
  readonly annotations: Readonly<Record<string, string>>;
  readonly isClaimed: boolean;
  readonly isLeaving: boolean;
  readonly record: FormationRecord | undefined;
  readonly pods: number;
  readonly arePodsUp: boolean;
  readonly claims: number;
  readonly areClaimsOld: boolean;
  readonly hasSet: boolean;
  readonly hasPolicy: boolean;
  readonly revision: string;
  readonly mode: string;
};

function worldOf(facts: Facts): World {
  const { namespace, name } = facts;
  return { namespace, name, cluster: clusterOf(facts), children: childrenOf(facts) };
}

function clusterOf({ name, namespace, spec, annotations, isClaimed, isLeaving }: Facts): LiveObject {
  return {
    metadata: {
      ...metadataOf({ name, namespace }, name, 'cluster'),
      creationTimestamp: aDay(2),
      annotations,
      ...(isClaimed ? { finalizers: [FINALIZER] } : {}),
      ...(isLeaving ? { deletionTimestamp: aDay(3) } : {}),
    },
    spec,
  };
}

function childrenOf(facts: Facts): World['children'] {
  const { name, hasSet, hasPolicy, record, revision, mode } = facts;
  const version = { 'app.kubernetes.io/version': 'v3.6.16' };
  const template = { metadata: { labels: version, annotations: { [TLS_ANNOTATION]: mode } } };
  const set = {
    metadata: metadataOf(facts, name, 'set'),
    spec: { replicas: facts.pods, template },
    status: { observedGeneration: 1, updateRevision: revision },
  };
  const pods = ordinals(facts.pods).map((ordinal) => podOf(facts, ordinal));
  const claims = ordinals(facts.claims).map((ordinal) => claimOf(facts, ordinal));
  const formation = metadataOf(facts, objectNamesOf(name).formation, 'formation');
  return [
    ...(hasSet ? [[STATEFUL_SET, set] as const] : []),
    ...(hasPolicy ? [[NETWORK_POLICY, { metadata: metadataOf(facts, name, 'policy') }] as const] : []),
    ...pods.map((pod) => [POD, pod] as const),
    ...claims.map((claim) => [CLAIM, claim] as const),
    ...(record === undefined
      ? []
      : [[CONFIG_MAP, { metadata: formation, data: { record: formatFormationRecord(record) } }] as const]),
  ];
}

function podOf({ name, namespace, mode, arePodsUp }: Facts, ordinal: number): LiveObject {
  const metadata = metadataOf({ name, namespace }, podNameOf(name, ordinal), `pod-${ordinal}`);
  const labels = {
    ...metadata.labels,
    'app.kubernetes.io/version': 'v3.6.16',
    'controller-revision-hash': 'r1',
  };
  return {
    metadata: { ...metadata, labels, annotations: { [TLS_ANNOTATION]: mode }, creationTimestamp: aDay(2) },
    status: {
      podIP: `10.0.0.${ordinal}`,
      containerStatuses: [{ name: 'etcd', ready: arePodsUp, state: arePodsUp ? { running: {} } : {} }],
    },
  };
}

function claimOf({ name, namespace, areClaimsOld }: Facts, ordinal: number): LiveObject {
  const metadata = metadataOf({ name, namespace }, claimNameOf(name, ordinal), `claim-${ordinal}`);
  return {
    metadata: { ...metadata, creationTimestamp: aDay(areClaimsOld ? 1 : 2) },
    spec: { resources: { requests: { storage: '1Gi' } } },
    status: { capacity: { storage: '1Gi' } },
  };
}

function metadataOf(
  { namespace, name: cluster }: Pick<Facts, 'namespace' | 'name'>,
  name: string,
  uid: string,
): ObjectMeta & { readonly uid: string; readonly resourceVersion: string } {
  const labels = { [CLUSTER_LABEL]: cluster, 'app.kubernetes.io/managed-by': 'quorate' };
  return { name, namespace, uid, resourceVersion: '7', generation: 1, labels };
}

function ordinals(count: number): readonly number[] {
  return Array.from({ length: count }, (_, ordinal) => ordinal);
}

/** Views that show these worlds. */
export function viewsOf(worlds: readonly World[]): ClusterViews {
  return {
    run: async () => {},
    whenSynced: async () => {},
    cluster: (key) => {
      const world = worlds.find(({ namespace, name }) => `${namespace}/${name}` === key);
      return world === undefined ? undefined : readCluster(world.cluster);
    },
    child: (type, namespace, name) => {
      const world = worlds.find((each) => each.namespace === namespace);
      const found = world?.children.find(
        ([kind, { metadata }]) => kind.kind === type.kind && metadata.name === name,
      );
      return world === undefined || found === undefined
        ? undefined
        : {
            ...markOf(found[1]),
            cluster: `${namespace}/${world.name}`,
            part: keepPart(found[0], world.name, found[1]),
          };
    },
  };
}
