/** Specs as the API server lets them pass, for properties. */
import fc from 'fast-check';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import type { ClusterSource } from '../../src/resources/blueprint.ts';
import type { ResourceSettings } from '../../src/resources/resource-settings.ts';
import { someSettings } from './a-blueprint.ts';

const aWord = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const someWords = fc.dictionary(aWord, aWord, { maxKeys: 3, noNullPrototype: true });
const metadata = fc.record({ labels: someWords, annotations: someWords }, { requiredKeys: [] });

const cpu = fc.oneof(
  fc.integer({ min: 1, max: 4000 }).map((milli) => `${milli}m`),
  fc.integer({ min: 1, max: 8 }),
);
const memory = fc.integer({ min: 16, max: 4096 }).map((mebibytes) => `${mebibytes}Mi`);
const quantities = fc.record({ cpu, memory }, { requiredKeys: [] });

const storage = fc.oneof(
  fc.record(
    {
      size: fc.integer({ min: 1, max: 100 }).map((gibibytes) => `${gibibytes}Gi`),
      storageClassName: aWord,
      medium: fc.constant('Persistent' as const),
      retentionPolicy: fc.record(
        {
          whenDeleted: fc.constantFrom('Retain' as const, 'Delete' as const),
          whenScaled: fc.constantFrom('Retain' as const, 'Delete' as const),
        },
        { requiredKeys: [] },
      ),
      volumeClaimTemplate: fc.record({ metadata, spec: fc.constant({}) }, { requiredKeys: ['spec'] }),
    },
    { requiredKeys: [] },
  ),
  fc.constant({ medium: 'Ephemeral' as const, size: '2Gi' }),
);

const podTemplate = fc.record(
  {
    metadata,
    nodeSelector: someWords,
    priorityClassName: aWord,
    terminationGracePeriodSeconds: fc.integer({ min: 20, max: 3600 }),
    env: fc.uniqueArray(aWord, { maxLength: 3 }).map((names) => names.map((name) => ({ name, value: '1' }))),
  },
  { requiredKeys: [] },
);

/** Everything but the resources, of which only requests within limits are valid. */
const rest = fc.record(
  {
    size: fc.constantFrom(0, 1, 3, 5, 7, 9),
    version: fc.constantFrom('3.5.9', 'v3.5.16', '3.5.35', 'v3.6.16', '3.7.3'),
    repository: fc.constantFrom('quay.io/coreos/etcd', 'localhost:5000/etcd', 'docker.io/bitnami/etcd'),
    storage,
    security: fc.record({ networkPolicy: fc.boolean() }, { requiredKeys: [] }),
    etcd: fc.record(
      {
        quotaBackendBytes: fc.constantFrom('256Mi', 536870912),
        snapshotCount: fc.integer({ min: 1, max: 9999 }),
      },
      { requiredKeys: [] },
    ),
    podTemplate,
    clientService: fc.record({ annotations: someWords }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

/** One of the two, since a request given beside a smaller limit is refused at admission. */
const resources = fc.oneof(
  fc.record({ requests: quantities }),
  fc.record({ limits: quantities }),
  fc.constant({}),
);

export const anySpec: fc.Arbitrary<EtcdClusterSpec> = fc
  .tuple(rest, resources)
  .map(([spec, given]) => ({ ...spec, resources: given }));

export const anySettings: fc.Arbitrary<ResourceSettings> = fc
  .record({
    sidecarMode: fc.constantFrom('native' as const, 'ordinary' as const),
    kubernetesMinor: fc.integer({ min: 22, max: 36 }),
    clusterDomain: fc.constantFrom('cluster.local', 'k8s.example'),
    operator: fc.constantFrom(undefined, someSettings().operator),
  })
  .map(someSettings);

export const anyIdentity: fc.Arbitrary<Pick<ClusterSource, 'name' | 'namespace' | 'uid'>> = fc.record({
  name: fc.stringMatching(/^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/),
  namespace: fc.option(aWord, { nil: undefined }),
  uid: fc.option(fc.uuid(), { nil: undefined }),
});
